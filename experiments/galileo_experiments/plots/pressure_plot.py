"""Pressure over time, a line per gateway and a panel per function, against the thresholds that held then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galileo_experiments.plots.backdrop import Backdrop
from galileo_experiments.plots.canvas import label_y, legend, new_canvas, plain_log
from galileo_experiments.plots.zone_styles import INK, ZoneStyles
from galileo_experiments.report import PressureRow, Report, ThresholdRow
from galileo_experiments.time_bins import broken_at_gaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEAST = 1e-3


def pressure_figure(report: Report, backdrop: Backdrop, styles: ZoneStyles) -> Figure:
    """On a logarithmic axis, since pressure is a product; what lies below the axis is drawn on its lower edge."""
    functions = sorted({row.fn for row in report.pressure})
    figure, panels = new_canvas([1.45] * len(functions), backdrop, titles=functions)
    limits = [limit for row in report.thresholds_over_time for limit in (row.max, row.min) if limit]
    for function, axes in zip(functions, panels, strict=True):
        rows = [row for row in report.pressure if row.fn == function]
        values = [*(row.value for row in rows if row.value > 0), *limits]
        least = max(_LEAST, min([*limits, *values], default=_LEAST) / 2)
        plain_log(axes, least=least, most=max([*values, 10 * least]) * 1.5)
        for gateway, zone in dict.fromkeys((row.gateway, row.zone) for row in rows):
            _draw_gateway(axes, [row for row in rows if (row.gateway, row.zone) == (gateway, zone)], styles, least)
        _draw_thresholds(axes, report.thresholds_over_time, report.measured_s)
        label_y(axes, "pressure")
        legend(axes)
    return figure


def _draw_gateway(axes: Axes, rows: list[PressureRow], styles: ZoneStyles, least: float) -> None:
    times, values = broken_at_gaps([row.t_s for row in rows], [max(row.value, least) for row in rows])
    zone = rows[0].zone
    axes.plot(
        times,
        values,
        color=styles.colour(zone),
        linestyle=styles.line(zone),
        marker=styles.marker(zone),
        markersize=3.5,
        linewidth=1.4,
        label=rows[0].gateway,
        clip_on=False,
    )


def _draw_thresholds(axes: Axes, limits: list[ThresholdRow], end_s: float) -> None:
    """Steps, with the last value written on them."""
    starts = [row.t_s for row in limits]
    for values, text in (
        ([row.max for row in limits], "more above"),
        ([row.min for row in limits], "fewer below"),
    ):
        points = [(t_s, value) for t_s, value in zip(starts, values, strict=True) if value]
        if not points:
            continue
        times, levels = [t_s for t_s, _ in points], [value for _, value in points]
        axes.step(
            [*times, end_s],
            [*levels, levels[-1]],
            where="post",
            color=INK,
            linewidth=1.0,
            linestyle=(0, (5, 3)),
            zorder=1.4,
        )
        axes.annotate(
            f"{text} {levels[-1]:g}",
            (1.0, levels[-1]),
            xycoords=("axes fraction", "data"),
            xytext=(-3, 2),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=7,
            color=INK,
        )
