"""What controllers see of the cluster: objects found by what they belong to, and a word on every change.

    store -> Informers (an observer) -> the kind's Informer: its indexes, then its handlers -> keys in work queues

An index maps a text (the uid of a controller, a node's name) to objects, so that a controller never looks through all
pods for its own. Indexes are brought up to date before handlers are told. Everything happens within the change, so
that what is read here is never older than what is stored; handlers must not block, raise, or write to the store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.storage.history import Change
from galileo_emulation.kubernetes.storage.store import Store, object_key

IndexFunction: TypeAlias = Callable[[JsonObject], tuple[str, ...]]
Handler: TypeAlias = Callable[[Change], None]
AnyHandler: TypeAlias = Callable[[Kind, Change], None]


def by_namespace(body: JsonObject) -> tuple[str, ...]:
    """Index by namespace."""
    return (body["metadata"].get("namespace", ""),)


class Informer:
    """The objects of one kind. Indexes and handlers are given before the start."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._objects: dict[str, JsonObject] = {}
        self._functions: dict[str, IndexFunction] = {}
        self._indexes: dict[str, dict[str, dict[str, None]]] = {}
        # For each index and object the texts under which it is there.
        self._values: dict[str, dict[str, tuple[str, ...]]] = {}
        self._handlers: list[Handler] = []

    def index(self, name: str, function: IndexFunction) -> None:
        """Keep an index; asking twice for the same one is one index."""
        self._functions[name] = function
        self._indexes.setdefault(name, defaultdict(dict))
        self._values.setdefault(name, {})

    def on_change(self, handler: Handler) -> None:
        """Call `handler` after every change, and once for every object that is there at the start."""
        self._handlers.append(handler)

    def get(self, key: str) -> JsonObject | None:
        """The object of a key (`namespace/name`)."""
        return self._objects.get(key)

    def all_keys(self) -> list[str]:
        """The keys of all objects."""
        return list(self._objects)

    def all(self) -> list[JsonObject]:
        """All objects, in the order of their creation."""
        return list(self._objects.values())

    def by(self, name: str, value: str) -> list[JsonObject]:
        """The objects that the index `name` has under `value`, in the order in which they came there."""
        found = self._indexes[name].get(value)
        return [self._objects[key] for key in found] if found else []

    def count(self, name: str, value: str) -> int:
        """How many objects the index `name` has under `value`."""
        return len(self._indexes[name].get(value, ()))

    def observe(self, change: Change) -> None:
        """Take in a change and pass it on."""
        if change.after is None:
            self._objects.pop(change.key, None)
        else:
            self._objects[change.key] = change.after.body
        for name, function in self._functions.items():
            self._reindex(name, change.key, function(change.after.body) if change.after is not None else ())
        for handler in self._handlers:
            handler(change)

    def _reindex(self, name: str, key: str, after: tuple[str, ...]) -> None:
        before = self._values[name].pop(key, ())
        if after:
            self._values[name][key] = after
        if before == after:
            return
        index = self._indexes[name]
        for value in before:
            if value not in after:
                index[value].pop(key, None)
                if not index[value]:
                    del index[value]
        for value in after:
            index[value].setdefault(key)


class Informers:
    """The informers of all kinds that controllers asked for; kinds may come and go while they run."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_kind: dict[tuple[str, str], Informer] = {}
        self._any_handlers: list[AnyHandler] = []

    def of(self, kind: Kind) -> Informer:
        """The informer of a kind."""
        return self._by_kind.setdefault(kind.key, Informer(kind))

    def on_any_change(self, handler: AnyHandler) -> None:
        """Call `handler` after every change of whatever kind, and once for every object that is there at the start."""
        self._any_handlers.append(handler)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Tell of what is there, then of every change while the context lasts."""
        with self._store.observing(self._observe):
            for kind in {kind.key: kind for kind in self._store.catalog.kinds}.values():
                for key, stored in self._store.objects(kind, None).items():
                    self._observe(kind, Change(key, stored.version, None, stored, stored))
            yield

    def _observe(self, kind: Kind, change: Change) -> None:
        informer = self._by_kind.get(kind.key)
        if informer is not None:
            informer.observe(change)
        for handler in self._any_handlers:
            handler(kind, change)


def key_of(body: JsonObject) -> str:
    """The key of an object, `namespace/name`."""
    metadata = body["metadata"]
    return object_key(metadata.get("namespace", ""), metadata["name"])


def split_key(key: str) -> tuple[str, str]:
    """The namespace and the name in a key."""
    namespace, _, name = key.partition("/")
    return namespace, name
