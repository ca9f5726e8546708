"""Writes merge_facts.json: which lists and structures of the API are merged, and by what, from its OpenAPI description.

Run by hand when a newer API is followed:

    python -m galileo_emulation.kubernetes.types.write_merge_facts swagger.json

with the file api/openapi-spec/swagger.json of that Kubernetes version, or any document with its definitions. The table
is keyed by the same type names as fields.json, but holds all kinds of stable versions, so that a new row in the table
of kinds needs no new facts. What is not in it goes by the API's rule: lists are replaced whole, all else is merged.
"""

import sys
from pathlib import Path
from typing import Any

import orjson
from kubernetes_asyncio.client import models

from ..kinds import KINDS

# A part of an OpenAPI document.
Part = dict[str, Any]
_STABLE_VERSIONS = ("v1", "v2")
_NAMES_WITH_GROUP = {"core": "Core", "events.k8s.io": "Events", "discovery.k8s.io": "Discovery"}


def facts_of(definitions: dict[str, Part]) -> dict[str, Part]:
    """Type name to the facts of its fields; the facts of the type itself stand under the empty name.

    `whole`: replaced whole. `keys`: a map by these keys. `set`: a set. `patch_key`: what strategic merge patches go by,
    empty for lists of single values.
    """
    facts: dict[str, Part] = {}
    seen: set[str] = set()
    waiting = _roots(definitions)
    while waiting:
        name, definition_name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        definition, model = definitions[definition_name], getattr(models, name)
        found: Part = {}
        if definition.get("x-kubernetes-map-type") == "atomic":
            found[""] = {"whole": True}
        for attribute, wire_name in model.attribute_map.items():
            described = definition.get("properties", {}).get(wire_name)
            if described is None:
                continue
            told = _field_facts(described)
            if told:
                found[wire_name] = told
            below, type_name = _reference(described), _innermost(model.openapi_types[attribute])
            if below in definitions and hasattr(models, type_name):
                waiting.append((type_name, below))
        if found:
            facts[name] = dict(sorted(found.items()))
    return dict(sorted(facts.items()))


def _roots(definitions: dict[str, Part]) -> list[tuple[str, str]]:
    types = {(kind.group, kind.version, kind.kind): kind.schema for kind in KINDS}
    roots = []
    for definition_name, definition in definitions.items():
        for place in definition.get("x-kubernetes-group-version-kind", []):
            group, version, kind = place["group"], place["version"], place["kind"]
            name = types.get((group, version, kind)) or version.title() + kind
            if not hasattr(models, name):
                name = _NAMES_WITH_GROUP.get(group or "core", "") + name
            if version in _STABLE_VERSIONS and hasattr(models, name):
                roots.append((name, definition_name))
    return roots


def _field_facts(described: Part) -> Part:
    told: Part = {}
    if described.get("x-kubernetes-map-type") == "atomic":
        told["whole"] = True
    match described.get("x-kubernetes-list-type"):
        case "map":
            told["keys"] = described["x-kubernetes-list-map-keys"]
        case "set":
            told["set"] = True
    if "merge" in described.get("x-kubernetes-patch-strategy", "").split(","):
        told["patch_key"] = described.get("x-kubernetes-patch-merge-key", "")
    return told


def _reference(described: Part) -> str:
    """The definition that a field's value, or the values in it, refer to; empty when they are plain."""
    for place in (described, described.get("items", {}), described.get("additionalProperties", {})):
        if "$ref" in place:
            return str(place["$ref"]).rpartition("/")[2]
    return ""


def _innermost(model_type: str) -> str:
    """`V1Container` of `list[V1Container]`, `V1X` of `dict(str, V1X)`."""
    return model_type.removeprefix("list[").removeprefix("dict(str, ").rstrip("])")


def main() -> None:
    """Write the table next to this file."""
    if len(sys.argv) != 2:
        raise SystemExit("expected one argument: the path of an OpenAPI document, such as swagger.json")
    document = orjson.loads(Path(sys.argv[1]).read_bytes())
    table = facts_of(document.get("definitions") or document["$defs"])
    target = Path(__file__).with_name("merge_facts.json")
    target.write_bytes(orjson.dumps(table, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
