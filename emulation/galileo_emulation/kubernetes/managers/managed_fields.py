"""metadata.managedFields: who manages which fields of an object, an entry for each manager, operation and subresource.

    client's JSON -> read_entries -> Entry (kept beside the stored object) -> in an order -> JSON in answers

Entries are kept apart from the object that they are about, so that whoever reads an object in this process need not
carry them, and with their sets of fields as JSON, of which many objects share one copy.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import orjson

from ..apiobjects import JsonObject
from .field_sets import FieldSet, FieldSetError, checked, decoded, encoded

# JSON as a client sent it.
Json: TypeAlias = Any

APPLY = "Apply"
UPDATE = "Update"
FIELDS_TYPE = "FieldsV1"


class Entry(NamedTuple):
    """What one manager manages. `time` is the API's form or "" for none; `fields` is the set as JSON (FieldsV1)."""

    manager: str
    operation: str
    api_version: str
    subresource: str
    time: str
    fields: bytes

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What tells entries apart. An applier has one entry, whatever version it applies in."""
        return (self.manager, self.operation, self.subresource, "" if self.operation == APPLY else self.api_version)

    @property
    def field_set(self) -> FieldSet:
        """The set of fields."""
        return decoded(self.fields)

    def owning(self, fields: FieldSet) -> "Entry":
        """The same entry with another set."""
        return self._replace(fields=encoded(fields))


Entries: TypeAlias = tuple[Entry, ...]


def in_order(entries: Iterable[Entry]) -> Entries:
    """The entries in the API's order: appliers first, then the older before the newer."""
    return tuple(sorted(entries, key=_place))


def _place(entry: Entry) -> tuple[str, str, str, str, str]:
    return (entry.operation, entry.time, entry.manager, entry.api_version, entry.subresource)


def same_but_for_times(one: Entries, other: Entries) -> bool:
    """Whether two lists of entries differ in nothing but their times."""
    if one == other:
        return True
    return {(entry.identity, entry.api_version, entry.fields) for entry in one} == {
        (entry.identity, entry.api_version, entry.fields) for entry in other
    }


# Objects that were made alike within a second have equal entries, and lists write thousands of them.
@lru_cache(maxsize=1024)
def as_json(entries: Entries) -> bytes:
    """The entries as a JSON list."""
    return b"[" + b",".join(map(_entry_json, entries)) + b"]"


def _entry_json(entry: Entry) -> bytes:
    head = _head(entry.manager, entry.operation, entry.api_version)
    time = b',"time":%b' % orjson.dumps(entry.time) if entry.time else b""
    tail = b',"subresource":%b}' % orjson.dumps(entry.subresource) if entry.subresource else b"}"
    return b'%b%b,"fieldsType":"FieldsV1","fieldsV1":%b%b' % (head, time, entry.fields, tail)


@lru_cache(maxsize=1024)
def _head(manager: str, operation: str, api_version: str) -> bytes:
    return orjson.dumps({"manager": manager, "operation": operation, "apiVersion": api_version})[:-1]


def as_objects(entries: Entries) -> list[JsonObject]:
    """The entries as JSON objects, the caller's own."""
    objects: list[JsonObject] = orjson.loads(as_json(entries))
    return objects


def is_reset(sent: Json) -> bool:
    """Whether a client sent that nothing is to be managed any more: no entry, or a single empty one."""
    return sent in ([], [{}])


def read_entries(sent: Json) -> Entries | None:
    """The entries that a client sent; None where they cannot be read, which counts as not having sent any."""
    if not isinstance(sent, list):
        return None
    found: dict[tuple[str, str, str, str], Entry] = {}
    for raw in sent:
        entry = _entry(raw)
        if entry is None:
            return None
        found[entry.identity] = entry
    return in_order(found.values())


def _entry(raw: Json) -> Entry | None:
    if not isinstance(raw, dict) or raw.get("operation") not in (APPLY, UPDATE):
        return None
    if not raw.get("apiVersion") or raw.get("fieldsType") != FIELDS_TYPE:
        return None
    try:
        fields = checked(raw.get("fieldsV1") or {})
    except FieldSetError:
        return None
    texts = [raw.get(name, "") for name in ("manager", "apiVersion", "subresource", "time")]
    if not all(isinstance(text, str) for text in texts):
        return None
    manager, api_version, subresource, time = texts
    return Entry(manager, raw["operation"], api_version, subresource, time, encoded(fields))
