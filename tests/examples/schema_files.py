"""JSON Schemas of events as files, for programs in other languages: FOLDER/events/<name>.json."""

from __future__ import annotations

from pathlib import Path

from galileo_schemas.event import Event
from galileo_schemas.json_schema.event_schema import event_schema
from galileo_schemas.json_schema.published import as_text, file_of
from galileo_schemas.registry import kind_of


def write_schemas(folder: Path, *event_types: type[Event]) -> None:
    """Writes the schema of each type, where `galileo schemas --out FOLDER` does."""
    for event_type in event_types:
        kind = kind_of(event_type)
        path = folder / file_of(kind.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_text(event_schema(kind)))
