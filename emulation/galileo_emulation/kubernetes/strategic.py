"""Strategic merge patch: a merge patch that knows which lists are sets.

Lists with a merge key (containers by name, conditions by type, …) are merged element by element; all others are
replaced. Directives in the patch refine that: `$patch` (replace, delete), `$setElementOrder/<list>`,
`$deleteFromPrimitiveList/<list>` and `$retainKeys`.
"""

from typing import Any

from .apiobjects import JsonObject
from .errors import bad_request

# Field name to merge key, for the kinds that are offered. Some depend on where they stand, see _merge_key.
_MERGE_KEYS = {
    "addresses": "type",
    "conditions": "type",
    "containers": "name",
    "env": "name",
    "ephemeralContainers": "name",
    "hostAliases": "ip",
    "hostIPs": "ip",
    "imagePullSecrets": "name",
    "initContainers": "name",
    "matchConditions": "name",
    "ownerReferences": "uid",
    "podIPs": "ip",
    "resourceClaims": "name",
    "resourceClaimStatuses": "name",
    "schedulingGates": "name",
    "topologySpreadConstraints": "topologyKey",
    "volumeDevices": "devicePath",
    "volumeMounts": "mountPath",
    "volumes": "name",
    "webhooks": "name",
}
# Lists of plain values that are merged: the field, and the field that it stands in.
_SETS_OF_VALUES = {("finalizers", "metadata"), ("podCIDRs", "spec")}
_CONTAINER_LISTS = {"containers", "initContainers", "ephemeralContainers"}

# List elements are objects or plain values; which, is only known when they are looked at.
Element = Any


def _merge_key(field: str, parent: str) -> str | None:
    if field == "ports":
        if parent in _CONTAINER_LISTS:
            return "containerPort"
        # The ports of a service are merged, those of an endpoint slice, which stand at its top, are not.
        return "port" if parent == "spec" else None
    if field == "secrets":
        return "name" if parent == "" else None
    return _MERGE_KEYS.get(field)


def strategic_merge(patch: JsonObject, target: JsonObject, *, within: str = "") -> JsonObject:
    """Return `target` with `patch` merged in. `within` is the field that `target` stands in. Raises ApiError (400)."""
    directive = patch.get("$patch")
    if directive == "replace":
        replacement: JsonObject = _without_directives(patch)
        return replacement
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise bad_request(f"unknown $patch directive {directive!r}: expected replace, merge or delete")
    result = dict(target)
    if "$retainKeys" in patch:
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.partition("/")[2]
            result[field] = [item for item in result.get(field) or [] if item not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = strategic_merge(value, below if isinstance(below, dict) else {}, within=key)
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{key}")
            result[key] = _merge_list(key, within, value, result.get(key) or [], order)
        else:
            result[key] = value
    return result


def _merge_list(
    field: str, parent: str, patch: list[Element], target: list[Element], order: list[Element] | None
) -> list[Element]:
    if (field, parent) in _SETS_OF_VALUES:
        added = [item for item in patch if item not in target]
        return _in_order(added, target, original=target)
    key = _merge_key(field, parent)
    if key is None:
        return [_without_directives(item) for item in patch]
    if not all(isinstance(item, dict) for item in patch):
        raise bad_request(f"error decoding patch: {field} must be a list of objects")
    if any(item.get("$patch") == "replace" for item in patch):
        return [_without_directives(item) for item in patch if item.get("$patch") != "replace"]
    for item in patch:
        if key not in item:
            raise bad_request(f"error decoding patch: an element of {field} does not contain its merge key {key}")
    return _merge_objects(field, key, patch, target, order)


def _merge_objects(
    field: str, key: str, patch: list[JsonObject], target: list[JsonObject], order: list[JsonObject] | None
) -> list[JsonObject]:
    deleted = {item[key] for item in patch if item.get("$patch") == "delete"}
    patches = {item[key]: item for item in patch if item[key] not in deleted}
    kept = {item.get(key): item for item in target if item.get(key) not in deleted}
    merged = dict(kept)
    for name, item in patches.items():
        merged[name] = strategic_merge(item, kept.get(name, {}), within=field)
    sequence = [item[key] for item in order] if order is not None else list(patches)
    first = [name for name in sequence if name in merged]
    rest = [name for name in merged if name not in first]
    original = [item.get(key) for item in target]
    return [merged[name] for name in _in_order(first, rest, original=original)]


def _in_order(patched: list[Element], rest: list[Element], *, original: list[Element]) -> list[Element]:
    """Interleave what the patch named with what it left alone.

    An element that was left alone goes first only before one that followed it already; so new elements come to stand
    before the untouched ones, but behind those that the patch names before them.
    """
    result: list[Element] = []
    waiting = list(rest)
    for item in patched:
        if item in original:
            place = original.index(item)
            while waiting and waiting[0] in original and original.index(waiting[0]) < place:
                result.append(waiting.pop(0))
        result.append(item)
    return result + waiting


def _without_directives(value: Element) -> Element:
    if isinstance(value, dict):
        return {
            key: _without_directives(item)
            for key, item in value.items()
            if not key.startswith("$") and item is not None
        }
    if isinstance(value, list):
        return [_without_directives(item) for item in value]
    return value
