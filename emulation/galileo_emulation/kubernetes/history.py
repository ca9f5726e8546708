"""The recent past of one kind: what watches are fed from, and how a list of an earlier moment is rebuilt.

The history is at the same time every watcher's queue. A watcher holds nothing but the version up to which it has been
told; it asks for what came since. It is bounded: a watcher (or a list in pages) that falls behind its beginning is
told 410 and has to list again, so one slow reader can neither hold memory nor lose events unnoticed.
"""

from bisect import bisect_right
from dataclasses import dataclass, field

from .apiobjects import JsonObject, kept_json
from .managed_fields import Entries


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as stored. `body` (without kind, apiVersion and managedFields) must not be changed.

    `encoded` is its JSON, metadata first. `managed` is who manages which of its fields; answers put it in.
    """

    body: JsonObject
    encoded: bytes
    version: int
    managed: Entries = ()

    @classmethod
    def of(cls, body: JsonObject, version: int, managed: Entries = ()) -> "Stored":
        """Take ownership of `body`, write its resourceVersion and encode it."""
        body["metadata"]["resourceVersion"] = str(version)
        return cls(body, encoded(body), version, managed)

    def at(self, version: int) -> "Stored":
        """The same object under another resourceVersion."""
        return Stored.of({**self.body, "metadata": dict(self.body["metadata"])}, version, self.managed)


def encoded(body: JsonObject) -> bytes:
    """An object as JSON, its metadata first, so that what answers add to it needs no search."""
    if next(iter(body)) != "metadata":
        body = {"metadata": body["metadata"], **body}
    return kept_json(body)


@dataclass(slots=True)
class Change:
    """One step of an object's life. `after` is None when the object was removed; `last` is then its final form."""

    key: str
    version: int
    before: Stored | None
    after: Stored | None
    last: Stored
    _gone: Stored | None = field(default=None, repr=False)

    @property
    def gone(self) -> Stored:
        """What a watcher is shown whose view the object has left: its earlier form under the new version."""
        if self._gone is None:
            if self.after is None or self.before is None:
                self._gone = self.last
            else:
                self._gone = self.before.at(self.version)
        return self._gone


class History:
    """The last `length` changes or more (up to twice as many), in order of version."""

    def __init__(self, *, floor: int, length: int) -> None:
        self.floor = floor
        """The oldest version from which every later change is still known."""
        self._length = length
        self._changes: list[Change] = []

    def append(self, change: Change) -> None:
        """Add the newest change; forget the oldest when there are too many."""
        self._changes.append(change)
        if len(self._changes) >= 2 * self._length:
            dropped = len(self._changes) - self._length
            self.floor = self._changes[dropped - 1].version
            del self._changes[:dropped]

    def forget(self, floor: int) -> None:
        """Drop the past, so that only what comes after `floor` is known."""
        self._changes.clear()
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
