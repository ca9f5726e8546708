"""The status of a pod as a kubelet writes it, from the stage of its life and what is known of its containers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from galileo_emulation.kubelets.bound_pod import BoundPod, ContainerNeed
from galileo_emulation.kubelets.pod_lifecycle import Stage
from galileo_emulation.kubernetes.apiobjects import JsonObject

_WAITING = {
    Stage.PULLING: "ContainerCreating",
    Stage.STARTING: "ContainerCreating",
    Stage.PULL_FAILED: "ErrImagePull",
    Stage.PULL_BACKOFF: "ImagePullBackOff",
    Stage.START_FAILED: "CreateContainerError",
}


@dataclass(frozen=True, kw_only=True)
class PodFacts:
    """What the status tells. `pod_ip` is None before the containers run; `message` says why they do not."""

    stage: Stage
    host_ip: str
    start_time: str
    pod_ip: str | None = None
    container_ids: Sequence[str] = ()
    running_since: str = ""
    ready: bool = False
    restart_count: int = 0
    message: str = ""


def timestamp(unix_s: float) -> str:
    """Unix time in the form of the API, `2006-01-02T15:04:05Z`."""
    return datetime.fromtimestamp(int(unix_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod_status(pod: BoundPod, facts: PodFacts, *, previous: Sequence[JsonObject], now: str) -> JsonObject:
    """The status to patch. `previous` holds the conditions said before; `now` dates those that change."""
    running = facts.stage in (Stage.RUNNING, Stage.STOPPING) and facts.pod_ip is not None
    ready = running and facts.ready
    status: JsonObject = {
        "phase": "Running" if running else "Pending",
        "hostIP": facts.host_ip,
        "hostIPs": [{"ip": facts.host_ip}],
        "startTime": facts.start_time,
        "conditions": _conditions(pod, facts, ready=ready, previous=previous, now=now),
        "containerStatuses": [
            _container_status(need, facts, index, running=running) for index, need in enumerate(pod.containers)
        ],
    }
    if running:
        status["podIP"] = facts.pod_ip
        status["podIPs"] = [{"ip": facts.pod_ip}]
    return status


def _conditions(
    pod: BoundPod, facts: PodFacts, *, ready: bool, previous: Sequence[JsonObject], now: str
) -> list[JsonObject]:
    before = {condition["type"]: condition for condition in (*pod.conditions, *previous)}
    wanted = {"Initialized": True, "ContainersReady": ready, "Ready": ready}
    if "PodScheduled" in before:
        conditions = [before["PodScheduled"]]
    else:
        conditions = [_condition("PodScheduled", holds=True, since=now)]
    for kind, holds in wanted.items():
        known = before.get(kind)
        unchanged = known is not None and known["status"] == str(holds)
        since = known["lastTransitionTime"] if known is not None and unchanged else now
        conditions.append(_condition(kind, holds=holds, since=since))
    return conditions


def _condition(kind: str, *, holds: bool, since: str) -> JsonObject:
    condition: JsonObject = {
        "type": kind,
        "status": str(holds),
        "lastProbeTime": None,
        "lastTransitionTime": since,
    }
    if not holds:
        condition["reason"] = "ContainersNotReady"
    return condition


def _container_status(need: ContainerNeed, facts: PodFacts, index: int, *, running: bool) -> JsonObject:
    status: JsonObject = {
        "name": need.name,
        "image": need.image,
        "imageID": "",
        "restartCount": facts.restart_count,
        "lastState": {},
        "ready": running and facts.ready,
        "started": running,
        "state": _container_state(facts, running=running),
    }
    if running:
        status["containerID"] = f"containerd://{facts.container_ids[index]}"
        status["imageID"] = need.image
        status["resources"] = need.resources
        status["allocatedResources"] = need.resources.get("requests") or {}
    return status


def _container_state(facts: PodFacts, *, running: bool) -> JsonObject:
    if running:
        return {"running": {"startedAt": facts.running_since}}
    waiting: JsonObject = {"reason": _WAITING.get(facts.stage, "ContainerCreating")}
    if facts.message:
        waiting["message"] = facts.message
    return {"waiting": waiting}
