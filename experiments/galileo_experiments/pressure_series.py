"""Pressure over time, put together again from what the pressure calculator said.

It says each factor as an event of its own: per gateway, function and client zone, or, for CPU use, per function and
zone. A round of evaluation is a run of such events without a pause and without a repetition; within a round the
factors that the settings name are multiplied, as the calculator does.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from galileo_schemas import events
from galileo_schemas.event import Event
from galileo_schemas.events import SettingChanged

from galileo_experiments.event_log import Said
from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import GatewayPressureRow, PressureRow, ThresholdRow

DEFAULT_PRESSURES = "request,rtt_log,cpu_usage"
_UPPER, _LOWER = "schedule_scale_opt_max_threshold", "schedule_scale_opt_min_threshold"
_CPU = "cpu_usage"
_PAUSE_S = 0.5
_ROWS = (
    events.PressureReq,
    events.PressureRttLog,
    events.PressureDist,
    events.PressureLatencyRequirement,
    events.PressureLatencyReq,
    events.PressureLatencyReqLog,
)
_Row = (
    events.PressureReq
    | events.PressureRttLog
    | events.PressureDist
    | events.PressureLatencyRequirement
    | events.PressureLatencyReq
    | events.PressureLatencyReqLog
)
_FACTORS: Mapping[type[Event], str] = {
    events.PressureReq: "request",
    events.PressureRttLog: "rtt_log",
    events.PressureDist: "network_distance",
    events.PressureLatencyRequirement: "latency_req_unbound",
    events.PressureLatencyReq: "latency_req_unbound",
    events.PressureLatencyReqLog: "latency_req_log",
    events.CpuUsagePressure: _CPU,
}
FACTORS = frozenset(_FACTORS.values())

_Key = tuple[str, str, str, str]
"""Gateway, zone, function, client; for CPU use gateway and client are empty."""
_Round = dict[tuple[_Key, str], float]


def configured_pressures(settings: Mapping[str, str]) -> list[str]:
    """The factors that are multiplied, from `schedule_scale_opt_pressures` (comma-joined)."""
    names = settings.get("schedule_scale_opt_pressures", DEFAULT_PRESSURES).split(",")
    return [name.strip() for name in names if name.strip()]


def pressure_series(run: RecordedRun) -> list[PressureRow]:
    """One row per round, gateway and function; a pair whose factors are incomplete in a round has none."""
    names = configured_pressures(run.scenario.settings)
    rows = []
    for ts, factors in _rounds(run.log.pressures):
        t_s = round(ts - run.facts.start, 3)
        for (gateway, zone, fn), values in _products(factors, names).items():
            mean = math.fsum(values) / len(values)
            rows.append(PressureRow(t_s=t_s, gateway=gateway, zone=zone, fn=fn, value=max(values), mean=mean))
    return rows


def gateway_pressure_series(run: RecordedRun) -> list[GatewayPressureRow]:
    """Each gateway's pressure over all functions."""
    return [
        GatewayPressureRow(
            t_s=round(said.ts - run.facts.start, 3),
            gateway=said.event.node,
            zone=said.event.zone,
            value=said.event.value,
        )
        for said in run.log.pressures
        if isinstance(said.event, events.ApiPressure)
    ]


def threshold_rows(run: RecordedRun) -> list[ThresholdRow]:
    """The thresholds at the start, and from each change on: as the decisions say them, or else the settings."""
    changes = [Said(said.ts, said.event) for said in run.log.asked_for if isinstance(said.event, SettingChanged)]
    upper = _limits(run, changes, _UPPER, delete=False)
    lower = _limits(run, changes, _LOWER, delete=True)
    rows: list[ThresholdRow] = []
    for t_s in sorted(upper.keys() | lower.keys()):
        held = rows[-1] if rows else ThresholdRow(t_s=0.0)
        rows.append(ThresholdRow(t_s=t_s, max=upper.get(t_s, held.max), min=lower.get(t_s, held.min)))
    return rows


def _limits(
    run: RecordedRun, changes: Sequence[Said[SettingChanged]], variable: str, *, delete: bool
) -> dict[float, float | None]:
    """One threshold by the time from which it held."""
    own = [said for said in changes if said.event.variable == variable]
    until = own[0].ts if own else math.inf
    said_by_decisions = [
        said.event.threshold
        for said in run.log.scalings
        if said.event.delete == delete and said.event.threshold is not None and said.ts < until
    ]
    at_start = own[0].event.before if own else run.scenario.settings.get(variable, "")
    limits = {0.0: said_by_decisions[-1] if said_by_decisions else _number(at_start)}
    for said in own:
        limits[round(said.ts - run.facts.start, 3)] = _number(said.event.value)
    return limits


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _rounds(pressures: Sequence[Said[Event]]) -> Iterator[tuple[float, _Round]]:
    """Each round with the time of its first event."""
    started = last = 0.0
    factors: _Round = {}
    for said in pressures:
        entry = _entry(said.event)
        if entry is None:
            continue
        key, value = entry
        if factors and (key in factors or said.ts - last > _PAUSE_S):
            yield started, factors
            factors = {}
        if not factors:
            started = said.ts
        last = said.ts
        factors[key] = value
    if factors:
        yield started, factors


def _entry(event: Event) -> tuple[tuple[_Key, str], float] | None:
    if isinstance(event, events.CpuUsagePressure):
        return (("", event.zone, event.fn, ""), _CPU), event.cpu_mean
    if isinstance(event, _ROWS) and event.fn:
        return ((event.gateway, event.zone, event.fn, event.client), _FACTORS[type(event)]), event.value
    return None


def _products(factors: _Round, names: Sequence[str]) -> dict[tuple[str, str, str], list[float]]:
    """Per gateway, zone and function: the product for each client zone whose factors are all there."""
    products: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    clients = dict.fromkeys(key for key, name in factors if name != _CPU)
    for key in clients:
        gateway, zone, fn, _client = key
        found = [factors.get((("", zone, fn, "") if name == _CPU else key, name)) for name in names]
        values = [value for value in found if value is not None]
        if values and len(values) == len(names):
            products[gateway, zone, fn].append(math.prod(values))
    return products
