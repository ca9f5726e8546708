"""The schemas as files: a JSON file per event, at the path that its name is, `pod/create.json`.

What is published is compared before it is replaced: see `compatibility`. Reading and writing files is the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from galileo_schemas.json_schema.compatibility import incompatibilities
from galileo_schemas.json_schema.event_schema import event_schema, own_kinds

EVENTS_FOLDER = "events"


def file_of(event_name: str) -> str:
    """Where an event's schema lies, relative to the folder of all schemas."""
    return f"{EVENTS_FOLDER}/{event_name}.json"


def as_text(document: Mapping[str, Any]) -> str:
    """A document as its file holds it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def schema_files() -> dict[str, str]:
    """The text of each event's file, by path."""
    return {file_of(kind.name): as_text(event_schema(kind)) for kind in own_kinds()}


def what_breaks(published: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What breaks for those who hold to the published files, a line each with the event's file."""
    lines: list[str] = []
    for path, text in sorted(published.items()):
        if path not in now:
            lines.append(f"{path}: the event is gone")
        else:
            lines += [f"{path}: {what}" for what in incompatibilities(json.loads(text), json.loads(now[path]))]
    return lines
