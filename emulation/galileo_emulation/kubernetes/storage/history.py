"""The recent past of one kind: what watches are fed from, and how a list of an earlier moment is rebuilt.

The history is at the same time every watcher's queue. A watcher holds nothing but the version up to which it has been
told; it asks for what came since. It is bounded: a watcher (or a list in pages) that falls behind its beginning is
told 410 and has to list again, so one slow reader can neither hold memory nor lose events unnoticed.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

import orjson

from ..apiobjects import JsonObject, kept_json
from ..managers.managed_fields import Entries

# Old forms of so many changes keep their trees, which watches look at; trees take several times the room of their JSON.
_WITH_TREES = 500
# A kind's changes are forgotten earlier than by their number when their JSON takes more.
_LARGEST_BYTES = 24 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Stored:
    """An object as stored. `body` (without kind, apiVersion and managedFields) must not be changed.

    `encoded` is its JSON, metadata first. `managed` is who manages which of its fields; answers put it in.
    """

    _tree: JsonObject | None
    encoded: bytes
    version: int
    managed: Entries = ()

    @classmethod
    def of(cls, body: JsonObject, version: int, managed: Entries = ()) -> "Stored":
        """Take ownership of `body`, write its resourceVersion and encode it."""
        body["metadata"]["resourceVersion"] = str(version)
        return cls(body, encoded(body), version, managed)

    @property
    def body(self) -> JsonObject:
        """The object's tree; decoded anew each time once the object is folded."""
        if self._tree is not None:
            return self._tree
        tree: JsonObject = orjson.loads(self.encoded)
        return tree

    def fold(self) -> None:
        """Keep nothing but the JSON, as is enough for what is seldom looked at."""
        self._tree = None

    def at(self, version: int) -> "Stored":
        """The same object under another resourceVersion."""
        body = self.body
        return Stored.of({**body, "metadata": dict(body["metadata"])}, version, self.managed)


def encoded(body: JsonObject) -> bytes:
    """An object as JSON, its metadata first, so that what answers add to it needs no search."""
    if next(iter(body)) != "metadata":
        body = {"metadata": body["metadata"], **body}
    return kept_json(body)


@dataclass(slots=True)
class Change:
    """One step of an object's life. `after` is None when the object was removed; `last` is then its final form.

    `written` keeps how the change was written to watchers, for those that are to see the same; None once it is old.
    """

    key: str
    version: int
    before: Stored | None
    after: Stored | None
    last: Stored
    _gone: Stored | None = field(default=None, repr=False)
    written: dict[object, bytes] | None = field(default_factory=dict, repr=False)

    @property
    def gone(self) -> Stored:
        """What a watcher is shown whose view the object has left: its earlier form under the new version."""
        if self._gone is None:
            if self.after is None or self.before is None:
                self._gone = self.last
            else:
                self._gone = self.before.at(self.version)
        return self._gone

    def fold(self) -> None:
        """Keep less of it: it has become old. What is stored still stays as it is."""
        self._gone = None
        self.written = None
        if self.before is not None:
            self.before.fold()
        if self.after is None:
            self.last.fold()


class History:
    """The last `length` changes or more (up to twice as many), in order of version; fewer where they are large.

    The newest `with_trees` are kept ready, older ones as JSON.
    """

    def __init__(
        self,
        *,
        floor: int,
        length: int,
        with_trees: int = _WITH_TREES,
        largest_bytes: int = _LARGEST_BYTES,
    ) -> None:
        self.floor = floor
        """The oldest version from which every later change is still known."""
        self._length = length
        self._with_trees = with_trees
        self._largest_bytes = largest_bytes
        self._changes: list[Change] = []
        self._bytes = 0

    def append(self, change: Change) -> None:
        """Add the newest change; forget the oldest when there are too many."""
        self._changes.append(change)
        self._bytes += len(change.last.encoded)
        if len(self._changes) > self._with_trees:
            self._changes[-1 - self._with_trees].fold()
        if len(self._changes) >= 2 * self._length:
            self._drop(len(self._changes) - self._length)
        elif self._bytes > self._largest_bytes:
            # An eighth at once, so that the rest need not move up with every change.
            self._drop(len(self._changes) // 8 + 1)

    def _drop(self, count: int) -> None:
        self.floor = self._changes[count - 1].version
        self._bytes -= sum(len(change.last.encoded) for change in self._changes[:count])
        del self._changes[:count]

    def forget(self, floor: int) -> None:
        """Drop the past, so that only what comes after `floor` is known."""
        self._changes.clear()
        self._bytes = 0
        self.floor = floor

    def since(self, version: int) -> list[Change]:
        """The changes after `version`, which must not lie before `floor`."""
        return self._changes[bisect_right(self._changes, version, key=lambda change: change.version) :]

    def as_of(self, version: int, present: dict[str, Stored]) -> dict[str, Stored]:
        """Rebuild the objects of an earlier moment by undoing what happened since. `present` maps key to object."""
        objects = dict(present)
        for change in reversed(self.since(version)):
            if change.before is None:
                objects.pop(change.key, None)
            else:
                objects[change.key] = change.before
        return objects
