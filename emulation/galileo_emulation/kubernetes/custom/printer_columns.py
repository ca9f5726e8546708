"""The columns that a definition gives its kind in `kubectl get`: each a JSONPath and a type."""

from collections.abc import Sequence
from typing import Any

import orjson

from ..apiobjects import JsonObject
from ..columns.tables import NAME, Cell, Column, Columns, age, since
from .json_path import JsonPath

COLUMN_TYPES = ("integer", "number", "string", "boolean", "date")
COLUMN_FORMATS = ("int32", "int64", "float", "double", "byte", "date", "date-time", "password")


def columns_of(definitions: Sequence[JsonObject]) -> Columns:
    """Columns from additionalPrinterColumns; Age alone where there are none. Raises JsonPathError."""
    if not definitions:
        return Columns((NAME, Column("Age", type="date")), lambda body, now: [body["metadata"]["name"], age(body, now)])
    paths = [(JsonPath(entry["jsonPath"]), entry["type"]) for entry in definitions]

    def cells(body: JsonObject, now: float) -> list[Cell]:
        return [body["metadata"]["name"], *(cell(path.first(body), kind, now) for path, kind in paths)]

    return Columns((NAME, *(_column(entry) for entry in definitions)), cells)


def _column(entry: JsonObject) -> Column:
    return Column(entry["name"], entry["type"], entry.get("format", ""), entry.get("priority", 0))


def cell(value: Any, kind: str, now: float) -> Cell:
    """A value as a cell of a column's type; None when it is absent or of another type. `now` in Unix seconds."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "string":
            return _text(value)
        case "integer":
            return int(value) if number else None
        case "number":
            return float(value) if number else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date":
            return _since(value, now) if isinstance(value, str) else None
        case _:
            return None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _since(moment: str, now: float) -> str:
    try:
        return since(moment, now)
    except ValueError:
        return "<invalid>"
