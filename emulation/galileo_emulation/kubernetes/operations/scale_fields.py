"""Who manages the number of replicas, as seen through the scale subresource.

    entries of the object -> entries_of_scale -> entries of its Scale -> (a write, an application) -> entries_of_object

A Scale shows no managers, but whoever writes it manages the object's number of replicas from then on, under the
subresource `scale`, and an application to it conflicts with those who manage that number.
"""

from collections.abc import Sequence

from ..kind import Kind
from ..managers.field_sets import LEAF, FieldSet, difference, encoded, has
from ..managers.managed_fields import Entries, Entry, in_order
from .scale import SCALE

_IN_SCALE = ("f:spec", "f:replicas")


def _only(path: Sequence[str]) -> FieldSet:
    fields = LEAF
    for step in reversed(path):
        fields = {step: fields}
    return fields


def _in_object(kind: Kind) -> tuple[str, ...]:
    assert kind.scale is not None, f"{kind.resource} offers scale without saying where its replicas are"
    return tuple(f"f:{step}" for step in kind.scale.replicas)


def entries_of_scale(kind: Kind, entries: Entries) -> Entries:
    """Those entries of an object which manage its number of replicas, as entries of its Scale."""
    path, fields = _in_object(kind), encoded(_only(_IN_SCALE))
    return in_order(
        Entry(entry.manager, entry.operation, SCALE.api_version, entry.subresource, entry.time, fields)
        for entry in entries
        if has(entry.field_set, path)
    )


def entries_of_object(kind: Kind, entries: Entries, of_scale: Entries) -> Entries:
    """The object's entries when those of its Scale have become `of_scale`. New ones have no time."""
    path = _in_object(kind)
    replicas = _only(path)
    managing = {_who(entry): entry for entry in of_scale if has(entry.field_set, _IN_SCALE)}
    kept: dict[tuple[str, str, str, str], Entry] = {}
    for entry in entries:
        if not has(entry.field_set, path) or managing.pop(_who(entry), None) is not None:
            kept[entry.identity] = entry
            continue
        left = difference(entry.field_set, replicas)
        if left:
            kept[entry.identity] = entry.owning(left)
    for entry in managing.values():
        new = Entry(entry.manager, entry.operation, kind.api_version, entry.subresource, "", encoded(replicas))
        kept[new.identity] = new
    return in_order(kept.values())


def _who(entry: Entry) -> tuple[str, str, str]:
    return (entry.manager, entry.operation, entry.subresource)
