"""The state of the emulated cluster: objects, one rising resource version, and each kind's recent history.

Plain state without I/O. Time, randomness and thereby uids come from outside, so that a run can be repeated. Reading
returns what is stored, never a copy: callers copy before they change. Listeners are called after every change and
must not block.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from typing import TypeAlias

from ..apiobjects import JsonObject, timestamp
from ..defaults.priorities import system_classes
from ..kind import Kind, Surroundings
from ..kinds import NAMESPACES, PRIORITY_CLASSES
from ..managers.field_tracking import Writer, created
from ..managers.managed_fields import Entries
from ..types.built_in_structures import structure_of
from .catalog import Catalog
from .history import Change, History, Stored
from .saved_state import KindKey, SavedState

# Above every small number that a client might make up, so that "resourceVersion=1" is the distant past, as on a real
# server.
FIRST_VERSION = 1000

Observer: TypeAlias = Callable[[Kind, Change], None]

# Who manages what the server makes by itself.
_OWN_MANAGER = "kube-apiserver"

INITIAL_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


class Store:
    """All objects. `now` gives Unix seconds; `history_length` is how many changes of a kind are remembered, if small.

    `saved` is what it begins with, if not anew; the state is taken over.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        rng: random.Random,
        catalog: Catalog | None = None,
        history_length: int = 20_000,
        saved: SavedState | None = None,
    ) -> None:
        self.now = now
        self.rng = rng
        self.catalog = catalog or Catalog()
        saved = saved or SavedState(version=FIRST_VERSION)
        self.version = saved.version
        self._floor = saved.version
        self.telling = 0
        """Above 0 while listeners are told of a change: what is done then is the server's own doing."""
        self._history_length = history_length
        self._objects: dict[tuple[str, str], dict[str, dict[str, Stored]]] = defaultdict(dict, saved.objects)
        self._histories: dict[tuple[str, str], History] = {}
        self._listeners: dict[tuple[str, str], set[Callable[[], None]]] = defaultdict(set)
        self._observers: list[Observer] = []
        self.cluster_ips = saved.cluster_ips
        """How many service addresses were given out."""
        for name in INITIAL_NAMESPACES:
            self._put_initial(NAMESPACES, {"metadata": {"name": name}})
        for body in system_classes():
            self._put_initial(PRIORITY_CLASSES, body)

    def _put_initial(self, kind: Kind, body: JsonObject) -> None:
        if self.get(kind, "", body["metadata"]["name"]) is not None:
            return
        moment = timestamp(self.now())
        body["metadata"] |= {"uid": self.new_uid(), "creationTimestamp": moment}
        if kind.generation != "none":
            body["metadata"]["generation"] = 1
        kind.default(body)
        writer = Writer(_OWN_MANAGER, kind.api_version)
        managed = created(structure_of(kind), body, writer, moment=moment, ignored=())
        kind.set_up(body, self.surroundings())
        self.put(kind, body, managed)

    def new_uid(self) -> str:
        """A fresh uid, drawn from the store's randomness."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def surroundings(self) -> Surroundings:
        """What the making of an object may draw on."""
        return Surroundings(timestamp(self.now()), self._free_cluster_ip, self.bodies, self.rng)

    def _free_cluster_ip(self) -> str:
        self.cluster_ips += 1
        return str(IPv4Address("10.96.0.0") + self.cluster_ips)

    # Reading

    def get(self, kind: Kind, namespace: str, name: str) -> Stored | None:
        """The object, or None. `namespace` is empty for kinds that have none."""
        stored = self._objects[kind.key].get(namespace, {}).get(name)
        return stored if stored is None or kind.custom is None else kind.custom.shown(stored)

    def objects(self, kind: Kind, namespace: str | None) -> dict[str, Stored]:
        """Key to object, in the order of keys; of all namespaces when `namespace` is None."""
        of_kind = self._objects[kind.key]
        custom = kind.custom
        spaces = sorted(of_kind, key=lambda space: f"{space}/") if namespace is None else [namespace]
        return {
            object_key(space, name): in_space[name] if custom is None else custom.shown(in_space[name])
            for space in spaces
            for in_space in [of_kind.get(space, {})]
            for name in sorted(in_space)
        }

    def bodies(self, group: str, plural: str) -> Iterator[JsonObject]:
        """All objects of a kind, in no particular order; to be read, and at once."""
        return (stored.body for in_space in self._objects[group, plural].values() for stored in in_space.values())

    def count(self, kind: Kind) -> int:
        """How many objects of the kind there are."""
        return sum(len(in_space) for in_space in self._objects[kind.key].values())

    def everything(self) -> list[tuple[KindKey, Stored]]:
        """All objects of all kinds as they are stored, with their kinds' keys."""
        return [
            (key, stored)
            for key, spaces in self._objects.items()
            for in_space in spaces.values()
            for stored in in_space.values()
        ]

    def history(self, kind: Kind) -> History:
        """The kind's recent past."""
        history = self._histories.get(kind.key)
        if history is None:
            history = History(floor=self._floor, length=self._history_length)
            self._histories[kind.key] = history
        return history

    # Writing

    def put(self, kind: Kind, body: JsonObject, managed: Entries | None = None) -> Stored:
        """Store a new or changed object. Takes ownership of `body` (which has no kind and apiVersion).

        `managed` is who manages its fields; None leaves that as it was.
        """
        namespace, name = body["metadata"].get("namespace", ""), body["metadata"]["name"]
        in_space = self._objects[kind.key].setdefault(namespace, {})
        before = in_space.get(name)
        self.version += 1
        if managed is None:
            managed = before.managed if before is not None else ()
        after = Stored.of(body, self.version, managed)
        in_space[name] = after
        self._tell(kind, Change(object_key(namespace, name), self.version, before, after, after))
        return after

    def remove(self, kind: Kind, namespace: str, name: str) -> Stored:
        """Remove an object and return its final form, whose version is the removal's. Raises KeyError."""
        before = self._objects[kind.key][namespace].pop(name)
        self.version += 1
        last = before.at(self.version)
        self._tell(kind, Change(object_key(namespace, name), self.version, before, None, last))
        return last

    def forget_history(self) -> None:
        """Forget the past of every kind, as after a compaction: older versions are answered with 410."""
        self.version += 1
        for kind in self.catalog.kinds:
            self.history(kind).forget(self.version)

    def _tell(self, kind: Kind, change: Change) -> None:
        self.history(kind).append(change)
        for observer in self._observers:
            observer(kind, change)
        self.wake(kind)

    def listen(self, kind: Kind, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change of a kind, until the function is called that is returned."""
        self._listeners[kind.key].add(listener)
        return lambda: self._listeners[kind.key].discard(listener)

    @contextmanager
    def listening(self, kind: Kind, listener: Callable[[], None]) -> Iterator[None]:
        """Call `listener` after every change of a kind while the context lasts."""
        stop = self.listen(kind, listener)
        try:
            yield
        finally:
            stop()

    def wake(self, kind: Kind) -> None:
        """Call the listeners of a kind: of a change, or since the kind itself has changed."""
        self.telling += 1
        try:
            for listener in tuple(self._listeners[kind.key]):
                listener()
        finally:
            self.telling -= 1

    @contextmanager
    def observing(self, observer: Observer) -> Iterator[None]:
        """Call `observer` with every change of every kind, as it happens, while the context lasts.

        It must neither block nor raise, and must not change the store.
        """
        self._observers.append(observer)
        try:
            yield
        finally:
            self._observers.remove(observer)


def object_key(namespace: str, name: str) -> str:
    """The text by which objects of a kind are ordered and continued."""
    return f"{namespace}/{name}"
