"""Where requests were served, and how many replicas there were to serve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from galileo_experiments.plots.backdrop import Backdrop
from galileo_experiments.plots.canvas import draw_area, label_y, legend, new_canvas
from galileo_experiments.plots.zone_styles import INK, ZoneStyles
from galileo_experiments.recorded_run import Request
from galileo_experiments.report import Report
from galileo_experiments.time_bins import bin_width_s, failed_rates, sent_rates, served_rates

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def served_figure(report: Report, requests: Sequence[Request], backdrop: Backdrop, styles: ZoneStyles) -> Figure:
    """Requests a second by when they were sent, stacked by the zone whose pods answered; failed ones on top."""
    figure, (axes,) = new_canvas([1.9], backdrop)
    width_s, end_s = bin_width_s(report.measured_s), report.measured_s
    rates = served_rates(requests, measured_s=end_s, width_s=width_s)
    sent = sent_rates(requests, measured_s=end_s, width_s=width_s)
    starts = [index * width_s for index in range(len(sent))]
    floor = [0.0] * len(sent)
    for zone, values in rates.items():
        top = [low + value for low, value in zip(floor, values, strict=True)]
        draw_area(axes, starts, floor, top, zone, styles, end_s=end_s)
        floor = top
    failed = failed_rates(requests, measured_s=end_s, width_s=width_s)
    if any(failed):
        top = [low + value for low, value in zip(floor, failed, strict=True)]
        axes.fill_between(
            [*starts, end_s],
            [*floor, floor[-1]],
            [*top, top[-1]],
            step="post",
            facecolor=INK,
            linewidth=0,
            label="failed",
        )
    axes.set_ylim(0, max([*sent, 1.0]) * 1.08)
    label_y(axes, "requests a second")
    legend(axes, title="served in")
    return figure


def replicas_figure(report: Report, backdrop: Backdrop, styles: ZoneStyles) -> Figure:
    """Running replicas over time, stacked by zone, a panel per function."""
    functions = sorted({row.fn for row in report.replicas})
    figure, panels = new_canvas([0.95] * len(functions), backdrop, titles=functions)
    for function, axes in zip(functions, panels, strict=True):
        rows = [row for row in report.replicas if row.fn == function]
        times = sorted({row.t_s for row in rows})
        floor = [0.0] * len(times)
        for zone in dict.fromkeys(row.zone for row in rows):
            counts = {row.t_s: row.running for row in rows if row.zone == zone}
            top = [low + value for low, value in zip(floor, _held(counts, times), strict=True)]
            if top != floor:
                draw_area(axes, times, floor, top, zone, styles, end_s=report.measured_s)
            floor = top
        axes.set_ylim(0, max([*floor, 1.0]) + 0.4)
        axes.locator_params(axis="y", integer=True, nbins=4)
        label_y(axes, "replicas")
        legend(axes)
    return figure


def _held(counts: dict[float, int], times: Sequence[float]) -> list[float]:
    """The value at each time, held from the last change."""
    held, value = [], 0.0
    for t_s in times:
        value = float(counts.get(t_s, value))
        held.append(value)
    return held
