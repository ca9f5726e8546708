"""What a kubelet reads from a pod's object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from galileo_schemas import labels

from galileo_emulation.kubelets.container_need import ContainerNeed, read_container
from galileo_emulation.kubelets.resource_amounts import Amount, pod_amount
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.defaults.pod_defaults import qos_class

DEFAULT_GRACE_S = 30.0

RestartPolicy = Literal["Always", "OnFailure", "Never"]
QosClass = Literal["Guaranteed", "Burstable", "BestEffort"]
_QOS_CLASSES: dict[str, QosClass] = {name: name for name in get_args(QosClass)}


class UnreadablePodError(ValueError):
    """A pod's object lacks something or has it in the wrong shape; the message says what."""


@dataclass(frozen=True, kw_only=True)
class BoundPod:
    """A pod that a scheduler bound to `node`. `grace_s` counts once the pod is being deleted.

    `ended` tells that its phase is a last one. `scheduled` is the condition that the binding left, if there is one.
    `function` is the function whose replica it is by its label, "" for other pods.
    """

    uid: str
    namespace: str
    name: str
    node: str
    containers: tuple[ContainerNeed, ...]
    init_containers: tuple[ContainerNeed, ...] = ()
    restart_policy: RestartPolicy = "Always"
    host_network: bool = False
    deleting: bool = False
    grace_s: float = DEFAULT_GRACE_S
    created: str = ""
    generation: int = 1
    priority: int = 0
    qos: QosClass = "BestEffort"
    bears_memory_pressure: bool = False
    readiness_gates: tuple[str, ...] = ()
    gates_open: bool = True
    ended: bool = False
    scheduled: JsonObject | None = None
    function: str = ""

    @property
    def requests(self) -> Amount:
        """What it takes of its node."""
        return pod_amount(
            (need.requests for need in self.containers),
            ((need.requests, need.sidecar) for need in self.init_containers),
        )

    @property
    def reference(self) -> JsonObject:
        """How events name the pod."""
        metadata = {"namespace": self.namespace, "name": self.name, "uid": self.uid}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}

    @property
    def full_name(self) -> str:
        """How kubelets write a pod in messages."""
        return f"{self.name}_{self.namespace}({self.uid})"


def read_pod(pod: JsonObject) -> BoundPod | None:
    """The pod, or None if it is not bound to a node. Raises UnreadablePodError."""
    spec, metadata, status = pod.get("spec", {}), pod.get("metadata", {}), pod.get("status") or {}
    node = spec.get("nodeName")
    if not node:
        return None
    where = f"pod {metadata.get('namespace')}/{metadata.get('name')}"
    conditions = {condition["type"]: condition for condition in status.get("conditions") or ()}
    gates = tuple(gate["conditionType"] for gate in spec.get("readinessGates") or ())
    try:
        return BoundPod(
            uid=metadata["uid"],
            namespace=metadata["namespace"],
            name=metadata["name"],
            node=node,
            containers=tuple(read_container(container) for container in spec["containers"]),
            init_containers=tuple(read_container(each, init=True) for each in spec.get("initContainers") or ()),
            restart_policy=spec.get("restartPolicy", "Always"),
            host_network=bool(spec.get("hostNetwork", False)),
            deleting=metadata.get("deletionTimestamp") is not None,
            grace_s=_grace_s(metadata, spec),
            created=metadata.get("creationTimestamp", ""),
            generation=metadata.get("generation", 1),
            priority=spec.get("priority") or 0,
            qos=_QOS_CLASSES[status.get("qosClass") or qos_class(spec)],
            bears_memory_pressure=_bears_memory_pressure(spec),
            readiness_gates=gates,
            gates_open=all(conditions.get(gate, {}).get("status") == "True" for gate in gates),
            ended=status.get("phase") in ("Succeeded", "Failed"),
            scheduled=conditions.get("PodScheduled"),
            function=_function(metadata.get("labels") or {}),
        )
    except KeyError as error:
        raise UnreadablePodError(f"{where}: {error.args[0]} is missing") from error
    except (TypeError, ValueError) as error:
        raise UnreadablePodError(f"{where}: {error}") from error


def _grace_s(metadata: JsonObject, spec: JsonObject) -> float:
    for grace in (metadata.get("deletionGracePeriodSeconds"), spec.get("terminationGracePeriodSeconds")):
        if grace is not None:
            return float(grace)
    return DEFAULT_GRACE_S


def _function(pod_labels: JsonObject) -> str:
    function: str = pod_labels.get(labels.FUNCTION, "")
    return "" if function == labels.CLIENT_FUNCTION else function


def _bears_memory_pressure(spec: JsonObject) -> bool:
    key = "node.kubernetes.io/memory-pressure"
    return any(
        toleration.get("key") == key or (not toleration.get("key") and toleration.get("operator") == "Exists")
        for toleration in spec.get("tolerations") or ()
        if toleration.get("effect", "NoSchedule") == "NoSchedule"
    )
