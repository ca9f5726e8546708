"""What `galileo schemas` writes into a folder, and what such a folder holds."""

from __future__ import annotations

from pathlib import Path

from galileo_schemas.json_schema.published import EVENTS_FOLDER, as_text, schema_files

from galileo_cli.documents.asyncapi import asyncapi_document

ASYNCAPI = "asyncapi.json"


def documents() -> dict[str, str]:
    """The text of every file, by its path in the folder."""
    return {ASYNCAPI: as_text(asyncapi_document()), **schema_files()}


def published_in(folder: Path) -> dict[str, str]:
    """The events' schemas that a folder holds, by path in it; empty where there is none."""
    paths = (folder / EVENTS_FOLDER).rglob("*.json")
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
