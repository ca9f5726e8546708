"""Config maps and secrets: their keys, their size, and that an immutable one stays as it is."""

import base64
import binascii

import orjson

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import data_key, name_causes
from .validation import forbidden, required, wrong
from .workloads import immutable

_MOST_BYTES = 1024 * 1024
_ACCOUNT_NAME = "kubernetes.io/service-account.name"
_WHEN_IMMUTABLE = "field is immutable when `immutable` is set"
# What a secret of a type has to hold.
_KEYS = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def config_map_causes(body: JsonObject) -> list[Cause]:
    """Check a config map."""
    texts, binaries = body.get("data", {}), body.get("binaryData", {})
    causes: list[Cause] = []
    for key in texts:
        causes += name_causes(f"data[{key}]", key, data_key)
        if key in binaries:
            causes.append(wrong(f"data[{key}]", key, "duplicate of key present in binaryData"))
    for key in binaries:
        causes += name_causes(f"binaryData[{key}]", key, data_key)
    size = sum(len(text.encode()) for text in texts.values()) + _decoded_bytes(binaries)
    return causes + _size_causes("", size)


def _decoded_bytes(encoded: dict[str, str]) -> int:
    return sum(len(text) * 3 // 4 for text in encoded.values())


def _size_causes(field: str, size: int) -> list[Cause]:
    rule = f"Too long: may not be more than {_MOST_BYTES} bytes"
    return [Cause("FieldValueTooLong", rule, field)] if size > _MOST_BYTES else []


def config_map_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check a change against an immutable config map."""
    return _frozen_causes(new, old, ("data", "binaryData"))


def _frozen_causes(new: JsonObject, old: JsonObject, names: tuple[str, ...]) -> list[Cause]:
    if not old.get("immutable"):
        return []
    causes = [] if new.get("immutable") else [forbidden("immutable", _WHEN_IMMUTABLE)]
    return causes + [forbidden(name, _WHEN_IMMUTABLE) for name in names if new.get(name) != old.get(name)]


def secret_causes(body: JsonObject) -> list[Cause]:
    """Check a secret, and that it holds what its type says."""
    data, kind = body.get("data", {}), body["type"]
    causes: list[Cause] = []
    for key in data:
        causes += name_causes(f"data[{key}]", key, data_key)
    causes += _size_causes("data", _decoded_bytes(data))
    account = body["metadata"].get("annotations", {}).get(_ACCOUNT_NAME)
    if kind == "kubernetes.io/service-account-token" and not account:
        causes.append(required(f"metadata.annotations[{_ACCOUNT_NAME}]"))
    if kind == "kubernetes.io/basic-auth" and "username" not in data and "password" not in data:
        causes += [required("data[username]"), required("data[password]")]
    for key in _KEYS.get(kind, ()):
        if key not in data:
            causes.append(required(f"data[{key}]"))
        elif key.startswith(".docker"):
            causes += _json_causes(f"data[{key}]", data[key])
    return causes


def _json_causes(field: str, encoded: str) -> list[Cause]:
    try:
        orjson.loads(base64.b64decode(encoded))
    except (binascii.Error, orjson.JSONDecodeError) as error:
        return [wrong(field, "<secret contents redacted>", str(error))]
    return []


def secret_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """A secret keeps its type; an immutable one everything."""
    return immutable("type", new["type"], old["type"]) + _frozen_causes(new, old, ("data",))
