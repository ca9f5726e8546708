"""Weights over time: which share of its requests a zone's gateway means for each replica, or for another zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from galileo_experiments.plots.backdrop import Backdrop
from galileo_experiments.plots.canvas import draw_area, label_y, legend, new_canvas
from galileo_experiments.plots.zone_styles import ZoneStyles
from galileo_experiments.report import Report
from galileo_experiments.report_resources import WeightRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_STEPS = 400
_Target = tuple[str, str]
"""Zone and address."""


def weight_figure(fn: str, report: Report, backdrop: Backdrop, styles: ZoneStyles) -> Figure:
    """A panel for each zone whose gateway has weights for the function."""
    rows = [row for row in report.weights if row.fn == fn]
    zones = sorted({row.zone for row in rows})
    figure, panels = new_canvas(
        [0.62] * len(zones), backdrop, titles=[f"{fn}, by the gateway of {zone}" for zone in zones]
    )
    for zone, axes in zip(zones, panels, strict=True):
        _draw(axes, _last_of_each_bin([row for row in rows if row.zone == zone], report.measured_s), styles, report)
        axes.set_ylim(0, 100)
        axes.set_yticks([0, 50, 100])
        label_y(axes, "% of weight")
        legend(axes)
    return figure


def _draw(axes: Axes, rows: list[WeightRow], styles: ZoneStyles, report: Report) -> None:
    own = rows[0].zone
    shares = [_shares(row) for row in rows]
    targets = sorted(dict.fromkeys(target for share in shares for target in share), key=lambda t: (t[0] != own, t))
    starts = [max(row.t_s, 0.0) for row in rows]
    floor = [0.0] * len(rows)
    for zone, address in targets:
        top = [low + share.get((zone, address), 0.0) for low, share in zip(floor, shares, strict=True)]
        draw_area(axes, starts, floor, top, zone, styles, end_s=report.measured_s)
        floor = top


def _shares(row: WeightRow) -> dict[_Target, float]:
    """Percent of all weight, by target."""
    total = sum(target.weight for target in row.targets)
    return {(target.zone, target.address): 100.0 * target.weight / total for target in row.targets if total}


def _last_of_each_bin(rows: list[WeightRow], measured_s: float) -> list[WeightRow]:
    """Of several in one narrow stretch of time the last, so that a long run has no more steps than can be seen."""
    width_s = max(measured_s, 1.0) / _MOST_STEPS
    last: dict[int, WeightRow] = {}
    for row in rows:
        last[max(0, int(row.t_s // width_s))] = row
    return list(last.values())
