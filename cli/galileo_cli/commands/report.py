"""`galileo report`: a run's report again, from its folder."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path

from galileo_experiments.terminal_summary import terminal_summary

from galileo_cli.emulate.run_report import NoReportError, report_on

EXAMPLE = """examples:
  galileo report runs/latest
  galileo report runs/20260101-120000-people-move-1 --open

Reads what a run has left in its folder, also one that was interrupted or goes on, writes report.html and report.json
there, and prints the summary."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a run's folder, as `galileo emulate` makes it")
    parser.add_argument("--open", action="store_true", help="show the page in a browser")


def execute(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.folder)
    try:
        report = report_on(folder)
    except NoReportError as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2
    for line in terminal_summary(report):
        print(line)
    page = folder / "report.html"
    print(f"report:    {page} and {folder / 'report.json'}")
    if arguments.open and not webbrowser.open(page.resolve().as_uri()):
        print(f"galileo: no browser can be started here; open {page} yourself", file=sys.stderr)
        return 1
    return 0
