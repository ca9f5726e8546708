"""How every write that is no apply changes who manages what.

The writer manages what it wrote; nobody manages what is gone; others lose what was written over. A write that changes
nothing leaves everything as it was. Objects whose managers were cleared are not tracked again before someone applies.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..apiobjects import JsonObject
from ..kind import Kind
from ..types.elements import ElementError
from ..types.structures import Struct
from .field_sets import FieldSet, difference, union
from .managed_fields import APPLY, UPDATE, Entries, Entry, in_order, is_reset, read_entries
from .ownership import Differences, differences

# What no manager can own: who an object is, and what the server alone writes.
NEVER_OWNED: FieldSet = {
    "f:apiVersion": {},
    "f:kind": {},
    "f:metadata": {
        ".": {},
        "f:name": {},
        "f:namespace": {},
        "f:creationTimestamp": {},
        "f:selfLink": {},
        "f:uid": {},
        "f:clusterName": {},
        "f:generation": {},
        "f:managedFields": {},
        "f:resourceVersion": {},
    },
}
CONTROLLERS = "kube-controller-manager"
"""Who writes within this process, unless said otherwise."""
MOST_UPDATERS = 10
"""Beyond so many updaters, the oldest are put together under one name."""
OLD_UPDATERS = "ancient-changes"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, in which version of the kind, and through which subresource ("" for the object itself)."""

    manager: str
    api_version: str
    subresource: str = ""


def unowned_parts(kind: Kind, subresource: str) -> Container[str]:
    """The top-level fields that a write does not touch, whatever is sent, and so cannot own."""
    if subresource == "status":
        return _BESIDES_STATUS if kind.custom is None else _ALL_BUT_STATUS
    return ("status",) if kind.has_status else ()


class _AllBut(Container[str]):
    """Every name but some."""

    def __init__(self, *names: str) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name not in self._names


_BESIDES_STATUS = _AllBut("metadata", "status")
# The status of a custom kind comes without any metadata.
_ALL_BUT_STATUS = _AllBut("status")


def base_entries(entries: Entries, sent: Any, subresource: str) -> Entries:
    """The entries that a write starts from: those that were sent with the object, if any, else the present ones.

    `sent` is metadata.managedFields as it came. A subresource cannot be used to write it.
    """
    if sent is None or subresource:
        return entries
    if is_reset(sent):
        return ()
    return read_entries(sent) or entries


def created(structure: Struct, body: JsonObject, writer: Writer, *, moment: str, ignored: Container[str]) -> Entries:
    """The entries of a new object: its creator manages what it sent and what that was completed to."""
    return tracked(structure, {}, body, (), writer, moment=moment, ignored=ignored)


def tracked(
    structure: Struct,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    entries: Entries,
    writer: Writer,
    *,
    moment: str,
    ignored: Container[str] = (),
    in_version: Callable[[str], Differences] | None = None,
) -> Entries:
    """The entries after a write at `moment` (the API's form) has changed `before` to `after`.

    `in_version` tells the same change in another version of the kind, for those who wrote in that.
    """
    try:
        found = differences(structure, dict(before), dict(after), ignored=ignored)
        return _after_write(entries, found, writer, moment=moment, in_version=in_version or (lambda version: found))
    except ElementError:
        # A list whose elements cannot be told apart cannot be tracked; what was known stays.
        return entries


def _after_write(
    entries: Entries, found: Differences, writer: Writer, *, moment: str, in_version: Callable[[str], Differences]
) -> Entries:
    if not found.written and not found.removed:
        return entries
    own = difference(found.written, NEVER_OWNED)
    mine = Entry(writer.manager, UPDATE, writer.api_version, writer.subresource, moment, b"{}")
    kept = []
    for entry in entries:
        if own and entry.identity == mine.identity:
            present = entry.field_set
            own = union(difference(present, found.removed), own)
            if own is present:
                # Most writes are of fields that their writer manages already.
                kept.append(mine._replace(fields=entry.fields))
                own = {}
            continue
        left = without_lost(entry, found if entry.api_version == writer.api_version else in_version(entry.api_version))
        if left is not None:
            kept.append(left)
    if own:
        kept.append(mine.owning(own))
    return in_order(_capped(kept))


def without_lost(entry: Entry, found: Differences) -> Entry | None:
    """An entry without what others wrote over and what is gone; None when nothing is left."""
    present = entry.field_set
    left = difference(difference(present, found.written), found.removed)
    if left is present:
        return entry
    return entry.owning(left) if left else None


def _capped(entries: list[Entry]) -> Iterable[Entry]:
    """Put the oldest updaters of each version together under one name, until there are few enough."""
    updaters = sorted((entry for entry in entries if entry.operation != APPLY), key=_age)
    surplus = len(updaters) - MOST_UPDATERS
    if surplus <= 0:
        return entries
    kept = {entry.identity: entry for entry in entries}
    oldest: dict[str, Entry] = {}
    for entry in updaters:
        first = oldest.setdefault(entry.api_version, entry)
        bucket = Entry(OLD_UPDATERS, UPDATE, entry.api_version, "", entry.time, b"{}")
        if surplus <= 0 or first is entry or entry.identity == bucket.identity:
            continue
        gathered = kept.pop(bucket.identity, None) or kept.pop(first.identity)
        del kept[entry.identity]
        kept[bucket.identity] = bucket.owning(union(gathered.field_set, entry.field_set))
        surplus -= 1
    return kept.values()


def _age(entry: Entry) -> tuple[str, tuple[str, str, str, str]]:
    return (entry.time, entry.identity)
