"""The report's plots as matplotlib figures. Each zone has one colour and one line style in all of them.

Colours are Okabe and Ito's, which colour-blind readers tell apart; line styles tell zones apart on grey paper.
matplotlib is imported when a plot is drawn, and pyplot's global state is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from galileo_experiments.marks import Mark
from galileo_experiments.recorded_run import Request
from galileo_experiments.report import MoveRow, Report
from galileo_experiments.time_bins import bin_width_s, broken_at_gaps, percentile_lines, served_rates

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_STYLES = ("-", "--", "-.", ":")
_HATCHES = ("", "//", "..", "\\\\", "xx", "--")
_INK = "#333333"
_WIDTH_IN = 9.0
_LANES = (
    ("scale up", "^"),
    ("scale down", "v"),
    ("pod first serves", "o"),
    ("restart", "X"),
    ("fault", "X"),
    ("fault ended", "o"),
    ("load", "d"),
    ("setting changed", "s"),
)
_ALWAYS_SHOWN = ("scale up", "scale down", "pod first serves")


class ZoneStyles:
    """Which colour, line style and hatching each zone has."""

    def __init__(self, zones: Sequence[str]) -> None:
        self._index = {zone: index for index, zone in enumerate(dict.fromkeys(zones))}

    def _of(self, zone: str, styles: Sequence[str]) -> str:
        return styles[self._index.setdefault(zone, len(self._index)) % len(styles)]

    def colour(self, zone: str) -> str:
        """A zone's colour."""
        return self._of(zone, _COLOURS)

    def line(self, zone: str) -> str:
        """A zone's line style."""
        return self._of(zone, _STYLES)

    def hatch(self, zone: str) -> str:
        """A zone's hatching in filled areas."""
        return self._of(zone, _HATCHES)


def response_time_figure(
    report: Report, requests: Sequence[Request], marks: Sequence[Mark], styles: ZoneStyles
) -> Figure:
    """Median and 95th percentile over time by client zone; above them, in lanes, what was decided and done."""
    there = {mark.kind for mark in marks}
    lanes = [lane for lane in _LANES if lane[0] in _ALWAYS_SHOWN or lane[0] in there]
    figure = _figure(height_in=4.0 + 0.25 * len(lanes))
    above, axes = figure.subplots(2, 1, sharex=True, height_ratios=[0.25 * len(lanes) + 0.15, 3.2])
    _draw_lanes(above, lanes, marks, styles)
    lines = percentile_lines(requests, width_s=bin_width_s(report.measured_s))
    for zone, line in lines.items():
        colour = styles.colour(zone)
        axes.fill_between(line.t_s, line.p50_ms, line.p95_ms, color=colour, alpha=0.15, linewidth=0)
        axes.plot(line.t_s, line.p95_ms, color=colour, linestyle="-", linewidth=1.8, label=zone)
        axes.plot(line.t_s, line.p50_ms, color=colour, linestyle=":", linewidth=1.4)
    values = [value for line in lines.values() for value in (*line.p50_ms, *line.p95_ms) if value > 0]
    if values and max(values) > 20 * max(min(values), 1.0):
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_ylabel("response time in ms")
    _draw_moves(report.moves, axes, above, labelled=above)
    _time_axis(axes, report)
    _legend(axes, title="solid: 95th percentile\ndotted: median\n\nclients in")
    return figure


def served_figure(report: Report, requests: Sequence[Request], styles: ZoneStyles) -> Figure:
    """Answers a second, stacked by the zone whose pods gave them."""
    figure = _figure(height_in=2.8)
    axes = figure.subplots()
    width_s = bin_width_s(report.measured_s)
    rates = served_rates(requests, measured_s=report.measured_s, width_s=width_s)
    floor: list[float] = []
    starts = [index * width_s for index in range(max(map(len, rates.values()), default=0))]
    for zone, values in rates.items():
        floor = floor or [0.0] * len(values)
        top = [low + value for low, value in zip(floor, values, strict=True)]
        _area(axes, starts, floor, top, zone, styles, end_s=report.measured_s)
        floor = top
    axes.set_ylim(bottom=0)
    axes.set_ylabel("answers a second")
    _draw_moves(report.moves, axes)
    _time_axis(axes, report)
    _legend(axes, title="served in")
    return figure


def replicas_figure(report: Report, styles: ZoneStyles) -> Figure:
    """Running replicas over time, stacked by zone, a panel per function."""
    functions = sorted({row.fn for row in report.replicas})
    figure, panels = _panels(functions)
    for function, axes in zip(functions, panels, strict=True):
        rows = [row for row in report.replicas if row.fn == function]
        times = sorted({row.t_s for row in rows})
        floor = [0.0] * len(times)
        for zone in dict.fromkeys(row.zone for row in rows):
            counts = {row.t_s: row.running for row in rows if row.zone == zone}
            top = [low + value for low, value in zip(floor, _held(counts, times), strict=True)]
            if top != floor:
                _area(axes, times, floor, top, zone, styles, end_s=report.measured_s)
            floor = top
        axes.set_title(function, loc="left", fontsize=9)
        axes.set_ylim(0, max([*floor, 1.0]) + 0.5)
        axes.locator_params(axis="y", integer=True, nbins=5)
        _draw_moves([move for move in report.moves if move.fn == function], axes)
        _time_axis(axes, report, last=axes is panels[-1])
        _legend(axes)
    figure.supylabel("running replicas", fontsize=9)
    return figure


