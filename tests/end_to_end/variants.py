"""Variants of the default scenario, to be written as files: another length, other settings, fewer services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from galileo_experiments.scenario import ClientGroup, Phase, Scenario, ScheduledFault
from galileo_experiments.scenario_file import load_scenario


def people_move(
    *, duration_s: float, move_s: float, without: Sequence[str] = (), settings: dict[str, str] | None = None
) -> Scenario:
    """The default scenario, its people moving from zone-a to zone-b after `move_s` seconds."""
    scenario = load_scenario("default", duration_s=duration_s)
    return replace(
        scenario,
        clients=tuple(_moving(group, move_s=move_s, end_s=duration_s) for group in scenario.clients),
        services=tuple(name for name in scenario.services if name not in without),
        settings={**scenario.settings, **(settings or {})},
    )


def things_break(*, duration_s: float, faults: Sequence[ScheduledFault]) -> Scenario:
    """The default scenario, its people staying in zone-a, with faults."""
    scenario = people_move(duration_s=duration_s, move_s=duration_s / 2)
    staying = tuple(replace(group, phases=(replace(group.phases[0], end_s=duration_s),)) for group in scenario.clients)
    settings = {**scenario.settings, "latency_observer_check_interval": "0.3"}
    return replace(scenario, name="things-break", clients=staying, faults=tuple(faults), settings=settings)


def _moving(group: ClientGroup, *, move_s: float, end_s: float) -> ClientGroup:
    before, after = group.phases
    return replace(
        group,
        phases=(
            Phase(start_s=0.0, end_s=move_s, zone=before.zone, rps=before.rps),
            Phase(start_s=move_s, end_s=end_s, zone=after.zone, rps=after.rps),
        ),
    )
