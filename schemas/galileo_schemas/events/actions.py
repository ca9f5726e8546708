"""What actors did about decisions: pods created, bound, deleted, or why not."""

from __future__ import annotations

from galileo_schemas.event import Delivery, Event, event


class _PodAction(Event, kw_only=True):
    """`pod` is the pod's name; the decision that led here is in `meta.cause`."""

    pod: str
    namespace: str
    fn: str = ""


@event("pod_created", Delivery.RECORD)
class PodCreated(_PodAction, kw_only=True):
    """The Kubernetes API accepted the pod (or had it already, from the same decision)."""

    uid: str
    zone: str = ""


@event("pod_deleted", Delivery.RECORD)
class PodDeleted(_PodAction, kw_only=True):
    """The Kubernetes API accepted the deletion (or the pod was gone already)."""

    uid: str = ""
    zone: str = ""


@event("pod_failed", Delivery.RECORD)
class PodFailed(_PodAction, kw_only=True):
    """A decision was not acted on. `reason` is one word (`expired`, `Invalid`, …), `message` what to do about it."""

    reason: str
    message: str = ""


@event("pod_bound", Delivery.RECORD)
class PodBound(_PodAction, kw_only=True):
    """A pending pod was bound to a node by the scheduler named."""

    uid: str
    node: str
    zone: str
    scheduler: str


@event("pod_unschedulable", Delivery.RECORD)
class PodUnschedulable(_PodAction, kw_only=True):
    """No node fits; `message` reads like the Kubernetes scheduler's (`0/9 nodes are available: …`)."""

    uid: str
    message: str
    scheduler: str


@event("pod_moved", Delivery.RECORD)
class PodMoved(_PodAction, kw_only=True):
    """A bound pod was taken from `origin_node`, to run on `dest_node` instead.

    Kubernetes cannot move a pod: `pod` and `uid` are of the one that ended, `successor` is the name of the one in its
    place, empty where that is left to the pod's controller. `reason` says what is better there.
    """

    uid: str
    origin_node: str
    dest_node: str
    origin_zone: str = ""
    dest_zone: str = ""
    successor: str = ""
    scheduler: str = ""
    reason: str = ""
