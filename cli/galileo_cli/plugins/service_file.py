"""Services in a Python file, wherever it lies: alone, beside modules of its own, or in a package of another project.

file → its package, if it has one → a module name that is free → imported → the services that it defines

What lies beside the file can be imported, and so can what the project's folder and the current folder hold. These come
last on the path, so that a neighbour called `queue.py` or `redis.py` takes nobody else's place.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from galileo_bus.service import Service
from galileo_bus.service.service import marked_methods
from galileo_schemas.event import KINDS_BY_TYPE

from galileo_cli.plugins.loading import PluginError, loading


def load_file(path: Path) -> ModuleType:
    """The module in a file, loaded once. Raises `PluginError`."""
    if not path.is_file():
        raise PluginError(f"{path}: there is no such file")
    file = path.resolve()
    name, root = _module_name(file)
    for folder in (file.parent, root, Path.cwd()):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    with loading(str(path)):
        return _load_from_package(file, name) if "." in name else _load_alone(file, name)


def load_module(name: str) -> ModuleType:
    """A module by its name, also one in the current folder. Raises `PluginError`."""
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    with loading(name):
        return importlib.import_module(name)


def services_in(module: ModuleType, *, where: str) -> list[type[Service]]:
    """The services that a module defines, in its order; not those it merely imports. Raises `PluginError`."""
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Service) and value.__module__ == module.__name__
    ]
    bases = {base for value in found for base in value.__mro__[1:]}
    services = [value for value in found if value not in bases or hasattr(value, "name")]
    if not services:
        raise PluginError(f"{where}: defines no subclass of galileo_bus.service.Service")
    for service in services:
        if not isinstance(getattr(service, "name", None), str):
            raise PluginError(f'{where}: {service.__name__} has no name; expected name = "…" in its body')
    return services


def refuse_unregistered(services: Iterable[type[Service]], *, where: str) -> None:
    """Raises `PluginError` for a handler of a type that is no event on the wire: nobody could say it."""
    for service in services:
        for marked in marked_methods(service):
            for event_type in (*marked.handles, *marked.watches):
                if event_type not in KINDS_BY_TYPE:
                    name = getattr(event_type, "__name__", repr(event_type))
                    handler = f"{service.__name__}.{marked.name}"
                    expected = 'expected @event("its_name", Delivery.…) above the type'
                    raise PluginError(f"{where}: {handler} takes {name}, which is no registered event; {expected}")


def _module_name(file: Path) -> tuple[str, Path]:
    """The dotted name by which its project imports a file, and the folder that the name starts from."""
    parts, folder = [file.stem], file.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts), folder


def _load_from_package(file: Path, name: str) -> ModuleType:
    package = name.partition(".")[0]
    top = importlib.import_module(package)
    if not any(file.is_relative_to(Path(folder).resolve()) for folder in getattr(top, "__path__", ())):
        taken = getattr(top, "__file__", None) or "a part of Python"
        raise PluginError(
            f"{file.name}: its package {package} has a name that is taken by {taken}; rename the folder, or remove "
            "its __init__.py"
        )
    return importlib.import_module(name)


def _load_alone(file: Path, name: str) -> ModuleType:
    loaded = sys.modules.get(name)
    if loaded is not None and _is_of(getattr(loaded, "__file__", None), file):
        return loaded
    if _is_taken(file, name):
        name = f"{name}_in_{file.parent.name}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise PluginError(f"{file.name}: is no Python file; expected a name that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _is_taken(file: Path, name: str) -> bool:
    """Whether other code is, or would be, imported by that name."""
    if name in sys.modules or name in sys.stdlib_module_names:
        return True
    spec = importlib.util.find_spec(name)
    return spec is not None and not _is_of(spec.origin, file)


def _is_of(origin: str | None, file: Path) -> bool:
    return origin is not None and Path(origin).resolve() == file
