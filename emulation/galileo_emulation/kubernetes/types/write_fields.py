"""Writes fields.json: which fields the kinds' types have, and of what type, read from the Kubernetes client's models.

Run by hand when kinds are added or a newer API is followed:

    python -m galileo_emulation.kubernetes.types.write_fields

The server itself reads only the written table, because importing the client's models costs seconds and much memory.
"""

from pathlib import Path

import orjson
from kubernetes_asyncio.client import models

from ..description.virtual_kinds import REVIEWS
from ..kinds import KINDS

# What the models call a text, and the API reads as something else: model and field to type.
_READ_AS = {
    ("V1ConfigMap", "binaryData"): "map:bytes",
    ("V1EmptyDirVolumeSource", "sizeLimit"): "quantity",
    ("V1ResourceFieldSelector", "divisor"): "quantity",
    ("V1Secret", "data"): "map:bytes",
    ("V2MetricTarget", "averageValue"): "quantity",
    ("V2MetricTarget", "value"): "quantity",
    ("V2MetricValueStatus", "averageValue"): "quantity",
    ("V2MetricValueStatus", "value"): "quantity",
}
_QUANTITIES = {"limits", "requests", "capacity", "allocatable", "allocatedResources", "overhead"}
# Objects that are sent, but not kept.
_NOT_STORED = ("V1Binding", "V1DeleteOptions", "V1Eviction", "V1Scale", *(kind.schema for kind in REVIEWS))
# What the client's models leave open.
_NARROWER = {"V1JSONSchemaProps": {"items": "V1JSONSchemaProps", "additionalProperties": "bool|V1JSONSchemaProps"}}
_MICRO_TIMES = {"renewTime", "acquireTime", "eventTime", "lastObservedTime"}


def fields_of(roots: list[str]) -> dict[str, dict[str, str]]:
    """Type name to field name to field type, for the given types and all that they contain."""
    known: dict[str, dict[str, str]] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        model = getattr(models, name)
        known[name] = {
            wire_name: _READ_AS.get((name, wire_name)) or _field_type(wire_name, model.openapi_types[attribute])
            for attribute, wire_name in sorted(model.attribute_map.items())
        }
        known[name] |= _NARROWER.get(name, {})
        waiting += [
            part
            for field_type in known[name].values()
            for part in [field_type.removeprefix("list:").removeprefix("map:")]
            if hasattr(models, part)
        ]
    return dict(sorted(known.items()))


def _field_type(name: str, model_type: str) -> str:
    if name in _MICRO_TIMES:
        return "microtime"
    if model_type.startswith("list["):
        return "list:" + _field_type("", model_type[5:-1])
    if model_type.startswith("dict("):
        below = model_type[5:-1].partition(",")[2].strip()
        return "map:" + ("quantity" if name in _QUANTITIES else _field_type("", below))
    return model_type


def main() -> None:
    """Write the table next to this file."""
    table = fields_of([*(kind.schema for kind in KINDS), *_NOT_STORED])
    target = Path(__file__).with_name("fields.json")
    target.write_bytes(orjson.dumps(table, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
