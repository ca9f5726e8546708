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

from .apiobjects import JsonObject, timestamp
from .catalog import Catalog
from .history import Change, History, Stored
from .kind import Kind, Surroundings
from .kinds import NAMESPACES

# Above every small number that a client might make up, so that "resourceVersion=1" is the distant past, as on a real
# server.
FIRST_VERSION = 1000

INITIAL_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


class Store:
    """All objects. `now` gives Unix seconds; `history_length` is how many changes of a kind are remembered at least."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        rng: random.Random,
        catalog: Catalog | None = None,
        history_length: int = 20_000,
    ) -> None:
        self.now = now
        self.rng = rng
        self.catalog = catalog or Catalog()
        self.version = FIRST_VERSION
        self._history_length = history_length
        self._objects: dict[tuple[str, str], dict[str, dict[str, Stored]]] = defaultdict(dict)
        self._histories: dict[tuple[str, str], History] = {}
        self._listeners: dict[tuple[str, str], set[Callable[[], None]]] = defaultdict(set)
        self._cluster_ips = 0
        for name in INITIAL_NAMESPACES:
            self.put(NAMESPACES, self._initial_namespace(name))

    def _initial_namespace(self, name: str) -> JsonObject:
        metadata = {"name": name, "uid": self.new_uid(), "creationTimestamp": timestamp(self.now())}
        body: JsonObject = {"metadata": metadata}
        NAMESPACES.set_up(body, self.surroundings())
        return body

    def new_uid(self) -> str:
        """A fresh uid, drawn from the store's randomness."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def surroundings(self) -> Surroundings:
        """What the making of an object may draw on."""
        return Surroundings(timestamp(self.now()), self._free_cluster_ip)

    def _free_cluster_ip(self) -> str:
        self._cluster_ips += 1
        return str(IPv4Address("10.96.0.0") + self._cluster_ips)

    # Reading

    def get(self, kind: Kind, namespace: str, name: str) -> Stored | None:
        """The object, or None. `namespace` is empty for kinds that have none."""
        return self._objects[kind.key].get(namespace, {}).get(name)

    def objects(self, kind: Kind, namespace: str | None) -> dict[str, Stored]:
        """Key to object, in the order of keys; of all namespaces when `namespace` is None."""
        of_kind = self._objects[kind.key]
        spaces = sorted(of_kind, key=lambda space: f"{space}/") if namespace is None else [namespace]
        return {
            object_key(space, name): in_space[name]
            for space in spaces
            for in_space in [of_kind.get(space, {})]
            for name in sorted(in_space)
        }

    def count(self, kind: Kind) -> int:
        """How many objects of the kind there are."""
        return sum(len(in_space) for in_space in self._objects[kind.key].values())

    def history(self, kind: Kind) -> History:
        """The kind's recent past."""
        history = self._histories.get(kind.key)
        if history is None:
            history = History(floor=FIRST_VERSION, length=self._history_length)
            self._histories[kind.key] = history
        return history

    # Writing

    def put(self, kind: Kind, body: JsonObject) -> Stored:
        """Store a new or changed object. Takes ownership of `body` (which has no kind and apiVersion)."""
        namespace, name = body["metadata"].get("namespace", ""), body["metadata"]["name"]
        in_space = self._objects[kind.key].setdefault(namespace, {})
        before = in_space.get(name)
        self.version += 1
        after = Stored.of(body, self.version)
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
        for listener in tuple(self._listeners[kind.key]):
            listener()

    @contextmanager
    def listening(self, kind: Kind, listener: Callable[[], None]) -> Iterator[None]:
        """Call `listener` after every change of a kind while the context lasts."""
        self._listeners[kind.key].add(listener)
        try:
            yield
        finally:
            self._listeners[kind.key].discard(listener)


def object_key(namespace: str, name: str) -> str:
    """The text by which objects of a kind are ordered and continued."""
    return f"{namespace}/{name}"
