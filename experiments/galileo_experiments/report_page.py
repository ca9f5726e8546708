"""report.html: the numbers and plots of a run in one file that needs no network and prints on paper."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

import msgspec

from galileo_experiments.marks import Mark, marks
from galileo_experiments.plots import (
    ZoneStyles,
    pressure_figure,
    replicas_figure,
    response_time_figure,
    served_figure,
)
from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import PHASES, DecisionCounts, Report, RequestCounts
from galileo_experiments.terminal_summary import PHASE_NAMES, reaction_sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_ROWS = 200
_STYLE = """
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #222; background: #fff; max-width: 62rem;
       margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
p { margin: .3rem 0; } .quiet { color: #555; } .note { border-left: 4px solid #d55e00; padding-left: .6rem; }
table { border-collapse: collapse; margin: .5rem 0; } caption { text-align: left; color: #555; }
th, td { padding: .15rem .8rem .15rem 0; text-align: right; border-bottom: 1px solid #ddd; }
th:first-child, td:first-child, td.word, th.word { text-align: left; }
figure { margin: 0; break-inside: avoid; } img { width: 100%; height: auto; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } }
"""


def report_page(run: RecordedRun, report: Report) -> str:
    """The whole page as HTML."""
    happened = marks(run)
    styles = ZoneStyles([zone.name for zone in run.scenario.zones])
    plots = [
        (
            "Response times by client zone, and what was decided",
            "Marks have the colour of the zone where a pod was asked for, taken away, or answered for the first time.",
            response_time_figure(report, run.requests, happened, styles),
        ),
        ("Where requests were served", "", served_figure(report, run.requests, styles)),
        ("Replicas", "", replicas_figure(report, styles)),
    ]
    if report.pressure:
        plots.append(("Pressure on the gateways", "", pressure_figure(report, styles)))
    body = [
        f"<h1>{escape(report.scenario)}</h1>",
        f'<p class="quiet">Seed {report.seed}, {report.measured_s:.0f} of {report.duration_s:.0f} s. '
        f"Events: {escape(report.events)}</p>",
        f"<p>{escape(run.scenario.description)}</p>",
        *(f'<p class="note">{escape(note)}</p>' for note in report.notes),
        *_numbers(report),
        *(_plot(title, text, figure) for title, text, figure in plots),
        *_what_happened(happened),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(report.scenario)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def _numbers(report: Report) -> list[str]:
    reaction = reaction_sentence(report).removeprefix("reaction:").strip()
    latencies = [
        (PHASE_NAMES[phase], zone, *(f"{value:.1f}" for value in (times.p50, times.p95, times.p99)), str(times.count))
        for phase in PHASES
        for zone, times in report.latency_ms.get(phase, {}).items()
    ]
    return [
        f"<p>{escape(reaction[0].upper() + reaction[1:])}.</p>",
        _table(
            "Response times in ms, from sending to the end of the answer",
            ("", "client zone", "p50", "p95", "p99", "requests"),
            latencies,
        ),
        _row_table("Requests", report.requests),
        _row_table("Decisions, and what was done", report.decisions),
    ]


def _row_table(caption: str, counts: RequestCounts | DecisionCounts) -> str:
    """A table of one row, its heads being the fields' names."""
    fields = msgspec.structs.asdict(counts)
    return _table(caption, [name.replace("_", " ") for name in fields], [[str(value) for value in fields.values()]])


def _what_happened(happened: Sequence[Mark]) -> list[str]:
    rows = [(f"{mark.t_s:.1f}", mark.kind, mark.text, mark.zone) for mark in happened[:_MOST_ROWS]]
    more = len(happened) - len(rows)
    caption = "Seconds after the start" + (f"; {more} more are in the event log" if more else "")
    return ["<h2>What happened, in order</h2>", _table(caption, ("s", "what", "function or process", "zone"), rows)]


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _plot(title: str, text: str, figure: Figure) -> str:
    image = base64.b64encode(figure_svg(figure)).decode()
    words = f'<p class="quiet">{escape(text)}</p>' if text else ""
    return (
        f'<figure><h2>{escape(title)}</h2>{words}<img alt="{escape(title)}" src="data:image/svg+xml;base64,{image}">'
        "</figure>"
    )


def figure_svg(figure: Figure) -> bytes:
    """A figure as SVG; the same figure gives the same bytes."""
    import matplotlib as mpl

    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "galileo"}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
