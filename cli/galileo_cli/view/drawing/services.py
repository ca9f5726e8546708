"""Services and what is not well with them, faults in force, and pods that were resized."""

from __future__ import annotations

from collections.abc import Sequence

from galileo_schemas.fault_fields import told
from rich.text import Text

from galileo_cli.services_heard import ServiceRow
from galileo_cli.view.drawing.palette import BAD, DIM, GOOD, PLAIN, STRONG, WARN
from galileo_cli.view.drawing.strokes import placed
from galileo_cli.view.faults_in_force import FaultsInForce
from galileo_cli.view.resizes import Resizes
from galileo_cli.view.shown_run import ShownRun

_ROOM_FOR_ALL = 34


def draw_services(rows: Sequence[ServiceRow], width: int, height: int) -> list[Text]:
    """First how many are well, then those that are not and those that lost events, then the others."""
    if not rows:
        return placed([Text("no service was heard yet", style=DIM)], width, height)
    troubled = sorted((row for row in rows if not row.well or row.lost), key=lambda row: row.well)
    others = [row for row in rows if row.well and not row.lost]
    summary = placed(_summary(rows, width), width, height)
    lines = [*map(_troubled, troubled), *(_busy(row, width) for row in others)]
    return summary + placed(lines, width, height - len(summary), what="services")


def services_wanted(rows: Sequence[ServiceRow], width: int) -> tuple[int, int]:
    """Lines that are needed at least, and at most."""
    summary = len(_summary(rows, width))
    return summary + min(3, sum(not row.well for row in rows)), summary + len(rows)


def draw_faults(faults: FaultsInForce, now: float, width: int, height: int) -> list[Text]:
    """A line a fault; `now` in unix seconds."""
    lines = []
    for known in faults.all():
        passed_s = max(0.0, now - known.since)
        lasting = f" of {known.fault.duration_s:g}" if known.fault.duration_s else ""
        lines.append(Text.assemble((told(known.fault), BAD), f" for {passed_s:.0f}{lasting} s"))
    return placed(lines or [Text("none", style=DIM)], width, height, what="faults")


def draw_resizes(resizes: Resizes, run: ShownRun, width: int, height: int) -> list[Text]:
    """Newest first."""
    lines = []
    for resize in resizes.newest()[: max(0, height)]:
        moment = f"{run.moment(resize.ts)} "
        text = resize.text if len(moment) + len(resize.text) <= width else resize.brief
        lines.append(Text.assemble((moment, DIM), (text, WARN if resize.failed else PLAIN)))
    return placed(lines or [Text("no pod was resized yet", style=DIM)], width, height)


def _summary(rows: Sequence[ServiceRow], width: int) -> list[Text]:
    """One line, or two where it is narrow."""
    well = sum(row.well for row in rows)
    line = Text.assemble((f"{well} of {len(rows)} ready", GOOD if well == len(rows) else BAD))
    lost, lag = sum(row.lost for row in rows), sum(row.lag for row in rows)
    rest = Text.assemble((f"{lost} lost", BAD if lost else DIM), (f", {lag} waiting", DIM))
    if line.cell_len + 2 + rest.cell_len > width:
        return [line, rest]
    return [line.append("  ").append_text(rest)]


def _troubled(row: ServiceRow) -> Text:
    line = Text.assemble((row.instance, STRONG))
    if not row.well:
        line.append(f" {row.state}", style=BAD)
    return line.append(f" lost {row.lost}", style=WARN) if row.lost else line


def _busy(row: ServiceRow, width: int) -> Text:
    figures = f"{row.heard_per_s:4.0f}/s in"
    if width >= _ROOM_FOR_ALL:
        figures += f" {row.said_per_s:4.0f}/s out"
    figures += f" lag {row.lag}" if row.lag else ""
    room = max(8, width - len(figures) - 1)
    name = row.instance if len(row.instance) <= room else row.instance[: room - 1] + "…"
    return Text(name.ljust(room)).append(f" {figures}", style=DIM)
