"""Changes a service's settings while it runs: hears `setting_change`, judges as at a start, says what came of it.

setting_change → its field, is it live? → all settings read anew → the service's `settings_changed` → setting_changed
                                                                                           or ask_refused
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from galileo_schemas.event import Event
from galileo_schemas.events import AskRefused, SettingChange, SettingChanged
from galileo_schemas.frame import RawFrame

from galileo_bus.service.service import Service
from galileo_bus.service.settings import Effective, SettingError, Settings, as_text


@dataclass(frozen=True, slots=True)
class Change:
    """What a change makes of the settings, and of the environment that they are read from; values as texts."""

    settings: Settings
    environ: Mapping[str, str]
    before: str
    after: str


def changed(kind: type[Settings], environ: Mapping[str, str], variable: str, value: str) -> Change:
    """The settings with one variable changed. Raises `SettingError` for one line that says why not."""
    rows = kind.effective(environ)
    row = next((row for row in rows if row.variable.reads(variable)), None)
    live = [name for row in rows if row.variable.live for name in row.variable.names]
    there = f"can be changed while it runs: {', '.join(live) or 'none'}"
    if row is None:
        near = difflib.get_close_matches(variable, live, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise SettingError(f"{variable}: no such setting here; {meant}{there}")
    if not row.variable.live:
        raise SettingError(f"{variable}: takes effect at a start only; {there}")
    wanted = {**environ, variable: value}
    after = next(new for new in kind.effective(wanted) if new.field == row.field)
    if after.given_by != variable and not after.variable.is_family:
        raise SettingError(f"{variable}: {after.given_by} is set and goes before it; change that one")
    return Change(kind.load(wanted), wanted, _text(row, variable), _text(after, variable))


def _text(row: Effective, variable: str) -> str:
    value = row.value
    if isinstance(value, dict):
        value = value.get(row.variable.member(variable))
    return as_text(value)


class LiveSettings:
    """Listens for one service, which is meant by its name or by `instance`."""

    def __init__(self, service: Service, environ: Mapping[str, str], *, instance: str) -> None:
        self._service = service
        self._environ = environ
        self._names = {service.name, instance}

    async def hear(self, event: Event, _frame: RawFrame) -> None:
        """Takes a `setting_change`, if it is this service's."""
        if not isinstance(event, SettingChange) or event.service not in self._names:
            return
        service = self._service
        cause = (event.meta.id,) if event.meta is not None and event.meta.id else ()
        try:
            change = self._apply(event)
        except SettingError as error:
            service.log.warning("a change of settings is refused: %s", error)
            await service.bus.say(AskRefused(ask="setting_change", reason=f"{event.service}: {error}"), cause=cause)
            return
        service.log.info("%s=%s from now on (was %s)", event.variable, change.after, change.before)
        said = SettingChanged(service=event.service, variable=event.variable, value=change.after, before=change.before)
        await service.bus.say(said, cause=cause)

    def _apply(self, event: SettingChange) -> Change:
        service, before = self._service, self._service.settings
        change = changed(service.settings_type(), self._environ, event.variable, event.value)
        service.settings = change.settings
        try:
            service.settings_changed(before)
        except SettingError:
            service.settings = before
            raise
        self._environ = change.environ
        return change
