"""The life of each pod as events and answers tell it: created, bound, running, serving, being deleted, gone."""

from __future__ import annotations

from dataclasses import dataclass, field

from galileo_schemas import labels
from galileo_schemas.events import (
    PodBound,
    PodCreate,
    PodCreated,
    PodDelete,
    PodDeleted,
    PodFailed,
    PodRunning,
    PodShutdown,
    PodState,
    PodUnschedulable,
    WeightUpdate,
)

from galileo_experiments.event_log import source_of
from galileo_experiments.recorded_run import RecordedRun, node_zones, zone_of_pod
from galileo_experiments.replicas import is_replica


@dataclass(slots=True)
class PodLife:
    """One pod of a function; times are seconds after the start of the load, None for what was never told."""

    name: str
    fn: str
    zone: str = ""
    node: str = ""
    address: str = ""
    created_s: float | None = None
    created_by: str = ""
    bound_s: float | None = None
    scheduler: str = ""
    ready_s: float | None = None
    serves_s: float | None = None
    weighted_s: float | None = None
    """When weights first named it."""
    asked_to_go_s: float | None = None
    asked_to_go_by: str = ""
    leaves_s: float | None = None
    leaves_because: str = ""
    gone_s: float | None = None
    troubles: list[tuple[float, str]] = field(default_factory=list)
    """What kept it from being created, placed or run, once each."""

    def trouble(self, t_s: float, text: str) -> None:
        """Keeps what went wrong, the first time that it is said."""
        if all(text != known for _t_s, known in self.troubles):
            self.troubles.append((t_s, text))


def pod_lives(run: RecordedRun) -> dict[str, PodLife]:
    """By name, all pods of functions that events tell of, in the order in which they were first told of."""
    lives: dict[str, PodLife] = {}
    zones = node_zones(run.scenario, run.log)
    for said in run.log.pods:
        if is_replica(said.event):
            life = lives.setdefault(said.event.name, PodLife(said.event.name, said.event.labels[labels.FUNCTION]))
            _note_state(life, said.event, said.ts - run.facts.start, zones)
    _note_actions(run, lives)
    _note_answers(run, lives)
    _note_weights(run, lives)
    return lives


def _note_state(life: PodLife, pod: PodState, t_s: float, zones: dict[str, str]) -> None:
    life.node = pod.node_name or life.node
    life.address = pod.pod_ip or life.address
    life.zone = zone_of_pod(pod, zones)
    leaving = isinstance(pod, PodShutdown | PodDelete) or bool(pod.deletion_timestamp)
    if isinstance(pod, PodCreate) and life.created_s is None:
        life.created_s = t_s
    if isinstance(pod, PodRunning) and pod.ready and not leaving and life.ready_s is None:
        life.ready_s = t_s
    if leaving and life.leaves_s is None:
        life.leaves_s, life.leaves_because = t_s, ": ".join(filter(None, (pod.reason, pod.message)))
    if isinstance(pod, PodDelete):
        life.gone_s = t_s
    if pod.reason and not leaving:
        life.trouble(t_s, f"waits: {': '.join(filter(None, (pod.reason, pod.message)))}")


def _note_actions(run: RecordedRun, lives: dict[str, PodLife]) -> None:
    for said in run.log.actions:
        event, t_s = said.event, said.ts - run.facts.start
        if not isinstance(event, PodCreated | PodBound | PodDeleted | PodFailed | PodUnschedulable):
            continue
        life = lives.get(event.pod)
        if life is None:
            if isinstance(event, PodBound | PodUnschedulable) and not event.fn:
                continue  # a gateway or a client
            life = lives[event.pod] = PodLife(event.pod, event.fn)
        match event:
            case PodCreated():
                life.created_s, life.created_by = t_s, source_of(event)
            case PodBound():
                life.bound_s, life.scheduler, life.node = t_s, event.scheduler, event.node
            case PodDeleted():
                life.asked_to_go_s, life.asked_to_go_by = t_s, source_of(event)
            case PodFailed():
                life.trouble(t_s, f"failed: {event.reason}: {event.message}".rstrip(": "))
            case PodUnschedulable():
                life.trouble(t_s, f"cannot be placed: {event.message}")


def _by_address(lives: dict[str, PodLife]) -> dict[str, list[PodLife]]:
    """Addresses are used again: whose it was at a time is told by when a pod lived."""
    found: dict[str, list[PodLife]] = {}
    for life in lives.values():
        if life.address:
            found.setdefault(life.address, []).append(life)
    return found


def _lived(life: PodLife, at_s: float) -> bool:
    born_s = life.created_s if life.created_s is not None else life.bound_s
    return (born_s is None or at_s >= born_s) and (life.gone_s is None or at_s <= life.gone_s)


def _note_answers(run: RecordedRun, lives: dict[str, PodLife]) -> None:
    by_address = _by_address(lives)
    for request in run.requests:
        for life in by_address.get(request.pod.partition(":")[0], ()):
            earlier = life.serves_s is None or request.done_s < life.serves_s
            if earlier and _lived(life, request.done_s):
                life.serves_s = request.done_s


def _note_weights(run: RecordedRun, lives: dict[str, PodLife]) -> None:
    by_address = _by_address(lives)
    for said in run.log.of(WeightUpdate):
        t_s = said.ts - run.facts.start
        for address in said.event.weights.ips:
            for life in by_address.get(address.partition(":")[0], ()):
                if life.weighted_s is None and life.fn == said.event.fn and _lived(life, t_s):
                    life.weighted_s = t_s
