"""Whether marked methods can be called as they will be: with events that are registered, and again and again."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator

from galileo_bus.service import Service
from galileo_bus.service.service import MarkedMethod, marked_methods
from galileo_schemas.event import KINDS_BY_TYPE

from galileo_cli.plugin_check.finding import Finding


def check_handlers(service: type[Service]) -> Iterator[Finding]:
    """All marked methods of a service."""
    for marked in marked_methods(service):
        where = f"{service.__name__}.{marked.name}"
        if not inspect.iscoroutinefunction(marked.method):
            yield Finding(f"{where} is awaited: write async def")
        if marked.handles or marked.watches:
            yield from _check_handler(where, marked)
        if marked.every is not None:
            yield from _check_interval(where, marked.every, service)


def _check_handler(where: str, marked: MarkedMethod) -> Iterator[Finding]:
    for event_type in (*marked.handles, *marked.watches):
        if event_type not in KINDS_BY_TYPE:
            name = getattr(event_type, "__name__", repr(event_type))
            yield Finding(
                f'{where}: {name} is no registered event: write @event("its_name", Delivery.…) above the type'
            )
    given = len(inspect.signature(marked.method).parameters) - 1
    if given not in (1, 2):
        yield Finding(f"{where} takes {given} arguments: it is called with (event), or with (event, frame)")


def _check_interval(where: str, interval: str | float, service: type[Service]) -> Iterator[Finding]:
    if not isinstance(interval, str):
        if interval <= 0:
            yield Finding(f"{where}: every {interval} s: expected more than 0")
        return
    try:
        fields = {field.name: field for field in dataclasses.fields(service.settings_type())}
    except (NameError, TypeError):
        return  # told by the check of the settings
    if interval not in fields:
        known = ", ".join(fields) or "none"
        yield Finding(f"{where}: @every({interval!r}) names no setting (there are: {known}): name one, or give seconds")
    elif not isinstance(fields[interval].default, int | float):
        yield Finding(f"{where}: the setting {interval} is no number: an interval is in seconds")
