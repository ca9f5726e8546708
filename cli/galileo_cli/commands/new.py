"""`galileo new service NAME`: the files of a service of one's own, to begin with."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from galileo_cli.new_service.files import service_files
from galileo_cli.new_service.name import refuse_name
from galileo_cli.service_table import known_names

EXAMPLE = """examples:
  galileo new service hot_gateways
  galileo new service hot_gateways --dir ~/services

It works as it is: a handler, a decision in a pure function, settings, an event of its own, and a test of all that."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    service = kinds.add_parser("service", help="a service that `galileo run FILE` runs")
    service.add_argument("name", metavar="NAME", help="lower-case words, such as hot_gateways; also its folder's name")
    service.add_argument("--dir", default=".", metavar="DIR", help="where to make the folder; here otherwise")


def execute(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.dir) / arguments.name
    wrong = refuse_name(arguments.name, services=known_names()) or _refuse_place(folder)
    if wrong is not None:
        print(f"galileo: {wrong}", file=sys.stderr)
        return 2
    try:
        folder.mkdir(exist_ok=True)
        for name, text in service_files(arguments.name).items():
            (folder / name).write_text(text, encoding="utf-8")
            print(f"written: {folder / name}")
    except OSError as error:
        print(f"galileo: {error.filename}: cannot be written ({error.strerror})", file=sys.stderr)
        return 2
    print(f"try:     python -m pytest {folder}\n         galileo run {folder / arguments.name}.py")
    return 0


def _refuse_place(folder: Path) -> str | None:
    if not folder.parent.is_dir():
        return f"--dir {folder.parent}: there is no such folder"
    if folder.exists() and not folder.is_dir():
        return f"{folder}: there is a file of that name; expected a folder, or nothing"
    taken = [name for name in service_files(folder.name) if (folder / name).exists()]
    return f"{folder / taken[0]}: is there already, and is left as it is; choose another name" if taken else None
