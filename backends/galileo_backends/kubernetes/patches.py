"""The three kinds of patches, for the twin in memory. Pure functions that leave the object they are given as it is.

Merge: RFC 7396. JSON: RFC 6902, without `move` and `copy`. Strategic: as merge, but lists of objects are merged by the
key that the API names for the list, for the lists that we meet; `$patch: delete` removes an element; other directives
are refused.
"""

import copy
from typing import Any

from galileo_backends.kubernetes.errors import ApiError, Invalid
from galileo_backends.kubernetes.interface import JsonObject, Patch, PatchKind

# The patchMergeKey of each list, from the API reference.
_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "conditions": "type",
    "addresses": "type",
    "ownerReferences": "uid",
    "imagePullSecrets": "name",
}


def patched(target: JsonObject, patch: Patch, kind: PatchKind) -> JsonObject:
    """The object with the patch applied.

    Raises:
        ApiError: 400, the patch has the wrong form.
        Invalid: a JSON patch does not fit the object.
    """
    if isinstance(patch, list) != (kind == "json"):
        raise ApiError(400, "BadRequest", f"a {kind} patch is {'a list' if kind == 'json' else 'an object'}")
    if isinstance(patch, list):
        return _json_patched(copy.deepcopy(target), copy.deepcopy(patch))
    result: JsonObject = _merged(target, copy.deepcopy(patch), strategic=kind == "strategic")
    return result


def _merged(target: Any, patch: Any, *, strategic: bool) -> Any:
    if not isinstance(patch, dict):
        return patch
    if strategic and "$patch" in patch:
        raise ApiError(400, "BadRequest", f"strategic directive $patch: {patch['$patch']!r} is not supported here")
    result = copy.deepcopy(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif strategic and name in _MERGE_KEYS and isinstance(value, list):
            result[name] = _merged_list(result.get(name) or [], value, _MERGE_KEYS[name])
        else:
            result[name] = _merged(result.get(name), value, strategic=strategic)
    return result


def _merged_list(target: list[Any], patch: list[Any], key: str) -> list[Any]:
    result = list(target)
    for element in patch:
        if not isinstance(element, dict) or key not in element:
            raise ApiError(400, "BadRequest", f"a strategic patch of this list names each element by {key!r}")
        at = next((i for i, old in enumerate(result) if old.get(key) == element[key]), len(result))
        if element.get("$patch") == "delete":
            del result[at : at + 1]
        else:
            result[at : at + 1] = [_merged(result[at] if at < len(result) else {}, element, strategic=True)]
    return result


def _json_patched(target: JsonObject, patch: list[JsonObject]) -> JsonObject:
    for operation in patch:
        try:
            _apply(target, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise Invalid(422, "Invalid", f"the JSON patch operation {operation} does not fit: {error!r}") from error
    return target


def _apply(target: JsonObject, operation: JsonObject) -> None:
    *path, last = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
    parent: Any = target
    for step in path:
        parent = parent[int(step)] if isinstance(parent, list) else parent[step]
    name: Any = last
    if isinstance(parent, list):
        name = len(parent) if last == "-" else int(last)
    match operation["op"]:
        case "add" if isinstance(parent, list):
            parent.insert(name, operation["value"])
        case "add":
            parent[name] = operation["value"]
        case "replace":
            parent[name]  # KeyError where there is nothing to replace
            parent[name] = operation["value"]
        case "remove":
            del parent[name]
        case "test":
            if parent[name] != operation["value"]:
                raise ValueError(f"{parent[name]!r} is not {operation['value']!r}")
        case other:
            raise ValueError(f"operation {other!r}: expected add, replace, remove or test")
