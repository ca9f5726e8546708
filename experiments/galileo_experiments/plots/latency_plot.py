"""Response times over time: each request as a point, percentiles as lines; above them what happened, in lanes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from galileo_experiments.marks import Mark
from galileo_experiments.plots.backdrop import Backdrop
from galileo_experiments.plots.canvas import label_y, legend, new_canvas, plain_log
from galileo_experiments.plots.lanes import draw_lanes, lane_height_in, lanes_of
from galileo_experiments.plots.zone_styles import INK, ZoneStyles
from galileo_experiments.recorded_run import Request
from galileo_experiments.report import Report
from galileo_experiments.thinning import thinned
from galileo_experiments.time_bins import PercentileLine, bin_width_s, percentile_lines

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 4000
_PANEL_IN = 1.75
_LOG_FROM = 12.0


def latency_figure(
    report: Report, requests: Sequence[Request], marks: Sequence[Mark], backdrop: Backdrop, styles: ZoneStyles
) -> Figure:
    """Zones from which people call at different times share a panel; those who call together have one each."""
    lanes = lanes_of(marks, report)
    lines = percentile_lines(requests, width_s=bin_width_s(report.measured_s))
    groups = _apart(lines)
    height_in = 2.6 if len(groups) == 1 else _PANEL_IN
    figure, (above, *panels) = new_canvas([lane_height_in(lanes), *(height_in for _group in groups or [[]])], backdrop)
    draw_lanes(above, lanes, marks, report, styles)
    shown = [request.response_ms for request in requests if request.succeeded]
    for axes, zones in zip(panels, groups, strict=False):
        for zone in zones:
            own = [request for request in requests if request.client_zone == zone]
            _draw_points(axes, own, zone, styles)
            _draw_percentiles(axes, lines[zone], zone, styles)
            _draw_failures(axes, own)
        label_y(axes, "response time in ms")
        legend(axes, title="clients in")
    for axes in panels:
        _scale(axes, shown)
    return figure


def function_latency_figure(
    report: Report, requests: Sequence[Request], backdrop: Backdrop, styles: ZoneStyles
) -> Figure:
    """A panel per function, with the 95th percentile and the median by client zone."""
    functions = sorted({request.function for request in requests})
    figure, panels = new_canvas([1.25] * len(functions), backdrop, titles=functions)
    for function, axes in zip(functions, panels, strict=True):
        own = [request for request in requests if request.function == function]
        lines = percentile_lines(own, width_s=bin_width_s(report.measured_s))
        for zone, line in lines.items():
            axes.plot(
                line.t_s, line.p95_ms, color=styles.colour(zone), linestyle=styles.line(zone), label=f"{zone}, p95"
            )
            axes.plot(line.t_s, line.p50_ms, color=styles.colour(zone), linestyle=":", label=f"{zone}, p50")
        _scale(axes, [value for line in lines.values() for value in (*line.p50_ms, *line.p95_ms) if value > 0])
        label_y(axes, "ms")
        legend(axes, title="clients in")
    return figure


def _apart(lines: dict[str, PercentileLine]) -> list[list[str]]:
    """Zones in as few panels as keep those apart that have answers at the same time."""
    groups: list[tuple[set[float], list[str]]] = []
    for zone, line in lines.items():
        when = set(line.t_s)
        for taken, zones in groups:
            if not taken & when:
                taken |= when
                zones.append(zone)
                break
        else:
            groups.append((when, [zone]))
    return [zones for _taken, zones in groups]


def _draw_points(axes: Axes, requests: Sequence[Request], zone: str, styles: ZoneStyles) -> None:
    points = thinned([(r.sent_s, r.response_ms) for r in requests if r.succeeded], _POINTS)
    axes.scatter(
        [t_s for t_s, _ms in points],
        [ms for _t_s, ms in points],
        s=4,
        color=styles.colour(zone),
        alpha=0.28,
        linewidths=0,
        rasterized=True,
        zorder=1.5,
    )


def _draw_percentiles(axes: Axes, line: PercentileLine, zone: str, styles: ZoneStyles) -> None:
    colour = styles.colour(zone)
    axes.fill_between(line.t_s, line.p50_ms, line.p95_ms, color=colour, alpha=0.15, linewidth=0, zorder=1.2)
    axes.plot(line.t_s, line.p99_ms, color=colour, linestyle=(0, (1, 1.2)), linewidth=1.0, label=f"{zone}, p99")
    axes.plot(line.t_s, line.p95_ms, color=colour, linestyle="-", linewidth=1.9, label=f"{zone}, p95")
    axes.plot(line.t_s, line.p50_ms, color=colour, linestyle=(0, (5, 1.5)), linewidth=1.3, label=f"{zone}, p50")


def _draw_failures(axes: Axes, requests: Sequence[Request]) -> None:
    """At the upper edge, when requests were sent that failed."""
    failed = thinned([(request.sent_s, 0.0) for request in requests if not request.succeeded], _POINTS)
    if failed:
        axes.plot(
            [t_s for t_s, _ in failed],
            [0.97] * len(failed),
            linestyle="",
            marker="x",
            color=INK,
            markersize=4,
            markeredgewidth=0.8,
            transform=axes.get_xaxis_transform(),
            label="failed",
            rasterized=True,
        )


def _scale(axes: Axes, shown: Sequence[float]) -> None:
    """From what was measured, logarithmic where it spans more than an order of magnitude."""
    if not shown:
        axes.set_ylim(0, 1)
        return
    ordered = sorted(shown)
    least, most = max(ordered[len(ordered) // 200], 0.5), max(ordered[-1], 1.0)
    if most > _LOG_FROM * least:
        plain_log(axes, least=least / 1.3, most=most * 1.4)
    else:
        axes.set_ylim(0, most * 1.1)
