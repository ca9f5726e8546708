"""Patches: JSON patch (RFC 6902), merge patch (RFC 7386), and the API's strategic merge patch (see strategic.py).

A patch is applied to a copy; the result is then treated like an object that was sent whole.
"""

from collections.abc import Callable
from typing import Any

import orjson

from ..apiobjects import JsonObject, copied
from ..errors import ApiError, bad_request
from ..types.structures import Structure
from .strategic import strategic_merge

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
"""Server-side apply, which is no patch of this kind: see apply.py."""

# JSON values while a patch walks through them; their type is only known step by step.
Json = Any


def patched(
    content_type: str, patch: bytes, target: JsonObject, structure: Structure, *, strategic: bool = True
) -> JsonObject:
    """Return `target`, which has the `structure`, with the patch applied; `target` is left as it is.

    `strategic` offers strategic merge patches.

    Raises ApiError: 415 for an unknown content type, 400 for a patch that cannot be read, 422 for one that does not
    apply.
    """
    apply = _WAYS.get(content_type) if strategic or content_type != STRATEGIC_PATCH else None
    if apply is None:
        offered = ", ".join([*(way for way in _WAYS if strategic or way != STRATEGIC_PATCH), APPLY_PATCH])
        message = f"patches may be {offered}, not {content_type or 'untyped'}"
        raise ApiError(415, "UnsupportedMediaType", message, {} if strategic else None)
    try:
        document = orjson.loads(patch)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"error decoding patch: {error}") from None
    return apply(document, copied(target), structure)


def tells_of_managers(content_type: str, patch: bytes) -> bool:
    """Whether a patch may depend on metadata.managedFields, or change it, so that its target has to have it."""
    return content_type == JSON_PATCH or b"managedFields" in patch or b"\\u" in patch


def _merge(patch: Json, target: JsonObject, structure: Structure) -> JsonObject:
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a merge patch must be an object")
    return merge(patch, target)


def _strategic(patch: Json, target: JsonObject, structure: Structure) -> JsonObject:
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: a strategic merge patch must be an object")
    return strategic_merge(patch, target, structure)


def merge(patch: JsonObject, target: JsonObject) -> JsonObject:
    """Merge maps, replace everything else, remove where the patch says null."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = merge(value, below if isinstance(below, dict) else {})
        else:
            result[key] = value
    return result


def _does_not_apply() -> ApiError:
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def _json_patch(patch: Json, target: JsonObject, structure: Structure) -> JsonObject:
    if not isinstance(patch, list) or not all(isinstance(operation, dict) for operation in patch):
        raise bad_request("error decoding patch: a JSON patch must be an array of operations")
    document: Json = target
    for operation in patch:
        try:
            document = _operate(operation, document)
        except (KeyError, IndexError, ValueError, TypeError):
            raise _does_not_apply() from None
    if not isinstance(document, dict):
        raise _does_not_apply()
    return document


def _operate(operation: JsonObject, document: Json) -> Json:
    path = _pointer(operation["path"])
    match operation.get("op"):
        case "add":
            return _add(document, path, operation["value"])
        case "remove":
            return _remove(document, path)[0]
        case "replace":
            _find(document, path)
            return _add(_remove(document, path)[0], path, operation["value"]) if path else operation["value"]
        case "test":
            if _find(document, path) != operation.get("value"):
                raise ValueError("test failed")
            return document
        case "copy":
            value = _find(document, _pointer(operation["from"]))
            return _add(document, path, orjson.loads(orjson.dumps(value)))
        case "move":
            document, value = _remove(document, _pointer(operation["from"]))
            return _add(document, path, value)
        case other:
            raise ValueError(f"unknown operation {other!r}")


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(f"not a JSON pointer: {text!r}")
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")[1:]]


def _index(step: str) -> int:
    if not step.isdigit():
        raise ValueError(f"not an array index: {step!r}")
    return int(step)


def _find(document: Json, path: list[str]) -> Json:
    for step in path:
        document = document[_index(step)] if isinstance(document, list) else document[step]
    return document


def _add(document: Json, path: list[str], value: Json) -> Json:
    if not path:
        return value
    parent = _find(document, path[:-1])
    if isinstance(parent, dict):
        parent[path[-1]] = value
    elif path[-1] == "-":
        parent.append(value)
    elif _index(path[-1]) <= len(parent):
        parent.insert(_index(path[-1]), value)
    else:
        raise IndexError(path[-1])
    return document


def _remove(document: Json, path: list[str]) -> tuple[Json, Json]:
    parent = _find(document, path[:-1])
    if isinstance(parent, dict):
        return document, parent.pop(path[-1])
    return document, parent.pop(_index(path[-1]))


_WAYS: dict[str, Callable[[Json, JsonObject, Structure], JsonObject]] = {
    JSON_PATCH: _json_patch,
    MERGE_PATCH: _merge,
    STRATEGIC_PATCH: _strategic,
}
