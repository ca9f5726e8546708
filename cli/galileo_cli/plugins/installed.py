"""Installed plug-ins: entry points of the group `galileo.services`, each the class of a service.

    [project.entry-points."galileo.services"]
    hot_gateways = "hot_gateways:HotGateways"

Their names are known without importing them. One that cannot be loaded is told of in one line, with its distribution,
and the others go on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points

from galileo_bus.service import Service

from galileo_cli.plugins.loading import PluginError, loading

GROUP = "galileo.services"


def installed_names() -> list[str]:
    """The names of all installed plug-ins, sorted."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def installed_entry(name: str) -> EntryPoint | None:
    """The plug-in of that name, None when none is installed. Raises `PluginError` when there are two."""
    found = {(distribution_of(entry), entry.value): entry for entry in entry_points(group=GROUP, name=name)}
    if len(found) > 1:
        them = ", ".join(sorted(f"{value} of {distribution}" for distribution, value in found))
        raise PluginError(f"two plug-ins are called {name!r}: {them}; uninstall one of them")
    return next(iter(found.values()), None)


def installed_service(name: str) -> type[Service] | None:
    """The class of a plug-in's service, None when none of that name is installed. Raises `PluginError`."""
    entry = installed_entry(name)
    if entry is None:
        return None
    with loading(told(entry)):
        found = entry.load()
    if isinstance(found, type) and issubclass(found, Service):
        return found
    raise PluginError(f"{told(entry)}: {entry.value} is no service: expected a subclass of galileo_bus.service.Service")


def load_installed() -> Iterator[type[Service] | PluginError]:
    """All installed plug-ins one by one, in place of each that cannot be loaded the reason. Registers their events."""
    for name in installed_names():
        try:
            found = installed_service(name)
        except PluginError as error:
            yield error
        else:
            if found is not None:
                yield found


def know_installed_events() -> None:
    """Imports all plug-ins, so that the types of their events are known; tells on standard error which cannot be."""
    for found in load_installed():
        if isinstance(found, PluginError):
            print(f"galileo: {found}; its events are not known", file=sys.stderr)


def told(entry: EntryPoint) -> str:
    """A plug-in in words."""
    return f"the plug-in {entry.name} of {distribution_of(entry)}"


def distribution_of(entry: EntryPoint) -> str:
    """Name and version of what brought it."""
    return "an unknown distribution" if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
