"""The door into the emulated cluster for kubelets that live in the same process.

They see pods and report about pods and nodes through the same operations as HTTP clients, without the HTTP.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from .apiobjects import JsonObject, copied, micro_timestamp, timestamp
from .event_names import event_name
from .kind import Kind
from .kinds import EVENTS, LEASES, NODES, PODS
from .operations.creation import create
from .operations.deletion import Deletion, delete
from .operations.strategic import strategic_merge
from .operations.updates import update
from .storage.history import Stored
from .storage.store import Store
from .types.built_in_structures import structure_of
from .types.fields import read

KUBELET = "kubelet"
"""The manager of what kubelets write."""

EventType = Literal["ADDED", "MODIFIED", "DELETED"]

LEASE_NAMESPACE = "kube-node-lease"
# As many different events are known again when they are said once more.
_REMEMBERED_EVENTS = 4096


@dataclass(frozen=True, slots=True)
class PodEvent:
    """What happened to a pod, and the pod as it then was (a copy, the receiver's own)."""

    type: EventType
    pod: JsonObject


class LocalApi:
    """What a kubelet needs of the API, on a store in this process.

    `keeps_taints` is for a store over which controllers run: they take the taint off a new node when it is ready.
    Without them `put_node` does so at once.
    """

    def __init__(self, store: Store, *, keeps_taints: bool = False) -> None:
        self._store = store
        self._keeps_taints = keeps_taints
        self._events: OrderedDict[tuple[str, ...], str] = OrderedDict()

    async def watch_pods(self) -> AsyncIterator[PodEvent]:
        """All pods: those present first, as ADDED, then every change, without end.

        A reader that falls behind the history is not told of every step in between, but of what has become of each pod.
        """
        news = asyncio.Event()
        told: dict[str, Stored] = {}
        with self._store.listening(PODS, news.set):
            position = -1
            while True:
                news.clear()
                events = self._pod_events(position, told)
                position = self._store.version
                for event in events:
                    yield event
                await news.wait()

    def _pod_events(self, position: int, told: dict[str, Stored]) -> list[PodEvent]:
        history = self._store.history(PODS)
        if position < history.floor:
            return _catch_up(told, self._store.objects(PODS, None))
        events = []
        for change in history.since(position):
            if change.after is None:
                told.pop(change.key, None)
                events.append(PodEvent("DELETED", _whole(PODS, change.last)))
            else:
                events.append(_told(told, change.key, change.after))
        return events

    async def patch_pod_status(self, *, namespace: str, name: str, uid: str, status: JsonObject) -> bool:
        """Merge `status` into the pod's (conditions by type); False when the pod is gone or has another uid."""
        pod = self._store.get(PODS, namespace, name)
        if pod is None or pod.body["metadata"]["uid"] != uid:
            return False
        self._merge_status(PODS, pod, status)
        return True

    async def remove_pod(self, *, namespace: str, name: str, uid: str) -> bool:
        """Delete the pod for good, its grace period being over; False when it is gone or has another uid."""
        pod = self._store.get(PODS, namespace, name)
        if pod is None or pod.body["metadata"]["uid"] != uid:
            return False
        delete(self._store, PODS, pod, Deletion(grace_s=0))
        return True

    async def put_node(self, node: JsonObject) -> None:
        """Create the node, or replace its labels, annotations, spec and status by those given.

        The spec is as given, except that where controllers keep taints those stay that the node has: a kubelet brings
        taints only when it registers its node for the first time.
        """
        name = node["metadata"]["name"]
        given = read(NODES.schema, node).body
        given.pop("kind", None)
        given.pop("apiVersion", None)
        current = self._store.get(NODES, "", name)
        if current is None:
            create(self._store, NODES, "", copied(given), manager=KUBELET)
            current = self._store.get(NODES, "", name)
            assert current is not None, "a node that was just created is there"
        body = copied(current.body)
        for field in ("labels", "annotations"):
            body["metadata"].pop(field, None)
            if field in given["metadata"]:
                body["metadata"][field] = given["metadata"][field]
        body["spec"] = self._spec(given.get("spec", {}), current.body["spec"])
        replaced = update(self._store, NODES, current, body, manager=KUBELET)
        current = self._store.get(NODES, "", name)
        assert current is not None, "a node that was just changed is there"
        status = {**copied(replaced.body), "status": given.get("status", {})}
        update(self._store, NODES, current, status, part="status", manager=KUBELET)

    def _spec(self, given: JsonObject, present: JsonObject) -> JsonObject:
        if not self._keeps_taints:
            return given
        spec = {key: value for key, value in given.items() if key != "taints"}
        return {**spec, "taints": copied(present)["taints"]} if "taints" in present else spec

    async def patch_node_status(self, name: str, status: JsonObject) -> bool:
        """Merge `status` into the node's (conditions and addresses by type); False when there is no such node."""
        node = self._store.get(NODES, "", name)
        if node is None:
            return False
        self._merge_status(NODES, node, status)
        return True

    def _merge_status(self, kind: Kind, current: Stored, status: JsonObject) -> None:
        merged = strategic_merge({"status": status}, copied(current.body), structure_of(kind))
        update(self._store, kind, current, read(kind.schema, merged).body, part="status", manager=KUBELET)

    async def renew_lease(self, node: str, *, duration_s: int) -> None:
        """Renew the lease of a node's kubelet, or create it, owned by the node so that it goes with it."""
        moment = micro_timestamp(self._store.now())
        current = self._store.get(LEASES, LEASE_NAMESPACE, node)
        if current is not None:
            body = {**current.body, "metadata": dict(current.body["metadata"])}
            body["spec"] = {**body["spec"], "renewTime": moment, "leaseDurationSeconds": duration_s}
            self._store.put(LEASES, body)
            return
        metadata: JsonObject = {"name": node, "namespace": LEASE_NAMESPACE}
        owner = self._store.get(NODES, "", node)
        if owner is not None:
            uid = owner.body["metadata"]["uid"]
            metadata["ownerReferences"] = [{"apiVersion": "v1", "kind": "Node", "name": node, "uid": uid}]
        spec = {"holderIdentity": node, "leaseDurationSeconds": duration_s, "renewTime": moment}
        create(self._store, LEASES, LEASE_NAMESPACE, {"metadata": metadata, "spec": spec}, manager=KUBELET)

    async def record_event(
        self,
        *,
        regarding: JsonObject,
        reason: str,
        message: str,
        type: str = "Normal",  # noqa: A002 - the field's own name in the API
        component: str,
        host: str = "",
    ) -> None:
        """Write a core/v1 Event about an object, or count one that is there. `host` is the node that tells it.

        Raises ApiError when the object's namespace is gone.
        """
        about = regarding["metadata"]
        moment = timestamp(self._store.now())
        namespace = about.get("namespace", "default")
        same = (namespace, regarding.get("kind", ""), about["name"], about.get("uid", ""), reason, message, type, host)
        if self._counted_again(same, moment):
            return
        involved = {
            "kind": regarding.get("kind", ""),
            "apiVersion": regarding.get("apiVersion", "v1"),
            "name": about["name"],
            "uid": about.get("uid", ""),
            "resourceVersion": about.get("resourceVersion", ""),
        }
        if "namespace" in about:
            involved["namespace"] = namespace
        event: JsonObject = {
            "metadata": {"name": event_name(self._store, namespace, about["name"]), "namespace": namespace},
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "source": {"component": component, "host": host} if host else {"component": component},
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "count": 1,
            "type": type,
            "reportingComponent": component,
            "reportingInstance": host,
        }
        create(self._store, EVENTS, namespace, event, manager=component)
        self._events[same] = event["metadata"]["name"]
        if len(self._events) > _REMEMBERED_EVENTS:
            self._events.popitem(last=False)

    def _counted_again(self, same: tuple[str, ...], moment: str) -> bool:
        """Whether an equal event was there, which now counts one more."""
        name = self._events.get(same)
        stored = None if name is None else self._store.get(EVENTS, same[0], name)
        if stored is None:
            return False
        self._store.put(EVENTS, {**copied(stored.body), "count": stored.body["count"] + 1, "lastTimestamp": moment})
        return True


def _whole(kind: Kind, stored: Stored) -> JsonObject:
    return {"kind": kind.kind, "apiVersion": kind.api_version, **copied(stored.body)}


def _told(told: dict[str, Stored], key: str, stored: Stored) -> PodEvent:
    event: EventType = "MODIFIED" if key in told else "ADDED"
    told[key] = stored
    return PodEvent(event, _whole(PODS, stored))


def _catch_up(told: dict[str, Stored], present: dict[str, Stored]) -> list[PodEvent]:
    """Tell what differs between what was told and what is there. A pod that was replaced went first."""
    events = []
    for key, earlier in list(told.items()):
        now = present.get(key)
        if now is None or now.body["metadata"]["uid"] != earlier.body["metadata"]["uid"]:
            events.append(PodEvent("DELETED", _whole(PODS, told.pop(key))))
    for key, stored in present.items():
        if key not in told or told[key].version != stored.version:
            events.append(_told(told, key, stored))
    return events
