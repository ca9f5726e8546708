"""Strategic merge patch: a merge patch that knows which lists are sets.

Lists with a merge key (containers by name, conditions by type, …) are merged element by element, all others are
replaced; which is which, is part of a kind's structure (structures.py). Directives in the patch refine that: `$patch`
(replace, delete), `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>` and `$retainKeys`.
"""

from typing import Any

from ..apiobjects import JsonObject
from ..errors import bad_request
from ..types.structures import ListOf, Structure, part

# List elements are objects or plain values; which, is only known when they are looked at.
Element = Any


def strategic_merge(patch: JsonObject, target: JsonObject, structure: Structure) -> JsonObject:
    """Return `target`, which has the `structure`, with `patch` merged in. Raises ApiError (400)."""
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
            result[key] = strategic_merge(value, below if isinstance(below, dict) else {}, part(structure, key))
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{key}")
            result[key] = _merge_list(key, part(structure, key), value, result.get(key) or [], order)
        else:
            result[key] = value
    return result


def _merge_list(
    field: str, structure: Structure, patch: list[Element], target: list[Element], order: list[Element] | None
) -> list[Element]:
    if not isinstance(structure, ListOf) or structure.patch_key is None:
        return [_without_directives(item) for item in patch]
    key = structure.patch_key
    if not key:
        added = [item for item in patch if item not in target]
        return _in_order(added, target, original=target)
    if not all(isinstance(item, dict) for item in patch):
        raise bad_request(f"error decoding patch: {field} must be a list of objects")
    if any(item.get("$patch") == "replace" for item in patch):
        return [_without_directives(item) for item in patch if item.get("$patch") != "replace"]
    for item in patch:
        if key not in item:
            raise bad_request(f"error decoding patch: an element of {field} does not contain its merge key {key}")
    return _merge_objects(structure.items, key, patch, target, order)


def _merge_objects(
    items: Structure, key: str, patch: list[JsonObject], target: list[JsonObject], order: list[JsonObject] | None
) -> list[JsonObject]:
    deleted = {item[key] for item in patch if item.get("$patch") == "delete"}
    patches = {item[key]: item for item in patch if item[key] not in deleted}
    kept = {item.get(key): item for item in target if item.get(key) not in deleted}
    merged = dict(kept)
    for name, item in patches.items():
        merged[name] = strategic_merge(item, kept.get(name, {}), items)
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
