"""Replicas over time: how many pods of each function run in each zone, told from the pods' life-cycle events."""

from __future__ import annotations

from collections import Counter

from galileo_schemas import labels
from galileo_schemas.events import PodRunning, PodState

from galileo_experiments.recorded_run import RecordedRun, node_zones, zone_of_pod
from galileo_experiments.report import ReplicaRow

Where = tuple[str, str]
"""A function and a zone."""


def replica_series(run: RecordedRun) -> list[ReplicaRow]:
    """A row at 0 for every function and zone, then one at each change while the load ran.

    A pod counts from its first `pod/running` until it is being deleted, has ended or is gone.
    """
    zones = node_zones(run.scenario, run.log)
    home: dict[str, Where] = {}
    running: Counter[Where] = Counter()
    rows = {(function.name, zone.name): 0 for function in run.scenario.functions for zone in run.scenario.zones}
    changes: list[ReplicaRow] = []
    for said in run.log.pods:
        where = _changed(said.event, zones, home, running)
        if where is None or said.ts > run.facts.end:
            continue
        t_s = said.ts - run.facts.start
        if t_s <= 0:
            rows[where] = running[where]
        else:
            rows.setdefault(where, 0)
            changes.append(ReplicaRow(t_s=round(t_s, 3), fn=where[0], zone=where[1], running=running[where]))
    return [ReplicaRow(t_s=0.0, fn=fn, zone=zone, running=count) for (fn, zone), count in rows.items()] + changes


def is_replica(pod: PodState) -> bool:
    """Whether a pod is a function's, not a gateway or a client."""
    function = pod.labels.get(labels.FUNCTION)
    kind = labels.type_of(pod.labels)
    return bool(function) and function != labels.CLIENT_FUNCTION and kind in (None, labels.TYPE_FUNCTION)


def _changed(pod: PodState, zones: dict[str, str], home: dict[str, Where], running: Counter[Where]) -> Where | None:
    """Takes an event into account; returns the function and zone whose number has changed, if it has."""
    if not is_replica(pod):
        return None
    runs = isinstance(pod, PodRunning) and not pod.deletion_timestamp
    if runs == (pod.pod_uid in home):
        return None
    if runs:
        home[pod.pod_uid] = (pod.labels[labels.FUNCTION], zone_of_pod(pod, zones))
        running[home[pod.pod_uid]] += 1
        return home[pod.pod_uid]
    where = home.pop(pod.pod_uid)
    running[where] -= 1
    return where
