"""JSON Schemas of events as files, for programs in other languages: FOLDER/events/<name>.json."""

from __future__ import annotations

from pathlib import Path

import msgspec
from galileo_schemas.event import Event
from galileo_schemas.registry import kind_of


def write_schemas(folder: Path, *event_types: type[Event]) -> None:
    """Writes the schema of each type, where `galileo schemas --out FOLDER` does."""
    for event_type in event_types:
        path = folder / "events" / f"{kind_of(event_type).name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(msgspec.json.schema(event_type)))
