"""What was done to a run from outside, or befell it: faults, nodes that were not ready, settings that were changed."""

from __future__ import annotations

from galileo_schemas.event import Event
from galileo_schemas.events import FaultBegun, FaultEnded, SettingChanged
from galileo_schemas.fault_fields import target_of, told

from galileo_experiments.event_log import EventLog, causes_of
from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report_course import FaultRow, NodeDownRow, SettingRow

_SCENARIO_PLAYER = "emulate"
_BY_HAND = "somebody"
_COMMAND = "galileo-cli"


def fault_rows(run: RecordedRun) -> list[FaultRow]:
    """Faults by the time they began. One that never ended has no end; one said twice while it lasts counts once."""
    rows: list[FaultRow] = []
    lasting: dict[tuple[str, ...], FaultRow] = {}
    for said in run.log.asked_for:
        event, t_s = said.event, round(said.ts - run.facts.start, 3)
        if isinstance(event, FaultBegun) and target_of(event) not in lasting:
            row = FaultRow(
                from_s=t_s,
                to_s=None,
                kind=event.kind,
                text=told(event),
                target=" and ".join(target_of(event)[1:]),
                by=who_asked(event, run.log),
            )
            lasting[target_of(event)] = row
            rows.append(row)
        elif isinstance(event, FaultEnded) and (ended := lasting.pop(target_of(event), None)) is not None:
            ended.to_s = t_s
    return rows


def setting_rows(run: RecordedRun) -> list[SettingRow]:
    """Settings that were changed while the run went on, by time."""
    return [
        SettingRow(
            t_s=round(said.ts - run.facts.start, 3),
            service=said.event.service,
            variable=said.event.variable,
            before=said.event.before,
            value=said.event.value,
            by=who_asked(said.event, run.log),
        )
        for said in run.log.asked_for
        if isinstance(said.event, SettingChanged)
    ]


def who_asked(event: Event, log: EventLog) -> str:
    """Who asked for what this event tells was done: the scenario, somebody by a command or by hand, or a service."""
    source = next((log.sources[cause] for cause in causes_of(event) if cause in log.sources), "")
    if source == _SCENARIO_PLAYER:
        return "the scenario"
    return _BY_HAND if source in ("", _COMMAND) else source


def node_down_rows(run: RecordedRun) -> list[NodeDownRow]:
    """When the cluster told that nodes were not ready or gone, while the load ran."""
    rows: list[NodeDownRow] = []
    down: dict[str, NodeDownRow] = {}
    for said in run.log.nodes:
        node, t_s = said.event, round(said.ts - run.facts.start, 3)
        if said.ts > run.facts.end:
            break
        if node.ready and node.present:
            back = down.pop(node.name, None)
            if back is not None:
                back.to_s = t_s
        elif node.name not in down:
            down[node.name] = NodeDownRow(node=node.name, zone=node.zone, from_s=t_s, to_s=None)
            rows.append(down[node.name])
    return [row for row in rows if row.to_s is None or row.to_s > 0]
