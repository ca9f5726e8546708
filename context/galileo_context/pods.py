"""The pods by everything that deciders ask for, kept current from life-cycle events that may be late or doubled.

Events of one pod are ordered by their resource version where it is a number: an older one changes nothing. A pod that
is gone leaves the places where pods run, but its name, address and containers find it for `retention_s` longer, since
traces and telemetry arrive late. It may come back: a list can miss a pod that is there after all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from galileo_schemas.events import PodDelete, PodState
from galileo_schemas.raw.telemetry_sample import container_key

from galileo_context.index import Index
from galileo_context.pod import Pod, read_pod


@dataclass(frozen=True, slots=True)
class _Gone:
    pod: Pod
    at: float
    said: bool
    """Whether a delete event said so; otherwise an inventory did not list it."""


def is_older(version: str, known: str) -> bool:
    """Whether a resource version is from before the one known; False unless both are integers."""
    return version.isdecimal() and known.isdecimal() and int(version) < int(known)


class Pods:
    """All pods. `zone_of_node` tells a node's zone, None while the node is not known."""

    def __init__(self, *, retention_s: float, zone_of_node: Callable[[str], str | None]) -> None:
        self._retention_s = retention_s
        self._zone_of_node = zone_of_node
        self._present: dict[str, Pod] = {}
        self._noted_at: dict[str, float] = {}
        self._gone: dict[str, _Gone] = {}
        self._farewells: deque[tuple[float, str]] = deque()
        self._order = 0
        self._by_name: Index[str] = Index()
        self._by_ip: Index[str] = Index()
        self._by_container: Index[str] = Index()
        self._by_node: Index[str] = Index()
        self._by_function: Index[str] = Index()
        self._by_place: Index[tuple[str, str | None]] = Index()
        self._gateways: Index[str | None] = Index()
        self._place: dict[str, str | None] = {}

    def note(self, event: PodState, ts: float) -> Pod | None:
        """Takes a pod as it is at `ts` (unix seconds); the pod, or None when the event told nothing new.

        Raises `ValueError` when a resource quantity cannot be read; nothing has changed then.
        """
        gone = self._gone.get(event.pod_uid)
        known = self._present.get(event.pod_uid) or (gone.pod if gone is not None else None)
        if known is not None and is_older(event.resource_version, known.resource_version):
            return None
        deletion = isinstance(event, PodDelete)
        if gone is not None and (deletion or self._is_echo(event, gone)):
            return None
        order = known.order if known is not None else self._order + 1
        pod = read_pod(event, ts, order=order, previous=known)
        self._order = max(self._order, order)
        if deletion:
            self._bury(_with_last_known_place(pod, known), ts, said=True)
            return pod
        self._noted_at[pod.uid] = max(ts, self._noted_at.get(pod.uid, ts))
        if known == pod and gone is None:
            return None
        self._put(pod)
        return pod

    def keep_only(self, uids: Collection[str], as_of: float) -> None:
        """Drops the pods that are not among `uids` and were last heard of before `as_of`."""
        for uid in [uid for uid in self._present if uid not in uids and self._noted_at[uid] < as_of]:
            self._bury(self._present[uid], as_of, said=False)

    def heard_of(self, uid: str) -> bool:
        """Whether anything was told of a pod, be it that it has gone."""
        return uid in self._present or uid in self._gone

    def forget_before(self, ts: float) -> None:
        """Forgets the pods that have been gone since before `ts - retention_s`."""
        while self._farewells and self._farewells[0][0] < ts - self._retention_s:
            at, uid = self._farewells.popleft()
            gone = self._gone.get(uid)
            if gone is not None and gone.at == at:
                del self._gone[uid]
                self._unindex_identity(gone.pod)

    def rezone(self, node: str) -> None:
        """Takes notice that a node's zone has changed."""
        for uid in self._by_node.get(node):
            self._put(self._present[uid])

    def named(self, name: str, namespace: str | None = None) -> Pod | None:
        """The newest pod of that name, present or gone; in any namespace when none is given."""
        found = (self._any(uid) for uid in self._by_name.get(name))
        return _newest(pod for pod in found if namespace is None or pod.namespace == namespace)

    def at(self, address: str) -> Pod | None:
        """The newest pod, present or gone, at `ip:port` or `ip`; one that declares the port before one that does not.

        Pods on their host's network share its address, and only the port tells them apart.
        """
        ip, _, port = address.rpartition(":") if address.count(":") == 1 else (address, "", "")
        pods = [self._any(uid) for uid in self._by_ip.get(ip)]
        declaring = [pod for pod in pods if port.isdecimal() and int(port) in pod.ports]
        return _newest(declaring or pods)

    def with_container(self, container_id: str) -> Pod | None:
        """The newest pod, present or gone, with a container of that id, of any length and with or without scheme."""
        return _newest(self._any(uid) for uid in self._by_container.get(container_key(container_id)))

    def is_present(self, pod: Pod) -> bool:
        """Whether the pod has not gone."""
        return pod.uid in self._present

    def on_node(self, node: str) -> list[Pod]:
        """The pods bound to a node; with "" those that are bound to none yet."""
        return [self._present[uid] for uid in self._by_node.get(node)]

    def of_function(self, fn: str) -> list[Pod]:
        """The pods of a function that are there, whatever their state."""
        return [self._present[uid] for uid in self._by_function.get(fn)]

    def of_function_in(self, fn: str, zone: str) -> list[Pod]:
        """The same in a zone; a pod without a node counts where its selector or label sends it."""
        return [self._present[uid] for uid in self._by_place.get((fn, zone))]

    def gateways(self) -> list[Pod]:
        """The gateways that are there, whatever their state."""
        return [pod for zone in tuple(self._gateways.keys()) for pod in self.gateways_in(zone)]

    def gateways_in(self, zone: str | None) -> list[Pod]:
        """The same in a zone."""
        return [self._present[uid] for uid in self._gateways.get(zone)]

    def functions(self) -> Collection[str]:
        """The functions that have pods."""
        return self._by_function.keys()

    def zone_of(self, pod: Pod) -> str | None:
        """The zone of a pod's node; while there is none, the zone that it asks for."""
        return (self._zone_of_node(pod.node) if pod.node else None) or pod.asked_zone

    def _is_echo(self, event: PodState, gone: _Gone) -> bool:
        return gone.said and event.resource_version.isdecimal() and event.resource_version == gone.pod.resource_version

    def _any(self, uid: str) -> Pod:
        return self._present.get(uid) or self._gone[uid].pod

    def _put(self, pod: Pod) -> None:
        self._take_out(pod.uid)
        self._present[pod.uid] = pod
        self._index_identity(pod)
        self._by_node.add(pod.node, pod.uid)
        zone = self._place[pod.uid] = self.zone_of(pod)
        if pod.function is not None:
            self._by_function.add(pod.function, pod.uid)
            self._by_place.add((pod.function, zone), pod.uid)
        if pod.gateway:
            self._gateways.add(zone, pod.uid)

    def _bury(self, pod: Pod, at: float, *, said: bool) -> None:
        self._take_out(pod.uid)
        self._noted_at.pop(pod.uid, None)
        self._gone[pod.uid] = _Gone(pod, at, said)
        self._farewells.append((at, pod.uid))
        self._index_identity(pod)

    def _take_out(self, uid: str) -> None:
        gone = self._gone.pop(uid, None)
        if gone is not None:
            self._unindex_identity(gone.pod)
        pod = self._present.pop(uid, None)
        if pod is None:
            return
        self._unindex_identity(pod)
        self._by_node.discard(pod.node, uid)
        zone = self._place.pop(uid)
        if pod.function is not None:
            self._by_function.discard(pod.function, uid)
            self._by_place.discard((pod.function, zone), uid)
        self._gateways.discard(zone, uid)

    def _index_identity(self, pod: Pod) -> None:
        self._by_name.add(pod.name, pod.uid)
        if pod.ip:
            self._by_ip.add(pod.ip, pod.uid)
        for container in pod.containers:
            self._by_container.add(container, pod.uid)

    def _unindex_identity(self, pod: Pod) -> None:
        self._by_name.discard(pod.name, pod.uid)
        self._by_ip.discard(pod.ip, pod.uid)
        for container in pod.containers:
            self._by_container.discard(container, pod.uid)


def _with_last_known_place(pod: Pod, known: Pod | None) -> Pod:
    # A farewell may say less than was known, and late traces look for the address.
    if known is None:
        return pod
    return replace(
        pod,
        node=pod.node or known.node,
        ip=pod.ip or known.ip,
        ports=pod.ports or known.ports,
        containers=pod.containers or known.containers,
        specs=pod.specs or known.specs,
    )


def _newest(pods: Iterable[Pod]) -> Pod | None:
    return max(pods, key=lambda pod: (pod.created, pod.order), default=None)
