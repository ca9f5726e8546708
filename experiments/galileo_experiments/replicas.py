"""Replicas over time: how many pods of each function run in each zone, told from the pods' life-cycle events."""

from __future__ import annotations

from collections import Counter

from galileo_schemas import labels
from galileo_schemas.events import NodeUpdate, PodRunning, PodState

from galileo_experiments.recorded_run import RecordedRun, node_zones, zone_of_pod
from galileo_experiments.report import ReplicaRow

Where = tuple[str, str]
"""A function and a zone."""


def replica_series(run: RecordedRun) -> list[ReplicaRow]:
    """A row at 0 for every function and zone, then one at each change while the load ran.

    A pod counts from its first `pod/running` until it is being deleted, has ended or is gone, but not while its node
    is said not to be ready.
    """
    present = _Present(node_zones(run.scenario, run.log))
    rows = {(function.name, zone.name): 0 for function in run.scenario.functions for zone in run.scenario.zones}
    changes: list[ReplicaRow] = []
    told: list[tuple[float, PodState | NodeUpdate]] = [(said.ts, said.event) for said in run.log.nodes]
    told += [(said.ts, said.event) for said in run.log.pods]
    for ts, event in sorted(told, key=lambda pair: pair[0]):
        if ts > run.facts.end:
            break
        t_s = ts - run.facts.start
        for where, running in present.note(event):
            if t_s <= 0:
                rows[where] = running
            else:
                rows.setdefault(where, 0)
                changes.append(ReplicaRow(t_s=round(t_s, 3), fn=where[0], zone=where[1], running=running))
    return [ReplicaRow(t_s=0.0, fn=fn, zone=zone, running=count) for (fn, zone), count in rows.items()] + changes


class _Present:
    """The replicas that run, by uid, and the nodes that are not ready."""

    def __init__(self, zones: dict[str, str]) -> None:
        self._zones = zones
        self._homes: dict[str, tuple[Where, str]] = {}
        self._down: set[str] = set()
        self._counts: Counter[Where] = Counter()

    def note(self, event: PodState | NodeUpdate) -> list[tuple[Where, int]]:
        """Takes an event into account; the functions and zones whose number has changed, and what it is now."""
        if isinstance(event, NodeUpdate):
            (self._down.discard if event.ready and event.present else self._down.add)(event.name)
        elif is_replica(event):
            if isinstance(event, PodRunning) and not event.deletion_timestamp:
                where = (event.labels[labels.FUNCTION], zone_of_pod(event, self._zones))
                self._homes.setdefault(event.pod_uid, (where, event.node_name))
            else:
                self._homes.pop(event.pod_uid, None)
        counts = Counter(where for where, node in self._homes.values() if node not in self._down)
        changed = [where for where in counts.keys() | self._counts.keys() if counts[where] != self._counts[where]]
        self._counts = counts
        return [(where, counts[where]) for where in sorted(changed)]


def is_replica(pod: PodState) -> bool:
    """Whether a pod is a function's, not a gateway or a client."""
    function = pod.labels.get(labels.FUNCTION)
    kind = labels.type_of(pod.labels)
    return bool(function) and function != labels.CLIENT_FUNCTION and kind in (None, labels.TYPE_FUNCTION)
