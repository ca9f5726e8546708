"""The cluster as the Kubernetes API shows it: nodes and pods, said at each change and again every 30 s.

Transitions go to galileo/events; what is merely said again goes to galileo/events/cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from galileo_schemas.event import Delivery, Event, event

CLUSTER_TOPIC = "cluster"


class Termination(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How a container's last run ended: `reason` such as `OOMKilled`, times in unix seconds (0: not known)."""

    reason: str = ""
    exit_code: int = 0
    started_at: float = 0.0
    finished_at: float = 0.0


class PodContainer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One container; `id` with its runtime's scheme (`containerd://<64 hex>`), `port` −1 when it declares none.

    `resource_requests` is what is asked for, `actual_requests` what its kubelet says that it runs with: they differ
    while a resize is under way. `last_termination`: how the run before this one ended.
    """

    name: str
    id: str = ""
    image: str = ""
    port: int = -1
    resource_requests: dict[str, str] = {}
    resource_limits: dict[str, str] = {}
    actual_requests: dict[str, str] = {}
    restart_count: int = 0
    last_termination: Termination | None = None


class PodResize(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A change of a pod's resources that its kubelet has not finished.

    `state` is `in_progress`, `deferred` (the node has no room now) or `infeasible` (it never will); `since` unix
    seconds, 0: not known.
    """

    state: str
    message: str = ""
    since: float = 0.0


def _without_nulls(loose: dict[str, Any]) -> Mapping[str, Any]:
    """The original's adapter writes null for what is not known yet, its function platform numbers as quantities."""
    kept = {key: value for key, value in loose.items() if value is not None}
    kept["containers"] = {name: _container(container) for name, container in kept.get("containers", {}).items()}
    return kept


def _container(loose: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in loose.items() if value is not None}
    for field in ("resource_requests", "resource_limits"):
        if field in kept:
            kept[field] = {name: _quantity(name, amount) for name, amount in kept[field].items()}
    return kept


def _quantity(resource: str, amount: Any) -> Any:
    """The function platform counts CPU in thousandths of a core, everything else in whole units."""
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return amount
    return f"{amount:g}m" if resource == "cpu" else f"{amount:.0f}"


class PodState(Event, kw_only=True):
    """A pod as it is now; the base of the five life-cycle events.

    `status` is the phase. `created` and `deletionTimestamp` are unix seconds (0: not known, not being deleted);
    `cause` is the decision the pod was made for, from its annotation. `reason` and `message`: why a container does not
    run, such as `ErrImagePull`. `resize`: null when none is under way. `nodeSelectorTerms`: its required node affinity.
    """

    pod_uid: str = msgspec.field(name="podUid")
    name: str
    namespace: str = "default"
    containers: dict[str, PodContainer] = {}
    host_ip: str = msgspec.field(name="hostIP", default="")
    node_name: str = msgspec.field(name="nodeName", default="")
    pod_ip: str = msgspec.field(name="podIP", default="")
    qos_class: str = msgspec.field(name="qosClass", default="")
    start_time: str | None = msgspec.field(name="startTime", default=None)
    labels: dict[str, str] = {}
    status: str = ""
    ready: bool = False
    scheduler_name: str = msgspec.field(name="schedulerName", default="")
    node_selector: dict[str, str] = msgspec.field(name="nodeSelector", default_factory=dict)
    node_selector_terms: list[dict[str, Any]] = msgspec.field(name="nodeSelectorTerms", default_factory=list)
    tolerations: list[dict[str, Any]] = []
    created: float = 0.0
    deletion_timestamp: float = msgspec.field(name="deletionTimestamp", default=0.0)
    resource_version: str = msgspec.field(name="resourceVersion", default="")
    cause: str = ""
    reason: str = ""
    message: str = ""
    resize: PodResize | None = None


@event("pod/create", Delivery.RECORD, normalise=_without_nulls)
class PodCreate(PodState, kw_only=True):
    """A pod was seen for the first time."""


@event("pod/pending", Delivery.RECORD, normalise=_without_nulls)
class PodPending(PodState, kw_only=True):
    """A pod changed and is not running yet."""


@event("pod/running", Delivery.RECORD, normalise=_without_nulls)
class PodRunning(PodState, kw_only=True):
    """A pod runs, or changed while it runs."""


@event("pod/shutdown", Delivery.RECORD, normalise=_without_nulls)
class PodShutdown(PodState, kw_only=True):
    """A pod is being deleted, or has ended: it must get no more requests."""


@event("pod/delete", Delivery.RECORD, normalise=_without_nulls)
class PodDelete(PodState, kw_only=True):
    """A pod is gone."""


@event("node_update", Delivery.OBSERVATION, topic=CLUSTER_TOPIC)
class NodeUpdate(Event, kw_only=True):
    """A node as it is now; `present` false: it is gone. `allocatable` holds Kubernetes quantities."""

    name: str
    zone: str = "main"
    address: str = ""
    labels: dict[str, str] = {}
    allocatable: dict[str, str] = {}
    ready: bool = True
    unschedulable: bool = False
    taints: list[dict[str, Any]] = []
    present: bool = True


@event("cluster_inventory", Delivery.OBSERVATION, topic=CLUSTER_TOPIC)
class ClusterInventory(Event, kw_only=True):
    """All nodes' names and pods' uids at `as_of` (unix seconds): whoever knows others has missed a deletion."""

    nodes: list[str]
    pods: list[str]
    as_of: float
