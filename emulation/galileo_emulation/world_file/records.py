"""The lines of a world file: how a change becomes a line, and what a line says.

    3f2a91c0 {"op":"put","kind":["","pods"],"managed":[…],"object":{…}}
    77b0d1e2 {"op":"remove","kind":["","pods"],"namespace":"default","name":"web-1","version":1207}
    0c9912ab {"op":"counters","version":1001207,"cluster_ips":4}

Each begins with the CRC-32 of the rest, so that a line that was half written is known. The first line says what the
file is and which world made it (maker.py). An object is written as it is kept, without being encoded again.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import orjson

from galileo_emulation.kubernetes.managers.managed_fields import Entries, Entry
from galileo_emulation.kubernetes.storage.history import Change, Stored
from galileo_emulation.kubernetes.storage.saved_state import KindKey, SavedState

_SUM_LENGTH = 9
# Nothing before the object can hold this: quotes in names are escaped, and no field set has a step of this name.
_OBJECT = b',"object":{'


class BadRecordError(ValueError):
    """A line that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What rises by itself. No version above `version` has been told to anyone, as long as no later line says so."""

    version: int
    cluster_ips: int


def line(content: bytes) -> bytes:
    """A record as a line of the file."""
    return b"%08x %b\n" % (zlib.crc32(content), content)


def content(text: bytes) -> bytes:
    """The record of a line (without its end). Raises BadRecordError when the line is not as it was written."""
    written, record = text[:_SUM_LENGTH], text[_SUM_LENGTH:]
    if written != b"%08x " % zlib.crc32(record):
        raise BadRecordError("the line's checksum does not fit")
    return record


def put_line(kind: KindKey, stored: Stored) -> bytes:
    """An object that is new, or as it now is."""
    managed = b",".join(map(_entry, stored.managed))
    return line(b'{"op":"put","kind":%b,"managed":[%b],"object":%b}' % (orjson.dumps(kind), managed, stored.encoded))


def change_line(kind: KindKey, change: Change) -> bytes:
    """A step of an object's life."""
    if change.after is not None:
        return put_line(kind, change.after)
    namespace, _, name = change.key.partition("/")
    fields = {"op": "remove", "kind": kind, "namespace": namespace, "name": name, "version": change.version}
    return line(orjson.dumps(fields))


def counters_line(counters: Counters) -> bytes:
    """The counters as they now are."""
    return line(orjson.dumps({"op": "counters", "version": counters.version, "cluster_ips": counters.cluster_ips}))


class Reader:
    """Takes records into a state, one by one. Field sets that are equal share their bytes."""

    def __init__(self) -> None:
        self.state = SavedState()
        self._field_sets: dict[bytes, bytes] = {}

    def take(self, record: bytes) -> None:
        """Do to the state what a record says. Raises BadRecordError."""
        try:
            self._take(record)
        except (orjson.JSONDecodeError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise BadRecordError(f"{type(error).__name__}: {error}") from None

    def _take(self, record: bytes) -> None:
        start = record.find(_OBJECT)
        head = orjson.loads(record if start < 0 else record[:start] + b"}")
        match head["op"]:
            case "put":
                self._put(head, record[start + len(_OBJECT) - 1 : -1])
            case "remove":
                self.state.remove(_kind(head), head["namespace"], head["name"], head["version"])
            case "counters":
                self.state.version = head["version"]
                self.state.cluster_ips = head["cluster_ips"]
            case other:
                raise ValueError(f"op {other!r} is not known")

    def _put(self, head: dict[str, Any], encoded: bytes) -> None:
        body = orjson.loads(encoded)
        version = int(body["metadata"]["resourceVersion"])
        self.state.put(_kind(head), Stored(body, encoded, version, self._entries(head["managed"])))

    def _entries(self, rows: list[list[Any]]) -> Entries:
        return tuple(
            Entry(manager, operation, api_version, subresource, time, self._field_set(orjson.dumps(fields)))
            for manager, operation, api_version, subresource, time, fields in rows
        )

    def _field_set(self, text: bytes) -> bytes:
        return self._field_sets.setdefault(text, bytes(memoryview(text)))


def _kind(head: dict[str, Any]) -> KindKey:
    group, plural = head["kind"]
    return (group, plural)


def _entry(entry: Entry) -> bytes:
    *texts, fields = entry
    return b"%b,%b]" % (orjson.dumps(texts)[:-1], fields)
