"""How a job stands: which pods run, and how many ends are counted, were noted to be counted, or are new.

An end is noted in the status (uncountedTerminatedPods) before the pod's finalizer is taken off, and counted after.
Whatever fails in between, each end is counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from galileo_emulation.controllers.job.indexes import index_of, read_indexes
from galileo_emulation.controllers.job.pods import has_failed, has_succeeded, is_tracked
from galileo_emulation.controllers.pod_facts import is_active, is_ready, is_terminating
from galileo_emulation.kubernetes.apiobjects import JsonObject


@dataclass(slots=True)
class Tally:
    """`succeeded` and `failed` include what is only noted yet; `noted_*` are the uids of pods still to be counted."""

    active: list[JsonObject] = field(default_factory=list)
    ready: int = 0
    terminating: int = 0
    succeeded: int = 0
    failed: int = 0
    counted_succeeded: int = 0
    counted_failed: int = 0
    noted_succeeded: list[str] = field(default_factory=list)
    noted_failed: list[str] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    new_successes: int = 0
    new_failures: int = 0


def is_indexed(job: JsonObject) -> bool:
    """Whether each pod has a part of the work of its own."""
    return bool(job["spec"].get("completionMode") == "Indexed")


def tally(job: JsonObject, pods: Sequence[JsonObject], *, ending: bool) -> Tally:
    """Count. `ending`: the job is over, so that pods which still run count as failed."""
    status, found = job.get("status", {}), Tally()
    if is_indexed(job):
        found.done = read_indexes(status.get("completedIndexes", ""), job["spec"].get("completions", 0))
    found.counted_succeeded, found.counted_failed = status.get("succeeded", 0), status.get("failed", 0)
    by_uid = {pod["metadata"]["uid"]: pod for pod in pods}
    _count_noted(found, status.get("uncountedTerminatedPods", {}), by_uid)
    for pod in pods:
        if is_active(pod):
            found.active.append(pod)
            found.ready += is_ready(pod)
        found.terminating += is_terminating(pod)
        _note(found, job, pod, ending=ending)
    found.failed = found.counted_failed + len(found.noted_failed)
    found.succeeded = found.counted_succeeded + len(found.noted_succeeded)
    if is_indexed(job):
        found.succeeded = found.counted_succeeded = len(found.done)
    return found


def _count_noted(found: Tally, noted: JsonObject, by_uid: dict[str, JsonObject]) -> None:
    """Count the noted pods whose finalizer is off; keep the others noted."""
    for uid in noted.get("succeeded", ()):
        if uid in by_uid and is_tracked(by_uid[uid]):
            found.noted_succeeded.append(uid)
        else:
            found.counted_succeeded += 1
    for uid in noted.get("failed", ()):
        if uid in by_uid and is_tracked(by_uid[uid]):
            found.noted_failed.append(uid)
        else:
            found.counted_failed += 1


def _note(found: Tally, job: JsonObject, pod: JsonObject, *, ending: bool) -> None:
    """Note an end that is neither counted nor noted."""
    uid = pod["metadata"]["uid"]
    if not is_tracked(pod) or uid in found.noted_succeeded or uid in found.noted_failed:
        return
    if has_succeeded(pod):
        index = index_of(pod)
        if is_indexed(job):
            if index is None or index in found.done or index >= job["spec"].get("completions", 0):
                return
            found.done.add(index)
        found.noted_succeeded.append(uid)
        found.new_successes += 1
    elif has_failed(pod, job) or ending:
        found.noted_failed.append(uid)
        found.new_failures += not ending
