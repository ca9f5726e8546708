"""What a schema may say of lists and maps as a whole: lists that are sets, lists that are maps by key."""

from collections.abc import Iterator

from ..apiobjects import JsonObject
from ..checks.validation import required, unsupported, wrong
from ..errors import Cause

_SCALARS = ("string", "number", "integer", "boolean")
_LIST_TYPES = ("atomic", "set", "map")
_MAP_TYPES = ("atomic", "granular")


def list_causes(raw: JsonObject, path: str) -> Iterator[Cause]:
    """Check x-kubernetes-list-type, x-kubernetes-list-map-keys and x-kubernetes-map-type of one schema."""
    list_type, keys = raw.get("x-kubernetes-list-type"), raw.get("x-kubernetes-list-map-keys", [])
    map_type = raw.get("x-kubernetes-map-type")
    if map_type is not None and map_type not in _MAP_TYPES:
        yield unsupported(f"{path}.x-kubernetes-map-type", map_type, _MAP_TYPES)
    if map_type is not None and raw.get("type") != "object":
        yield wrong(f"{path}.type", raw.get("type", ""), "must be object if x-kubernetes-map-type is specified")
    if list_type is None:
        if keys:
            yield required(f"{path}.x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty")
        return
    if list_type not in _LIST_TYPES:
        yield unsupported(f"{path}.x-kubernetes-list-type", list_type, _LIST_TYPES)
    if raw.get("type") != "array":
        yield wrong(f"{path}.type", raw.get("type", ""), "must be array if x-kubernetes-list-type is specified")
    if list_type == "set":
        yield from _set_causes(raw.get("items", {}), path)
    elif list_type == "map":
        yield from _map_causes(raw.get("items", {}), keys, path)
    if keys and list_type != "map":
        yield wrong(
            f"{path}.x-kubernetes-list-type", list_type, "must be map if x-kubernetes-list-map-keys is non-empty"
        )


def _set_causes(items: JsonObject, path: str) -> Iterator[Cause]:
    if items.get("nullable"):
        rule = "cannot be nullable when x-kubernetes-list-type is set"
        yield wrong(f"{path}.items.nullable", True, rule)
    if items.get("type") == "array" and items.get("x-kubernetes-list-type", "atomic") != "atomic":
        rule = "must be atomic as item of a list with x-kubernetes-list-type=set"
        yield wrong(f"{path}.items.x-kubernetes-list-type", items["x-kubernetes-list-type"], rule)
    if items.get("type") == "object" and items.get("x-kubernetes-map-type") != "atomic":
        rule = "must be atomic as item of a list with x-kubernetes-list-type=set"
        yield wrong(f"{path}.items.x-kubernetes-map-type", items.get("x-kubernetes-map-type", ""), rule)


def _map_causes(items: JsonObject, keys: list[str], path: str) -> Iterator[Cause]:
    if not keys:
        yield required(f"{path}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map")
    if items.get("type") != "object":
        rule = "must be object if parent array's x-kubernetes-list-type is map"
        yield wrong(f"{path}.items.type", items.get("type", ""), rule)
    for index, key in enumerate(keys):
        part = items.get("properties", {}).get(key)
        if part is None:
            rule = "entries must all be names of item properties"
            yield wrong(f"{path}.x-kubernetes-list-map-keys[{index}]", key, rule)
            continue
        here = f"{path}.items.properties[{key}]"
        if part.get("type") not in _SCALARS:
            rule = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield wrong(f"{here}.type", part.get("type", ""), rule)
        if "default" not in part and key not in items.get("required", []):
            rule = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            yield required(f"{here}.default", rule)
