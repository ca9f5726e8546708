"""The head of the view: what runs, how far it is, and what became of the requests."""

from __future__ import annotations

from datetime import datetime

from galileo_experiments.counted import counted
from galileo_schemas.fault_fields import told
from rich.text import Text

from galileo_cli.view.drawing.palette import ACCENT, BAD, DIM, FAINT, GOOD, STRONG, WARN
from galileo_cli.view.drawing.strokes import bar, placed
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.shown_run import ShownRun
from galileo_cli.view.wording import whose

BAR_WIDTH = 30


def draw_header(state: LiveState, run: ShownRun, now: float, width: int) -> list[Text]:
    """Two lines."""
    return placed([_progress(run, now, width, state.events), _load(state, width)], width, 2)


def _progress(run: ShownRun, now: float, width: int, events: int) -> Text:
    line = Text.assemble((run.title, STRONG), "  ")
    if run.start is None:
        line.append(run.stage or "starting …", style=WARN)
        return line
    passed_s = max(0.0, now - run.start)
    if run.duration_s is None:
        since = datetime.fromtimestamp(run.start).strftime("%H:%M:%S")
        return line.append(f"watched since {since}, {counted(events, 'event')}", style=DIM)
    passed_s = min(passed_s, run.duration_s)
    line.append(f"{passed_s:.0f} of {run.duration_s:g} s  ")
    room = min(BAR_WIDTH, width - line.cell_len - 2)
    if room >= 5:
        done = bar(passed_s, run.duration_s, room).rstrip()
        line.append(done, style=ACCENT).append("─" * (room - len(done)), style=FAINT)
    return line.append(f"  {run.stage}", style=WARN) if run.stage else line


def _load(state: LiveState, width: int) -> Text:
    """Without what is in flight where there is no room for all."""
    line = _load_line(state, with_in_flight=True)
    return line if line.cell_len <= width else _load_line(state, with_in_flight=False)


def _load_line(state: LiveState, *, with_in_flight: bool) -> Text:
    status = state.load.status
    if status is None:
        line = Text.assemble(("no load is told of yet", DIM))
    else:
        line = Text.assemble(("requests ", DIM), f"{status.sent} sent  ")
        line.append(f"{status.succeeded} ok", style=GOOD if status.succeeded else DIM).append("  ")
        line.append(f"{status.failed} failed", style=BAD if status.failed else DIM)
        line.append(f"  {status.in_flight} in flight" if with_in_flight else "", style=DIM)
    line.append("   decisions ", style=DIM).append(f"{state.counts['up']} up {state.counts['down']} down")
    for fn, zone in state.load.paused_clients():
        line.append(f"   {whose(fn, zone)} paused", style=f"bold {WARN}")
    for known in state.faults.all():
        line.append(f"   {told(known.fault)}", style=BAD)
    return line
