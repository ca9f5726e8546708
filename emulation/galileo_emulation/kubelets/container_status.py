"""The status of one container as a kubelet writes it, from the step of its life and what is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from galileo_emulation.kubelets.container_life import Step
from galileo_emulation.kubelets.container_need import ContainerNeed
from galileo_emulation.kubelets.pod_record import ContainerRecord, Termination
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp


@dataclass(frozen=True, kw_only=True)
class ContainerFacts:
    """What the status tells. `waiting_reason` and `message` say why the container does not run.

    `allocated` and `applied` are the resources that it was given, and those that hold.
    """

    need: ContainerNeed
    step: Step
    record: ContainerRecord
    waiting_reason: str = ""
    message: str = ""
    ready: bool = False
    started: bool = False
    allocated: JsonObject = field(default_factory=dict)
    applied: JsonObject = field(default_factory=dict)


def container_status(facts: ContainerFacts) -> JsonObject:
    """One entry of `containerStatuses`."""
    record, running = facts.record, facts.record.running
    status: JsonObject = {
        "name": facts.need.name,
        "image": facts.need.image,
        "imageID": facts.need.image if record.runs else "",
        "restartCount": record.restarts,
        "ready": facts.ready,
        "started": facts.started,
        "state": _state(facts),
        "lastState": _terminated(record.before_last if facts.step is Step.ENDED else record.last),
        "allocatedResources": facts.allocated.get("requests") or {},
        "resources": facts.applied,
    }
    if running is not None:
        status["containerID"] = _full_id(running[0])
    elif record.last is not None:
        status["containerID"] = _full_id(record.last.container_id)
    return status


def _state(facts: ContainerFacts) -> JsonObject:
    running = facts.record.running
    if facts.step is Step.RUNNING and running is not None:
        return {"running": {"startedAt": timestamp(running[1])}}
    if facts.step is Step.ENDED:
        return _terminated(facts.record.last)
    waiting: JsonObject = {"reason": facts.waiting_reason}
    if facts.message:
        waiting["message"] = facts.message
    return {"waiting": waiting}


def _terminated(end: Termination | None) -> JsonObject:
    if end is None:
        return {}
    terminated: JsonObject = {
        "exitCode": end.exit.code,
        "reason": end.exit.reason,
        "startedAt": timestamp(end.started_at),
        "finishedAt": timestamp(end.finished_at),
        "containerID": _full_id(end.container_id),
    }
    if end.exit.message:
        terminated["message"] = end.exit.message
    return {"terminated": terminated}


def _full_id(container_id: str) -> str:
    return f"containerd://{container_id}"
