"""The status of a pod as a kubelet writes it, from its phase and its containers' states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.container_life import Step
from galileo_emulation.kubelets.container_status import ContainerFacts, container_status
from galileo_emulation.kubelets.pod_order import Phase
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp

ResizeConditions = Mapping[str, tuple[str, str, int]]
"""By type (PodResizePending, PodResizeInProgress): reason, message, generation."""

_ENDED: tuple[Phase, ...] = ("Succeeded", "Failed")


@dataclass(frozen=True, kw_only=True)
class PodFacts:
    """What the status tells. `pod_ip` is None before a container was started.

    `reason` and `message` say why the kubelet ended the pod; `disrupted` that it was for the node's sake.
    """

    phase: Phase
    host_ip: str
    started_at: float
    pod_ip: str | None = None
    containers: Sequence[ContainerFacts] = ()
    inits: Sequence[ContainerFacts] = ()
    inits_done: bool = True
    reason: str = ""
    message: str = ""
    disrupted: bool = False
    resize: ResizeConditions = field(default_factory=dict)


def pod_status(pod: BoundPod, facts: PodFacts) -> JsonObject:
    """The status, its conditions without times (see `dated`)."""
    status: JsonObject = {
        "phase": facts.phase,
        "observedGeneration": pod.generation,
        "reason": facts.reason or None,
        "message": facts.message or None,
        "hostIP": facts.host_ip,
        "hostIPs": [{"ip": facts.host_ip}],
        "startTime": timestamp(facts.started_at),
        "conditions": _conditions(pod, facts),
        "containerStatuses": [container_status(each) for each in facts.containers],
    }
    if facts.inits:
        status["initContainerStatuses"] = [container_status(each) for each in facts.inits]
    if facts.pod_ip is not None:
        status["podIP"] = facts.pod_ip
        status["podIPs"] = [{"ip": facts.pod_ip}]
    return status


def dated(conditions: Sequence[JsonObject], known: dict[str, tuple[bool, str]], *, now: str) -> list[JsonObject]:
    """The conditions with the times since when they hold; `known` remembers status and time by type, and is updated."""
    result = []
    for condition in conditions:
        holds = condition["status"] == "True"
        before = known.get(condition["type"])
        since = before[1] if before is not None and before[0] == holds else condition.get("lastTransitionTime", now)
        known[condition["type"]] = (holds, since)
        result.append({**condition, "lastProbeTime": None, "lastTransitionTime": since})
    for gone in known.keys() - {condition["type"] for condition in conditions}:
        del known[gone]
    return result


def _conditions(pod: BoundPod, facts: PodFacts) -> list[JsonObject]:
    ended = facts.phase in _ENDED
    sandbox = facts.pod_ip is not None and not ended
    sidecars = [each for each in facts.inits if each.need.sidecar]
    unready = [each.need.name for each in (*sidecars, *facts.containers) if not each.ready]
    containers_ready = not unready and not ended
    conditions = [
        pod.scheduled or _condition("PodScheduled", holds=True, generation=pod.generation),
        _condition("PodReadyToStartContainers", holds=sandbox, generation=pod.generation),
        _initialized(pod, facts),
    ]
    reason, message = "ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]"
    if ended:
        reason, message = ("PodCompleted", "") if facts.phase == "Succeeded" else ("PodFailed", "")
    for kind, holds in (("ContainersReady", containers_ready), ("Ready", containers_ready and pod.gates_open)):
        if kind == "Ready" and containers_ready and not pod.gates_open:
            reason, message = "ReadinessGatesNotReady", "a readiness gate of the pod is not true"
        conditions.append(
            _condition(kind, holds=holds, generation=pod.generation, reason=reason, message=message, if_not=True)
        )
    if facts.disrupted:
        conditions.append(
            _condition(
                "DisruptionTarget",
                holds=True,
                generation=pod.generation,
                reason="TerminationByKubelet",
                message=facts.message,
            )
        )
    for kind, (reason, message, generation) in facts.resize.items():
        conditions.append(_condition(kind, holds=True, generation=generation, reason=reason, message=message))
    return conditions


def _initialized(pod: BoundPod, facts: PodFacts) -> JsonObject:
    left = [each.need.name for each in facts.inits if not (each.ready or each.step is Step.ENDED)]
    return _condition(
        "Initialized",
        holds=facts.inits_done,
        generation=pod.generation,
        reason="ContainersNotInitialized",
        message=f"containers with incomplete status: [{' '.join(left)}]",
        if_not=True,
    )


def _condition(
    kind: str, *, holds: bool, generation: int, reason: str = "", message: str = "", if_not: bool = False
) -> JsonObject:
    """A condition. `if_not`: reason and message are said only when it does not hold."""
    said = not (if_not and holds)
    return {
        "type": kind,
        "status": str(holds),
        "observedGeneration": generation,
        "reason": (reason or None) if said else None,
        "message": (message or None) if said else None,
    }
