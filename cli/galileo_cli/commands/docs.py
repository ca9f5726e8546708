"""`galileo docs [--write]`: the pages of a checkout that are written from the code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from galileo_cli.documents.pages import PAGES, stale_pages

EXAMPLE = """examples:
  galileo docs            (in a checkout: name the pages that are behind the code)
  galileo docs --write"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write", action="store_true", help=f"write {', '.join(PAGES)}")
    parser.add_argument("--checkout", default=".", metavar="DIR", help="the checkout; this folder otherwise")


def execute(arguments: argparse.Namespace) -> int:
    checkout = Path(arguments.checkout)
    if not (checkout / "docs").is_dir():
        print(f"galileo: {checkout}: there is no folder docs; expected a checkout of Galileo", file=sys.stderr)
        return 2
    stale = stale_pages(checkout)
    for path, text in stale.items():
        if arguments.write:
            path.write_text(text)
            print(f"written: {path}")
        else:
            print(f"behind the code: {path}; write it with galileo docs --write", file=sys.stderr)
    return 1 if stale and not arguments.write else 0
