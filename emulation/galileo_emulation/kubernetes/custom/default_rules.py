"""What a schema's defaults must be like: complete by themselves, with no field that the schema does not have."""

from collections.abc import Iterator

from ..apiobjects import JsonObject, copied
from ..checks.validation import wrong
from ..errors import Cause
from .defaulting import default
from .equality import same
from .pruning import prune
from .structural_schema import schema_of
from .value_validation import schema_causes


def default_causes(raw: JsonObject, path: str) -> Iterator[Cause]:
    """Check all defaults in a schema that is known to be structural."""
    if "default" in raw:
        yield from _own_causes(raw, f"{path}.default")
    for name, part in raw.get("properties", {}).items():
        yield from default_causes(part, f"{path}.properties[{name}]")
    for name in ("items", "additionalProperties"):
        if isinstance(raw.get(name), dict):
            yield from default_causes(raw[name], f"{path}.{name}")


def _own_causes(raw: JsonObject, path: str) -> Iterator[Cause]:
    schema = schema_of(raw)
    value = copied({"value": raw["default"]})["value"]
    prune(value, schema)
    if not same(value, raw["default"]):
        yield wrong(path, raw["default"], "must not have unknown fields")
        return
    default(value, schema)
    for cause in schema_causes(value, schema):
        yield Cause(cause.reason, cause.message, f"{path}.{cause.field}" if cause.field else path)