def pressure_figure(report: Report, styles: ZoneStyles) -> Figure:
    """Pressure over time, a line per gateway and a panel per function, between the thresholds."""
    functions = sorted({row.fn for row in report.pressure})
    figure, panels = _panels(functions)
    for function, axes in zip(functions, panels, strict=True):
        rows = [row for row in report.pressure if row.fn == function]
        for gateway, zone in dict.fromkeys((row.gateway, row.zone) for row in rows):
            own = [row for row in rows if (row.gateway, row.zone) == (gateway, zone)]
            axes.plot(
                *broken_at_gaps([row.t_s for row in own], [row.value for row in own]),
                color=styles.colour(zone),
                linestyle=styles.line(zone),
                marker=".",
                markersize=4,
                linewidth=1.4,
                label=gateway,
            )
        _draw_thresholds(axes, report)
        axes.set_title(function, loc="left", fontsize=9)
        axes.set_ylim(bottom=0)
        _draw_moves([move for move in report.moves if move.fn == function], axes)
        _time_axis(axes, report, last=axes is panels[-1])
        _legend(axes)
    figure.supylabel("pressure (highest over client zones)", fontsize=9)
    return figure


def _figure(*, height_in: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")


def _panels(names: Sequence[str]) -> tuple[Figure, list[Axes]]:
    figure = _figure(height_in=0.5 + 1.7 * max(1, len(names)))
    grid = figure.subplots(max(1, len(names)), 1, sharex=True, squeeze=False)
    panels: list[Axes] = [axes for axes in grid[:, 0] if names]
    return figure, panels


def _draw_lanes(axes: Axes, lanes: Sequence[tuple[str, str]], marks: Sequence[Mark], styles: ZoneStyles) -> None:
    names = [name for name, _marker in lanes]
    for height, (name, marker) in enumerate(lanes):
        for mark in marks:
            if mark.kind == name:
                colour = styles.colour(mark.zone) if mark.zone else _INK
                axes.plot([mark.t_s], [height], marker=marker, color=colour, markersize=6, alpha=0.85, clip_on=False)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="both", length=0, labelsize=8, labelbottom=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)


def _draw_moves(moves: Sequence[MoveRow], *panels: Axes, labelled: Axes | None = None) -> None:
    times = sorted({move.at_s for move in moves})
    for at_s in times:
        for axes in panels:
            axes.axvline(at_s, color=_INK, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1)
        if labelled is not None:
            text = _move_text(moves) if len(times) == 1 else "move"
            labelled.annotate(
                text, (at_s, 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=8, color=_INK
            )


def _move_text(moves: Sequence[MoveRow]) -> str:
    ways = {f"{move.from_zone} → {move.to_zone}" for move in moves}
    return f"people move {ways.pop()}" if len(ways) == 1 else "people move"


def _draw_thresholds(axes: Axes, report: Report) -> None:
    for limit, text in ((report.thresholds.max, "more replicas above"), (report.thresholds.min, "fewer below")):
        if limit is not None:
            axes.axhline(limit, color=_INK, linewidth=0.8, linestyle=(0, (5, 3)), zorder=1)
            axes.annotate(
                f"{text} {limit:g}",
                (1.0, limit),
                xycoords=("axes fraction", "data"),
                xytext=(-3, 2),
                textcoords="offset points",
                ha="right",
                fontsize=7,
                color=_INK,
            )


def _area(
    axes: Axes,
    starts: Sequence[float],
    floor: Sequence[float],
    top: Sequence[float],
    zone: str,
    styles: ZoneStyles,
    *,
    end_s: float,
) -> None:
    """A filled area that holds each value until the next one starts."""
    axes.fill_between(
        [*starts, max(end_s, starts[-1])],
        [*floor, floor[-1]],
        [*top, top[-1]],
        step="post",
        facecolor=styles.colour(zone),
        edgecolor="white",
        hatch=styles.hatch(zone),
        linewidth=0.3,
        alpha=0.9,
        label=zone,
    )


def _held(counts: dict[float, int], times: Sequence[float]) -> list[float]:
    """The value at each time, held from the last change."""
    held, value = [], 0.0
    for t_s in times:
        value = float(counts.get(t_s, value))
        held.append(value)
    return held


def _time_axis(axes: Axes, report: Report, *, last: bool = True) -> None:
    axes.set_xlim(0, max(report.measured_s, 1.0))
    axes.tick_params(labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if last:
        axes.set_xlabel("seconds after the start of the load", fontsize=9)


def _legend(axes: Axes, *, title: str | None = None) -> None:
    """Beside the plot, since no corner of it is sure to be empty."""
    if axes.get_legend_handles_labels()[0]:
        legend = axes.legend(fontsize=8, title=title, title_fontsize=8, frameon=False, loc="upper left")
        legend.set_bbox_to_anchor((1.0, 1.0))
        legend.set_alignment("left")
