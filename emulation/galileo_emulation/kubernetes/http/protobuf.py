"""Reading the binary form in which kubectl and client-go send built-in kinds (application/vnd.kubernetes.protobuf).

    "k8s\\0" + envelope (apiVersion, kind, raw) -> the raw message, field by field -> the object as JSON has it

Answers are always JSON, which these clients take as well. The numbers of the fields are in protobuf_fields.json (see
write_protobuf_fields.py). A field that is not in there is newer than the table; it is refused, not dropped.
"""

import base64
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from ..apiobjects import JsonObject

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\0"
# Groups whose messages stand in a package of another name than the group's first part.
_PACKAGES = {"": "core", "meta.k8s.io": "meta"}
# Structures that JSON writes without a name, their fields beside those around them.
_INLINE = {
    "ephemeralContainerCommon",
    "handler",
    "localObjectReference",
    "persistentVolumeSource",
    "rule",
    "volumeSource",
}
# Kinds of parameters, which come with the group and version of the resource that they are for.
_OPTIONS = {"DeleteOptions"}

# What a field holds, as JSON has it.
Json = Any


class ProtobufError(ValueError):
    """The bytes are not what they claim to be; the message says where."""


@cache
def _table() -> dict[str, dict[int, tuple[str, str]]]:
    raw = orjson.loads(files(__package__).joinpath("protobuf_fields.json").read_bytes())
    return {
        message: {int(number): (name, kind) for number, (name, kind) in fields.items()}
        for message, fields in raw.items()
    }


def is_protobuf(payload: bytes) -> bool:
    """Whether these bytes are in the binary form."""
    return payload.startswith(_MAGIC)


def decode(payload: bytes) -> JsonObject:
    """The object with its kind and apiVersion. Raises ProtobufError."""
    envelope = _message("runtime.Unknown", payload[len(_MAGIC) :], "the envelope", keep_bytes=True)
    meta = envelope.get("typeMeta", {})
    api_version, kind = meta.get("apiVersion", ""), meta.get("kind", "")
    group, _, version = api_version.rpartition("/")
    package = _PACKAGES.get(group, group.partition(".")[0])
    name = f"meta.v1.{kind}" if kind in _OPTIONS else f"{package}.{version}.{kind}"
    if name not in _table():
        raise ProtobufError(f"{kind or 'a kind without a name'} of {api_version or 'no version'}: send it as JSON")
    return {"apiVersion": api_version, "kind": kind, **_message(name, envelope.get("raw", b""), kind)}


def _message(name: str, data: bytes, path: str, *, keep_bytes: bool = False) -> JsonObject:
    known = _table()[name]
    result: JsonObject = {}
    for number, value in _fields(data, path):
        if number not in known:
            raise ProtobufError(f"{path}: field {number} of {name} is not known here; send it as JSON")
        field, kind = known[number]
        below = f"{path}.{field}"
        if kind.startswith("list:"):
            result.setdefault(field, []).append(_value(kind[5:], value, below))
        elif kind.startswith("map:"):
            key, item = _entry(kind[4:], value, below)
            result.setdefault(field, {})[key] = item
        elif kind == "bytes" and keep_bytes:
            result[field] = value
        elif field in _INLINE:
            result |= _value(kind, value, below)
        else:
            read = _value(kind.rstrip("?"), value, below)
            if read is not None and (read or kind.endswith("?") or isinstance(read, dict | list)):
                result[field] = read
    return result


def _entry(kind: str, data: bytes | int, path: str) -> tuple[str, Json]:
    key, item = "", _empty(kind)
    for number, value in _fields(_bytes(data, path), path):
        if number == 1:
            key = _text(value, path)
        else:
            item = _value(kind, value, path)
    return key, item


def _empty(kind: str) -> Json:
    return "" if kind in ("str", "bytes") else 0 if kind == "int" else {}


def _value(kind: str, value: bytes | int, path: str) -> Json:
    if kind in _SPECIAL:
        return _SPECIAL[kind](_bytes(value, path), path)
    match kind:
        case "str":
            return _text(value, path)
        case "bool":
            return bool(value)
        case "int":
            number = int(value) if isinstance(value, int) else 0
            return number - (1 << 64) if number >= 1 << 63 else number
        case "bytes":
            return base64.b64encode(_bytes(value, path)).decode()
        case "double":
            return struct.unpack("<d", _bytes(value, path))[0]
        case _:
            return _message(kind, _bytes(value, path), path)


def _bytes(value: bytes | int, path: str) -> bytes:
    if isinstance(value, int):
        raise ProtobufError(f"{path}: expected a structure, found a number")
    return value


def _text(value: bytes | int, path: str) -> str:
    try:
        return _bytes(value, path).decode()
    except UnicodeDecodeError:
        raise ProtobufError(f"{path}: expected a text in UTF-8") from None


def _fields(data: bytes, path: str) -> Iterator[tuple[int, bytes | int]]:
    """The numbers and values of a message's fields."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position, path)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == 0:
            value, position = _varint(data, position, path)
            yield number, value
            continue
        length = {1: 8, 5: 4}.get(wire_type, -1)
        if wire_type == 2:
            length, position = _varint(data, position, path)
        if length < 0 or position + length > len(data):
            raise ProtobufError(f"{path}: ends in the middle of field {number}")
        yield number, data[position : position + length]
        position += length


def _varint(data: bytes, position: int, path: str) -> tuple[int, int]:
    number = shift = 0
    while position < len(data) and shift < 70:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7
    raise ProtobufError(f"{path}: ends in the middle of a number")


def _moment(data: bytes, path: str) -> datetime | None:
    numbers = {number: _value("int", value, path) for number, value in _fields(data, path)}
    if not numbers:
        return None
    return datetime.fromtimestamp(numbers.get(1, 0), UTC).replace(microsecond=numbers.get(2, 0) // 1000)


def _time(data: bytes, path: str) -> Json:
    moment = _moment(data, path)
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _micro_time(data: bytes, path: str) -> Json:
    moment = _moment(data, path)
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _quantity(data: bytes, path: str) -> Json:
    return next((_text(value, path) for number, value in _fields(data, path) if number == 1), "0")


def _int_or_string(data: bytes, path: str) -> Json:
    found = dict(_fields(data, path))
    return _text(found.get(3, b""), path) if found.get(1) else _value("int", found.get(2, 0), path)


def _raw(data: bytes, path: str) -> Json:
    content = next((_bytes(value, path) for number, value in _fields(data, path) if number == 1), b"null")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ProtobufError(f"{path}: expected JSON: {error}") from None


def _texts(data: bytes, path: str) -> Json:
    return [_text(value, path) for _, value in _fields(data, path)]


_SPECIAL: dict[str, Callable[[bytes, str], Json]] = {
    "meta.v1.Time": _time,
    "meta.v1.MicroTime": _micro_time,
    "meta.v1.FieldsV1": _raw,
    "api.resource.Quantity": _quantity,
    "util.intstr.IntOrString": _int_or_string,
    "runtime.RawExtension": _raw,
    "authentication.v1.ExtraValue": _texts,
    "authorization.v1.ExtraValue": _texts,
}
