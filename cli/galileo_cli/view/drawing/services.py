"""Services and what is not well with them, faults in force, and pods that were resized."""

from __future__ import annotations

from collections.abc import Sequence

from galileo_schemas.fault_fields import told
from rich.text import Text

from galileo_cli.services_heard import SILENT_AFTER_S, ServiceRow, shown_rate
from galileo_cli.view.drawing.palette import BAD, DIM, GOOD, PLAIN, STRONG, WARN
from galileo_cli.view.drawing.strokes import fitted, placed
from galileo_cli.view.faults_in_force import FaultsInForce
from galileo_cli.view.resizes import Resizes
from galileo_cli.view.shown_run import ShownRun

_ROOM_FOR_ALL = 34
LATE = 10
"""So many entries of a service's streams that wait make it late; a few are on their way all the time."""


def draw_services(rows: Sequence[ServiceRow], width: int, height: int) -> list[Text]:
    """First how many are well, then those that are not, lost events or are late, then a line a process."""
    if not rows:
        return placed([Text("no service was heard yet", style=DIM)], width, height)
    summary = placed(_summary(rows, width), width, height)
    troubled = sorted((row for row in rows if _is_troubled(row)), key=lambda row: row.well)
    lines = [*map(_troubled, troubled), *(_process(found, width) for found in _processes(rows))]
    return summary + placed(lines, width, height - len(summary), what="lines")


def services_wanted(rows: Sequence[ServiceRow], width: int) -> tuple[int, int]:
    """Lines that are needed at least, and at most."""
    summary = len(_summary(rows, width))
    troubled = sum(map(_is_troubled, rows))
    return summary + min(3, troubled), summary + troubled + len(_processes(rows))


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
    line.append(f" lost {row.lost}" if row.lost else "", style=WARN)
    return line.append(f" {row.lag} waiting" if row.lag >= LATE else "", style=WARN)


def _is_troubled(row: ServiceRow) -> bool:
    return not row.well or row.lost > 0 or row.lag >= LATE


def _processes(rows: Sequence[ServiceRow]) -> list[list[ServiceRow]]:
    """Those that speak, by the process that they run in."""
    found: dict[str, list[ServiceRow]] = {}
    for row in rows:
        if row.status is not None and row.silent_s <= SILENT_AFTER_S:
            found.setdefault(row.process, []).append(row)
    return list(found.values())


def _process(rows: Sequence[ServiceRow], width: int) -> Text:
    """`cluster_observer +7     31/s in   12/s out`: its first service, how many more, and what they do together."""
    figures = f"{_together([row.heard_per_s for row in rows]):>4}/s in"
    if width >= _ROOM_FOR_ALL:
        figures += f" {_together([row.said_per_s for row in rows]):>4}/s out"
    more = f" +{len(rows) - 1}" if len(rows) > 1 else ""
    room = max(8, width - len(figures) - 1)
    name = fitted(Text(rows[0].instance), room - len(more)).plain + more
    return Text(name.ljust(room)).append(f" {figures}", style=DIM)


def _together(rates: Sequence[float | None]) -> str:
    known = [rate for rate in rates if rate is not None]
    return shown_rate(sum(known) if known else None)
