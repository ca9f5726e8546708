"""One run of the pressure calculator: from what is known to the pressures and the decisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from galileo_context.cluster import Cluster
from galileo_schemas.events import ScaleImpossible, ScaleSchedule

from galileo_services.pressure_calculator.open_decisions import OpenDecisions
from galileo_services.pressure_calculator.parameters import Parameters, Strategy
from galileo_services.pressure_calculator.restore import restore
from galileo_services.pressure_calculator.scale_down import low_places, low_since, scale_down
from galileo_services.pressure_calculator.scale_up import scale_up
from galileo_services.pressure_calculator.table import (
    GatewayPressure,
    PressureRow,
    gateway_pressures,
    pressure_rows,
)
from galileo_services.pressure_calculator.traffic import Place, Traffic, traffic_of


@dataclass(slots=True)
class DeciderState:
    """What one run leaves for the next. The shell calls `open.fail` when it hears of a `pod_failed`.

    `low_since`: since when there has been little pressure. `hindered`: what was last said to be impossible, and why.
    """

    open: OpenDecisions = field(default_factory=OpenDecisions)
    low_since: dict[Place, float] = field(default_factory=dict)
    hindered: dict[tuple[str, str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run found. `decisions` are to be said in this order; `impossible` holds only what was not said before."""

    rows: list[PressureRow]
    gateways: list[GatewayPressure]
    traffic: Traffic
    decisions: list[ScaleSchedule] = field(default_factory=list)
    impossible: list[ScaleImpossible] = field(default_factory=list)


def decide(
    cluster: Cluster, state: DeciderState, parameters: Parameters, *, now: float, new_id: Callable[[], str]
) -> Outcome:
    """Pressures and decisions at `now` (unix seconds, the clock of the events); `state` is brought up to date.

    With the strategy `static` there are pressures and no decisions. `new_id` gives each decision its id.
    """
    state.open.close(cluster, now)
    traffic = traffic_of(cluster, now, parameters.lookback_s)
    rows = pressure_rows(cluster, traffic, parameters, now)
    gateways = gateway_pressures(cluster, rows)
    if parameters.strategy is Strategy.STATIC:
        return Outcome(rows=rows, gateways=gateways, traffic=traffic)
    # Up before down: what comes must be known where something might go.
    restored = restore(cluster, state.open, parameters, now=now, new_id=new_id)
    up = scale_up(rows, cluster, state.open, parameters, now=now, new_id=new_id)
    low = low_places(rows, traffic, cluster, parameters.min_threshold)
    state.low_since = low_since(state.low_since, low, now)
    down = scale_down(low, state.low_since, cluster, state.open, parameters, now=now, new_id=new_id)
    return Outcome(
        rows=rows,
        gateways=gateways,
        traffic=traffic,
        decisions=[*restored.decisions, *up.decisions, *down],
        impossible=_news(state, [*restored.impossible, *up.impossible]),
    )


def _news(state: DeciderState, impossible: list[ScaleImpossible]) -> list[ScaleImpossible]:
    before = state.hindered
    keyed = [((event.fn, event.origin_zone, event.dest_zone), event) for event in impossible]
    state.hindered = {key: event.reason for key, event in keyed}
    return [event for key, event in keyed if before.get(key) != event.reason]
