"""What a kubelet reads from a pod's object."""

from __future__ import annotations

from dataclasses import dataclass

from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.quantities import QuantityError, value

DEFAULT_GRACE_S = 30.0


class UnreadablePodError(ValueError):
    """A pod's object lacks something or has it in the wrong shape; the message says what."""


@dataclass(frozen=True)
class ContainerNeed:
    """One container of the pod's specification. `cpu_limit_millicores` None: no limit."""

    name: str
    image: str
    ports: tuple[int, ...]
    cpu_limit_millicores: float | None
    resources: JsonObject


@dataclass(frozen=True)
class BoundPod:
    """A pod that a scheduler bound to `node`. `grace_s` counts once the pod is being deleted."""

    uid: str
    namespace: str
    name: str
    node: str
    containers: tuple[ContainerNeed, ...]
    host_network: bool
    deleting: bool
    grace_s: float
    phase: str
    conditions: tuple[JsonObject, ...]

    @property
    def reference(self) -> JsonObject:
        """How events name the pod."""
        metadata = {"namespace": self.namespace, "name": self.name, "uid": self.uid}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}


def read_pod(pod: JsonObject) -> BoundPod | None:
    """The pod, or None if it is not bound to a node. Raises UnreadablePodError."""
    spec, metadata, status = pod.get("spec", {}), pod.get("metadata", {}), pod.get("status") or {}
    node = spec.get("nodeName")
    if not node:
        return None
    where = f"pod {metadata.get('namespace')}/{metadata.get('name')}"
    try:
        return BoundPod(
            uid=metadata["uid"],
            namespace=metadata["namespace"],
            name=metadata["name"],
            node=node,
            containers=tuple(_read_container(container) for container in spec["containers"]),
            host_network=bool(spec.get("hostNetwork", False)),
            deleting=metadata.get("deletionTimestamp") is not None,
            grace_s=_grace_s(metadata, spec),
            phase=status.get("phase", "Pending"),
            conditions=tuple(status.get("conditions") or ()),
        )
    except KeyError as error:
        raise UnreadablePodError(f"{where}: {error.args[0]} is missing") from error
    except (TypeError, QuantityError) as error:
        raise UnreadablePodError(f"{where}: {error}") from error


def _grace_s(metadata: JsonObject, spec: JsonObject) -> float:
    for grace in (metadata.get("deletionGracePeriodSeconds"), spec.get("terminationGracePeriodSeconds")):
        if grace is not None:
            return float(grace)
    return DEFAULT_GRACE_S


def _read_container(container: JsonObject) -> ContainerNeed:
    resources: JsonObject = container.get("resources") or {}
    cpu_limit = (resources.get("limits") or {}).get("cpu")
    millicores = None if cpu_limit is None else float(value(cpu_limit) * 1000)
    return ContainerNeed(
        name=container["name"],
        image=container["image"],
        ports=tuple(port["containerPort"] for port in container.get("ports") or ()),
        cpu_limit_millicores=millicores or None,  # a limit of 0 means none
        resources=resources,
    )
