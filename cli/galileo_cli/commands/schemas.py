"""`galileo schemas [--out DIR]`: the events for other languages, as JSON Schemas and one AsyncAPI document."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from galileo_schemas.json_schema.published import what_breaks

from galileo_cli.documents.schema_folder import documents, published_in

EXAMPLE = """examples:
  galileo schemas                              (print the AsyncAPI document, which holds all schemas)
  galileo schemas --out schemas/published      (write it, and a JSON Schema for each event)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", help="the folder to write to; without it, the document is printed")
    parser.add_argument(
        "--breaking", action="store_true", help="write also what readers or writers of the files in DIR cannot follow"
    )


def execute(arguments: argparse.Namespace) -> int:
    now = documents()
    if arguments.out is None:
        print(now["asyncapi.json"], end="")
        return 0
    folder = Path(arguments.out)
    if folder.exists() and not folder.is_dir():
        print(f"galileo: {folder}: expected a folder, or a name for a new one", file=sys.stderr)
        return 2
    try:
        broken = what_breaks(published_in(folder), now)
    except (ValueError, KeyError) as error:
        print(f"galileo: {folder}: expected schemas that this command wrote, got {error}", file=sys.stderr)
        return 2
    for line in broken:
        print(f"breaks who holds to {folder}: {line}", file=sys.stderr)
    if broken and not arguments.breaking:
        print(
            "galileo: nothing is written; if this is meant, count WIRE_VERSION up and say --breaking", file=sys.stderr
        )
        return 1
    for name, text in now.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in published_in(folder).keys() - now.keys():
        (folder / name).unlink()
    print(f"{len(now) - 1} schemas and asyncapi.json are in {folder}")
    return 0
