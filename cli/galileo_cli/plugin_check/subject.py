"""What is looked at: a plug-in's module, its services, its own event types, and the sources of all its modules.

A plug-in is a Python file, a module's name, or the name of an installed one. Its own modules are those of its package,
or, without one, those beside its file.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from galileo_bus.service import Service
from galileo_schemas.event import KINDS_BY_NAME, EventKind

from galileo_cli.plugins.installed import installed_names
from galileo_cli.plugins.loading import PluginError
from galileo_cli.plugins.service_file import load_file, load_module, services_in
from galileo_cli.service_table import SERVICES, service_class


@dataclass(frozen=True)
class Subject:
    """`entry_name`: the name by which it is installed, empty for one that is not."""

    module: ModuleType
    services: list[type[Service]]
    modules: list[ModuleType]
    kinds: list[EventKind]
    entry_name: str = ""

    @property
    def file(self) -> Path:
        """Where the services are written."""
        return Path(str(self.module.__file__))

    @property
    def is_installed(self) -> bool:
        """Whether it lies among installed packages, where tests usually are not."""
        return _lies_among_packages(self.module)


def subject_of(plugin: str) -> Subject:
    """Loads it. Raises `PluginError`."""
    if plugin.endswith(".py"):
        module = load_file(Path(plugin))
        return _subject(module, services_in(module, where=plugin))
    if plugin in SERVICES or plugin in installed_names():
        service = service_class(plugin)
        return _subject(sys.modules[service.__module__], [service], entry_name=plugin)
    if not _is_module(plugin):
        raise PluginError(f"{plugin!r} is no Python file, no installed plug-in and no module; expected one of these")
    module = load_module(plugin)
    return _subject(module, services_in(module, where=plugin))


def _is_module(name: str) -> bool:
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _subject(module: ModuleType, services: list[type[Service]], *, entry_name: str = "") -> Subject:
    modules = [found for found in list(sys.modules.values()) if _belongs(found, to=module)]
    names = {found.__name__ for found in modules}
    kinds = [kind for kind in KINDS_BY_NAME.values() if kind.type.__module__ in names]
    return Subject(module, services, modules, kinds, entry_name)


def _belongs(found: ModuleType, *, to: ModuleType) -> bool:
    if found is to:
        return True
    file, own = getattr(found, "__file__", None), Path(str(to.__file__))
    if file is None or not file.endswith(".py"):
        return False
    if to.__package__:
        return found.__name__.startswith(f"{to.__package__}.") or found.__name__ == to.__package__
    return Path(file).parent == own.parent and not _lies_among_packages(to)


def _lies_among_packages(module: ModuleType) -> bool:
    """Whether pip put it there: records of distributions lie beside."""
    folder = Path(str(module.__file__)).parents[len((module.__package__ or "").split(".")) if module.__package__ else 0]
    return any(folder.glob("*.dist-info"))
