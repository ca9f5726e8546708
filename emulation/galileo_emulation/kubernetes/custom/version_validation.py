"""What one version of a definition may hold: schema, subresources, printer columns, selectable fields."""

from collections.abc import Iterator

from ..apiobjects import JsonObject
from ..checks.validation import duplicate, forbidden, required, unsupported, wrong
from ..errors import Cause
from .default_rules import default_causes
from .json_path import JsonPath, JsonPathError
from .printer_columns import COLUMN_FORMATS, COLUMN_TYPES
from .rules import rule_causes
from .structural_rules import structural_causes

_MOST_SELECTABLE = 8
_SELECTABLE_TYPES = ("string", "boolean", "integer")
# With a status subresource the status is checked by itself; nothing at the root may reach across it.
_ROOT_KEYWORDS = {
    "description",
    "type",
    "format",
    "title",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "required",
    "items",
    "properties",
    "externalDocs",
    "example",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
}


def version_causes(version: JsonObject, here: str) -> Iterator[Cause]:
    """Check one entry of spec.versions, which stands at `here`."""
    schema = version.get("schema", {}).get("openAPIV3Schema")
    if schema is None:
        yield required(f"{here}.schema.openAPIV3Schema")
    else:
        has_status = "status" in version.get("subresources", {})
        yield from _schema_causes(schema, f"{here}.schema.openAPIV3Schema", has_status=has_status)
    yield from _scale_causes(version.get("subresources", {}).get("scale"), f"{here}.subresources.scale")
    for index, column in enumerate(version.get("additionalPrinterColumns", [])):
        yield from _column_causes(column, f"{here}.additionalPrinterColumns[{index}]")
    if version.get("selectableFields"):
        if schema is None:
            rule = "may only be set when validations.schema is included"
            yield wrong("spec.selectableFields", "", rule)
        else:
            yield from _selectable_causes(version["selectableFields"], schema, f"{here}.selectableFields")


def _schema_causes(schema: JsonObject, here: str, *, has_status: bool) -> Iterator[Cause]:
    extra = sorted(set(schema) - _ROOT_KEYWORDS)
    if has_status and extra:
        rule = f"{', '.join(extra)}: not allowed at the root of the schema if the status subresource is enabled"
        yield wrong(here, "", rule)
    if schema.get("nullable"):
        yield forbidden(f"{here}.nullable", "nullable cannot be true at the root")
    causes = structural_causes(schema, here)
    yield from causes
    if not causes:
        yield from default_causes(schema, here)
        yield from rule_causes(schema, here)


def _scale_causes(scale: JsonObject | None, here: str) -> Iterator[Cause]:
    if scale is None:
        return
    for field, below in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        path = scale.get(field, "")
        if not path:
            yield required(f"{here}.{field}")
        else:
            yield from _plain_path_causes(path, below, f"{here}.{field}")
    selector = scale.get("labelSelectorPath")
    if selector and not selector.startswith((".spec.", ".status.")):
        yield wrong(f"{here}.labelSelectorPath", selector, "should be a json path under either .spec or .status")
    elif selector:
        yield from _plain_path_causes(selector, "", f"{here}.labelSelectorPath")


def _plain_path_causes(path: str, below: str, field: str) -> Iterator[Cause]:
    if not path.startswith(below or "."):
        yield wrong(field, path, f"should be a json path under {below.rstrip('.')}")
    elif "[" in path or "*" in path or not all(path[1:].split(".")):
        yield wrong(field, path, "must be a json path in the dot notation, without indices")


def _column_causes(column: JsonObject, here: str) -> Iterator[Cause]:
    if not column.get("name"):
        yield required(f"{here}.name")
    types = ",".join(sorted(COLUMN_TYPES))
    if not column.get("type"):
        yield required(f"{here}.type", f"must be one of {types}")
    elif column["type"] not in COLUMN_TYPES:
        yield wrong(f"{here}.type", column["type"], f"must be one of {types}")
    if column.get("format") and column["format"] not in COLUMN_FORMATS:
        yield wrong(f"{here}.format", column["format"], f"must be one of {','.join(sorted(COLUMN_FORMATS))}")
    path = column.get("jsonPath", "")
    if not path:
        yield required(f"{here}.jsonPath")
    elif not path.startswith("."):
        yield wrong(f"{here}.jsonPath", path, "must be a simple json path starting with .")
    else:
        try:
            JsonPath(path)
        except JsonPathError as error:
            yield wrong(f"{here}.jsonPath", path, str(error))


def _selectable_causes(fields: list[JsonObject], schema: JsonObject, here: str) -> Iterator[Cause]:
    if len(fields) > _MOST_SELECTABLE:
        most = f"Too many: {len(fields)}: must have at most {_MOST_SELECTABLE} items"
        yield Cause("FieldValueTooMany", most, here)
    seen = set()
    for index, entry in enumerate(fields):
        path, field = entry.get("jsonPath", ""), f"{here}[{index}].jsonPath"
        if path in seen:
            yield duplicate(field, path)
        seen.add(path)
        part: JsonObject | None = schema
        for step in path.removeprefix(".").split("."):
            part = part.get("properties", {}).get(step) if part is not None else None
        if not path.startswith(".") or part is None:
            yield wrong(field, path, "is an invalid path: it does not lead to a field of the schema")
        elif path.startswith(".metadata"):
            yield wrong(field, path, "must not point to fields in metadata")
        elif part.get("type") not in _SELECTABLE_TYPES:
            yield unsupported(field, part.get("type", ""), _SELECTABLE_TYPES)
