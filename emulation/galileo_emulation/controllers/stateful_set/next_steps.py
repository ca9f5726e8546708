"""What a stateful set does next.

In order (the default): pods are made from the first ordinal up, each when those before it are available, and unmade
from the last one down, each when all that stay are. In parallel: all at once. Then an update replaces pods from the
last ordinal down to the partition, as many at a time as may be unavailable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from galileo_emulation.controllers.controller_revisions import REVISION_LABEL
from galileo_emulation.controllers.int_or_percent import resolved
from galileo_emulation.controllers.pod_facts import is_available, is_finished, is_leaving, phase
from galileo_emulation.controllers.stateful_set.identity import ordinal_of, ordinals
from galileo_emulation.kubernetes.apiobjects import JsonObject


@dataclass(slots=True)
class Steps:
    """Ordinals that get a pod, pods that go, and those of the latter that had ended."""

    create: list[int] = field(default_factory=list)
    delete: list[JsonObject] = field(default_factory=list)
    ended: list[JsonObject] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.create or self.delete)


def next_steps(stateful_set: JsonObject, pods: Sequence[JsonObject], *, update_revision: str, now: float) -> Steps:
    """Decide, given the set's pods and the name of the newest template's revision."""
    by_ordinal = {ordinal: pod for pod in pods if (ordinal := ordinal_of(stateful_set, pod)) is not None}
    wanted = ordinals(stateful_set)
    in_order = stateful_set["spec"].get("podManagementPolicy", "OrderedReady") == "OrderedReady"
    is_well = _Wellness(stateful_set, now)
    steps = Steps()
    if not _fill(wanted, by_ordinal, steps, in_order=in_order, is_well=is_well):
        return steps
    condemned = [by_ordinal[ordinal] for ordinal in sorted(by_ordinal, reverse=True) if ordinal not in wanted]
    if not _shrink(condemned, steps, in_order=in_order) or steps:
        return steps
    _replace(stateful_set, by_ordinal, steps, update_revision=update_revision, is_well=is_well)
    return steps


def revision_for(stateful_set: JsonObject, ordinal: int, *, current: str, update: str) -> str:
    """The name of the revision that a new pod of an ordinal is made from.

    While an update is under way, ordinals that it has not come to keep the former template, so that a pod that is lost
    meanwhile comes back as it was.
    """
    strategy = stateful_set["spec"].get("updateStrategy", {})
    if strategy.get("type", "RollingUpdate") != "RollingUpdate" or current == update:
        return update
    partition = partition_of(stateful_set)
    start = ordinals(stateful_set).start
    if partition == 0:
        kept = stateful_set.get("status", {}).get("currentReplicas", 0)
        return current if ordinal < start + kept else update
    return current if ordinal < partition else update


def partition_of(stateful_set: JsonObject) -> int:
    """The lowest ordinal that an update replaces."""
    rolling = stateful_set["spec"].get("updateStrategy", {}).get("rollingUpdate") or {}
    partition: int = rolling.get("partition", 0)
    return partition


@dataclass(frozen=True, slots=True)
class _Wellness:
    stateful_set: JsonObject
    now: float

    def __call__(self, pod: JsonObject) -> bool:
        """Whether a pod runs, is available, and stays."""
        min_ready_s = self.stateful_set["spec"].get("minReadySeconds", 0)
        running = phase(pod) == "Running" and not is_leaving(pod)
        return running and is_available(pod, min_ready_s=min_ready_s, now=self.now)


def _fill(
    wanted: range, by_ordinal: Mapping[int, JsonObject], steps: Steps, *, in_order: bool, is_well: _Wellness
) -> bool:
    """Find what is missing or has ended; False when the rest has to wait for it."""
    for ordinal in wanted:
        pod = by_ordinal.get(ordinal)
        if pod is None:
            steps.create.append(ordinal)
        elif is_finished(pod) and not is_leaving(pod):
            steps.ended.append(pod)
            steps.delete.append(pod)
        elif is_well(pod):
            continue
        if in_order:
            return False
    return True


def _shrink(condemned: Sequence[JsonObject], steps: Steps, *, in_order: bool) -> bool:
    """Find what is too much, the highest ordinal first; False when the rest has to wait for it."""
    for pod in condemned:
        if not is_leaving(pod):
            steps.delete.append(pod)
        if in_order:
            return False
    return True


def _replace(
    stateful_set: JsonObject,
    by_ordinal: Mapping[int, JsonObject],
    steps: Steps,
    *,
    update_revision: str,
    is_well: _Wellness,
) -> None:
    strategy = stateful_set["spec"].get("updateStrategy", {})
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return
    replicas = stateful_set["spec"].get("replicas", 1)
    allowed = resolved((strategy.get("rollingUpdate") or {}).get("maxUnavailable", 1), replicas, round_up=True)
    unavailable = 0
    for ordinal in reversed(ordinals(stateful_set)):
        if ordinal < partition_of(stateful_set) or unavailable >= max(1, allowed):
            return
        pod = by_ordinal.get(ordinal)
        if pod is None or is_leaving(pod):
            unavailable += 1
        elif (pod["metadata"].get("labels") or {}).get(REVISION_LABEL) != update_revision:
            steps.delete.append(pod)
            unavailable += 1
        elif not is_well(pod):
            unavailable += 1
