"""Etcd's JSON gateway, as pure functions: request bodies out, plain values in.

The gateway is the gRPC interface in protobuf's JSON form: keys and values are base64, 64-bit numbers are strings, and
a field with its zero value is left out (an empty value, the event type PUT, the revision 0). Field names are in snake
case in answers. Source: etcd's `api/etcdserverpb/rpc.proto` and answers of etcd 3.5.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from galileo_backends.etcd.interface import Delete, KeyValue, Put

JsonObject = dict[str, Any]


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode_key(raw: JsonObject) -> str:
    return base64.b64decode(raw.get("key", "")).decode("utf-8", "replace")


def range_end(prefix: str) -> bytes:
    """The smallest key that is greater than every key with this prefix: `zone-a/` gives `zone-a0`.

    That is the prefix with its last byte raised by one (UTF-8 has no byte 0xff, so that it can be raised). Nothing is
    greater than all keys: etcd writes that as one zero byte.
    """
    head = prefix.encode()
    return head[:-1] + bytes([head[-1] + 1]) if head else b"\0"


def key_range(key: str) -> JsonObject:
    """Fields that choose one key."""
    return {"key": _encode(key.encode())}


def prefix_range(prefix: str) -> JsonObject:
    """Fields that choose all keys with this prefix; every key for the empty one."""
    return {"key": _encode(prefix.encode() or b"\0"), "range_end": _encode(range_end(prefix))}


def put_request(key: str, value: bytes) -> JsonObject:
    """Body of /v3/kv/put."""
    return {"key": _encode(key.encode()), "value": _encode(value)}


def put_all_request(items: Mapping[str, bytes]) -> JsonObject:
    """Body of /v3/kv/txn that puts every item."""
    return {"success": [{"request_put": put_request(key, value)} for key, value in items.items()]}


def watch_request(prefix: str, *, start_revision: int) -> JsonObject:
    """Body of /v3/watch: every change under the prefix from this revision on."""
    return {"create_request": prefix_range(prefix) | {"start_revision": str(start_revision)}}


@dataclass(frozen=True, slots=True)
class Header:
    """Who answered (`cluster_id`) and the store's revision then; 0 where the server did not say."""

    cluster_id: str
    revision: int


def header(answer: JsonObject) -> Header:
    """The header of an answer."""
    raw = answer.get("header", {})
    return Header(str(raw.get("cluster_id", "")), int(raw.get("revision", 0)))


def key_values(answer: JsonObject) -> list[KeyValue]:
    """The keys in a range answer."""
    return [
        KeyValue(_decode_key(raw), base64.b64decode(raw.get("value", "")), int(raw["mod_revision"]))
        for raw in answer.get("kvs", ())
    ]


def deleted(answer: JsonObject) -> bool:
    """Whether a deleterange answer says that something was deleted."""
    return int(answer.get("deleted", 0)) > 0


@dataclass(frozen=True, slots=True)
class WatchAnswer:
    """One message of a watch.

    `canceled` ends the watch, with `compact_revision` > 0 where the wanted revision is gone, or with a `reason`.
    """

    header: Header
    created: bool = False
    canceled: bool = False
    compact_revision: int = 0
    reason: str = ""
    changes: list[Put | Delete] = field(default_factory=list)


def watch_answer(line: JsonObject) -> WatchAnswer:
    """Reads one line of /v3/watch. A line that reports a failed stream becomes a canceled answer with its reason."""
    result = line.get("result")
    if not isinstance(result, dict):
        error = line.get("error", line)
        return WatchAnswer(Header("", 0), canceled=True, reason=str(error.get("message", error)))
    return WatchAnswer(
        header=header(result),
        created=bool(result.get("created")),
        canceled=bool(result.get("canceled")),
        compact_revision=int(result.get("compact_revision", 0)),
        reason=str(result.get("cancel_reason", "")),
        changes=[_change(event) for event in result.get("events", ())],
    )


def _change(event: JsonObject) -> Put | Delete:
    kv = event["kv"]
    revision = int(kv["mod_revision"])
    if event.get("type") == "DELETE":
        return Delete(_decode_key(kv), revision)
    return Put(_decode_key(kv), base64.b64decode(kv.get("value", "")), revision)
