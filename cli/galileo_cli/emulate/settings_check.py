"""A scenario's settings, looked at before anything starts: wrong values, and names that nobody reads."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from galileo_bus.service import SettingError, Settings
from galileo_experiments.scenario import Scenario

from galileo_cli.commands.config import SHARED
from galileo_cli.emulate.world_process import WorldSettings
from galileo_cli.service_table import SERVICES, service_class

_VARIABLE = re.compile(r"\w+")


def check_values(scenario: Scenario, environ: Mapping[str, str]) -> None:
    """Raises `SettingError` for the first value that a service of the scenario would refuse at its start.

    It says where in the scenario's file the value stands, if it does.
    """
    effective = {**environ, **scenario.environment}
    for settings in (*SHARED, *(service_class(name).settings_type() for name in scenario.services)):
        try:
            settings.load(effective)
        except SettingError as error:
            raise SettingError(_with_place(scenario, _VARIABLE.match(str(error)), str(error))) from None


def _with_place(scenario: Scenario, variable: re.Match[str] | None, error: str) -> str:
    """Such errors begin with their variable."""
    place = None if variable is None else scenario.setting_places.get(variable.group())
    return error if place is None else f"{place}: settings: {error}"


def unread_names(scenario: Scenario) -> list[str]:
    """A line for each setting that no service of ours reads; one's own services may."""
    known = [name for settings in _all_settings() for row in settings.effective({}) for name in row.variable.names]
    families = tuple(name.removesuffix("<fn>") for name in known if name.endswith("<fn>"))
    lines = []
    for name in scenario.settings:
        if name in known or name.startswith(families):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        place = scenario.setting_places.get(name)
        lines.append(
            (f"{place}: " if place else "")
            + f"settings.{name}: no service of Galileo reads this"
            + (f"; did you mean {near[0]}?" if near else "")
        )
    return lines


def _all_settings() -> list[type[Settings]]:
    return [*SHARED, WorldSettings, *(service_class(name).settings_type() for name in SERVICES)]
