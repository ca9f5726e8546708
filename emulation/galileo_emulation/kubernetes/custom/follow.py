"""Following the definitions in a store: each becomes established, served, changed and in the end cleaned up.

This is what a real server's controllers do in the background. Here it is done within the change that calls for it: the
store tells of a change before the change's answer goes out, so that a kind is served when its definition was created.
Everything that follows is a change of its own, which watchers see in the order in which it is made.
"""

from collections.abc import Callable
from typing import NamedTuple

from ..apiobjects import JsonObject, copied, timestamp
from ..kind import Kind
from ..kinds import CUSTOM_RESOURCE_DEFINITIONS
from ..operations.deletion import Deletion, delete
from ..storage.history import Stored
from ..storage.store import Store
from .conditions import condition, is_true, with_condition
from .custom_kind import kinds_of
from .definition import CLEANUP
from .names import settled


def follow(store: Store) -> None:
    """Let the store's catalog follow the definitions in it, from now on, unless it does so already."""
    if not store.catalog.follows_definitions:
        store.catalog.follows_definitions = True
        definitions = Definitions(store)
        store.listen(CUSTOM_RESOURCE_DEFINITIONS, definitions.settle)
        definitions.settle()


class _Offer(NamedTuple):
    """What the catalog offers for a definition: of which definition, in which form, and the rows."""

    uid: str
    form: tuple[object, ...]
    kinds: tuple[Kind, ...]


class Definitions:
    """The definitions of a store, and which version of each the catalog offers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offered: dict[str, _Offer] = {}
        self._waiting: dict[str, Callable[[], None]] = {}
        self._busy = False
        self._again = False

    def settle(self) -> None:
        """Bring all definitions and the catalog to where they have to be. What that changes calls for it again."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        try:
            self._again = True
            while self._again:
                self._again = False
                self._settle_all()
        finally:
            self._busy = False

    def _settle_all(self) -> None:
        present = self._store.objects(CUSTOM_RESOURCE_DEFINITIONS, None)
        for stored in present.values():
            self._settle_one(stored, [other.body for other in present.values()])
            if self._again:
                return
        names = {stored.body["metadata"]["name"] for stored in present.values()}
        for name in [name for name in self._offered if name not in names]:
            self._store.catalog.withdraw(name)
            self._wake(self._offered.pop(name).kinds)
            self._stop_waiting(name)

    def _settle_one(self, stored: Stored, others: list[JsonObject]) -> None:
        now = timestamp(self._store.now())
        status = settled(stored.body, others, now)
        if status != stored.body["status"]:
            self._write(stored.body, status)
            return
        self._offer(stored.body)
        if "deletionTimestamp" in stored.body["metadata"] and CLEANUP in stored.body["metadata"].get("finalizers", []):
            self._clean_up(stored.body, now)

    def _write(self, definition: JsonObject, status: JsonObject, **metadata: object) -> None:
        body = copied(definition)
        body["status"] = copied(status)
        body["metadata"].update(metadata)
        self._store.put(CUSTOM_RESOURCE_DEFINITIONS, body)

    # Serving

    def _offer(self, definition: JsonObject) -> None:
        metadata = definition["metadata"]
        if not is_true(definition, "Established"):
            return
        uid, name = metadata["uid"], metadata["name"]
        names = definition["status"]["acceptedNames"]
        form = (metadata["generation"], is_true(definition, "Terminating"), repr(names))
        earlier = self._offered.get(name)
        if earlier is not None and (earlier.uid, earlier.form) == (uid, form):
            return
        kinds = tuple(kinds_of(definition))
        if earlier is None or earlier.uid != uid:
            # Objects of an earlier definition of the same name are not this one's past.
            self._store.history(_any_kind(definition)).forget(self._store.version)
        self._offered[name] = _Offer(uid, form, kinds)
        self._store.catalog.offer(name, kinds)
        self._wake((*kinds, *(earlier.kinds if earlier is not None else ())))

    def _wake(self, kinds: tuple[Kind, ...]) -> None:
        """Let watches see that their kind has changed or gone, which ends them."""
        for kind in kinds:
            self._store.wake(kind)

    # Cleaning up

    def _clean_up(self, definition: JsonObject, now: str) -> None:
        status, name = definition["status"], definition["metadata"]["name"]
        if is_true(definition, "Terminating") and not _is_in_progress(status):
            message = "CustomResource deletion is in progress"
            self._write(definition, _terminating(status, "True", "InstanceDeletionInProgress", message, now))
            return
        kind = _any_kind(definition)
        for stored in self._store.objects(kind, None).values():
            delete(self._store, kind, stored, Deletion())
        if self._store.count(kind):
            self._wait_for_last(name, kind)
            return
        self._stop_waiting(name)
        self._finish(definition, now)

    def _wait_for_last(self, name: str, kind: Kind) -> None:
        """Objects with finalizers go when these are taken off; look again at every change until then."""
        if name not in self._waiting:
            self._waiting[name] = self._store.listen(kind, self.settle)

    def _stop_waiting(self, name: str) -> None:
        stop = self._waiting.pop(name, None)
        if stop is not None:
            stop()

    def _finish(self, definition: JsonObject, now: str) -> None:
        metadata, status = definition["metadata"], definition["status"]
        done = _terminating(status, "False", "InstanceDeletionCompleted", "removed all instances", now)
        rest = [finalizer for finalizer in metadata["finalizers"] if finalizer != CLEANUP]
        if rest:
            self._write(definition, done, finalizers=rest)
            return
        self._store.remove(CUSTOM_RESOURCE_DEFINITIONS, "", metadata["name"])


def _is_in_progress(status: JsonObject) -> bool:
    return any(entry["reason"] == "InstanceDeletionInProgress" for entry in status["conditions"])


def _terminating(status: JsonObject, value: str, reason: str, message: str, now: str) -> JsonObject:
    ended = condition("Terminating", value, reason, message, now)
    return {**status, "conditions": with_condition(status["conditions"], ended)}


def _any_kind(definition: JsonObject) -> Kind:
    """A row under which the definition's objects are found; they are the same under each."""
    stored = next(version for version in definition["spec"]["versions"] if version["storage"])
    served = {**definition, "spec": {**definition["spec"], "versions": [{**stored, "served": True}]}}
    return kinds_of(served)[0]
