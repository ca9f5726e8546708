"""Lines about what happened, as they look in the view's log."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from galileo_cli.view.drawing.palette import ACCENT, BAD, DIM, GOOD, PLAIN
from galileo_cli.view.drawing.strokes import placed
from galileo_cli.view.happened import Kind, Line
from galileo_cli.view.shown_run import ShownRun

_STYLES = {
    Kind.RUN: PLAIN,
    Kind.EVENT: PLAIN,
    Kind.DECISION: PLAIN,
    Kind.TROUBLE: BAD,
    Kind.ASKED: ACCENT,
    Kind.ANSWER: GOOD,
}


def draw_log(lines: Sequence[Line], run: ShownRun, width: int, height: int) -> list[Text]:
    """The newest lines, newest last."""
    return placed([draw_line(line, run) for line in lines[-max(1, height) :]], width, height)


def draw_line(line: Line, run: ShownRun) -> Text:
    """With the moment before it, for what happened on the bus."""
    moment = "" if line.kind is Kind.RUN else f"{run.moment(line.ts)}  "
    return Text.assemble((moment, DIM), (line.text, _STYLES[line.kind]))
