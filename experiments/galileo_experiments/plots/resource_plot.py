"""What containers used against what they requested and should have requested, with the resizes.

Dots are single containers in single windows of telemetry; a line is the mean of those in a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from galileo_experiments.container_usage import UsagePoint
from galileo_experiments.plots.backdrop import Backdrop
from galileo_experiments.plots.canvas import label_y, legend, new_canvas
from galileo_experiments.plots.zone_styles import INK, ZoneStyles
from galileo_experiments.report import Report
from galileo_experiments.report_resources import Amounts, Bounds, ContainerRequestRow, RecommendationRow, UsageRow
from galileo_experiments.resize_stories import MIB
from galileo_experiments.thinning import thinned
from galileo_experiments.time_bins import broken_at_gaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 2500
_PANEL_IN = 1.4
_MARKERS = {"resized": "^", "deferred": "d", "in_progress": "d", "infeasible": "x", "failed": "x", "evicted": "s"}
_TARGET = "#882255"


class _Resource(NamedTuple):
    title: str
    label: str
    unit: float
    point: Callable[[UsagePoint], float | None]
    mean: Callable[[UsageRow], float | None]
    request: Callable[[ContainerRequestRow | Amounts], float | None]
    bounds: Callable[[RecommendationRow], Bounds | None]


_RESOURCES = (
    _Resource(
        "CPU",
        "CPU, thousandths",
        1.0,
        lambda point: point.cpu_millicores,
        lambda row: row.cpu_millicores,
        lambda row: row.cpu_millicores,
        lambda row: row.cpu_millicores,
    ),
    _Resource(
        "memory",
        "memory in MiB",
        MIB,
        lambda point: point.memory_bytes,
        lambda row: row.memory_bytes,
        lambda row: row.memory_bytes,
        lambda row: row.memory_bytes,
    ),
)


def resource_figure(
    fn: str, container: str, report: Report, points: Sequence[UsagePoint], backdrop: Backdrop, styles: ZoneStyles
) -> Figure:
    """CPU above, memory below, of the containers of one name in a function's pods."""
    whose = fn if fn == container else f"{fn}, container {container}"
    titles = [f"{resource.title} of {whose}" for resource in _RESOURCES]
    figure, panels = new_canvas([_PANEL_IN] * len(_RESOURCES), backdrop, titles=titles)
    own = [point for point in points if (point.home.fn, point.home.container) == (fn, container)]
    for resource, axes in zip(_RESOURCES, panels, strict=True):
        highest = [
            *_draw_usage(axes, resource, own, report, (fn, container), styles),
            *_draw_requests(axes, resource, report, (fn, container)),
            *_draw_recommended(axes, resource, report, (fn, container)),
            *_draw_resizes(axes, resource, report, (fn, container)),
        ]
        axes.set_ylim(0, 1.2 * max(highest, default=1.0) or 1.0)
        label_y(axes, resource.label)
        legend(axes)
    return figure


_Which = tuple[str, str]
"""Function and container."""


def _draw_usage(
    axes: Axes, resource: _Resource, own: Sequence[UsagePoint], report: Report, which: _Which, styles: ZoneStyles
) -> list[float]:
    """Returns what must be seen: all but the highest half percent."""
    seen: list[float] = []
    for zone in dict.fromkeys(row.zone for row in report.usage if (row.fn, row.container) == which):
        found = [
            (point.t_s, value / resource.unit)
            for point in own
            if point.home.zone == zone and (value := resource.point(point)) is not None
        ]
        dots = thinned(found, _POINTS)
        axes.scatter(
            [t_s for t_s, _ in dots],
            [value for _, value in dots],
            s=5,
            color=styles.colour(zone),
            alpha=0.3,
            linewidths=0,
            rasterized=True,
            zorder=1.5,
        )
        rows = [row for row in report.usage if (row.fn, row.container, row.zone) == (*which, zone)]
        means = [(row.t_s, value / resource.unit) for row in rows if (value := resource.mean(row)) is not None]
        times, values = broken_at_gaps([t_s for t_s, _ in means], [value for _, value in means])
        axes.plot(
            times,
            values,
            color=styles.colour(zone),
            linestyle=styles.line(zone),
            linewidth=1.5,
            label=f"used, {zone}",
        )
        ordered = sorted(value for _, value in found)
        seen += ordered[: max(1, int(len(ordered) * 0.995))][-1:]
    return seen


def _draw_requests(axes: Axes, resource: _Resource, report: Report, which: _Which) -> list[float]:
    seen = []
    pods: dict[str, list[ContainerRequestRow]] = {}
    for row in report.container_requests:
        if (row.fn, row.container) == which:
            pods.setdefault(row.pod, []).append(row)
    for rows in pods.values():
        times: list[float] = []
        values: list[float] = []
        for row in rows:
            amount = resource.request(row)
            until_s = report.measured_s if row.until_s is None else row.until_s
            if amount is not None:
                times += [max(row.t_s, 0.0), until_s]
                values += [amount / resource.unit] * 2
        axes.plot(times, values, color=INK, linewidth=1.5, alpha=0.75, label="requested, a line a pod", zorder=2.5)
        seen += values
    return seen


def _draw_recommended(axes: Axes, resource: _Resource, report: Report, which: _Which) -> list[float]:
    """The target, and the bounds as a band; an upper bound that history has not yet narrowed leaves the plot."""
    found = [
        (row.t_s, bounds)
        for row in report.recommendations
        if (row.fn, row.container) == which and not row.shadow and (bounds := resource.bounds(row)) is not None
    ]
    if not found:
        return []
    times = [max(0.0, t_s) for t_s, _ in found] + [report.measured_s]
    rows = [bounds for _, bounds in found] + [found[-1][1]]
    axes.fill_between(
        times,
        [bounds.lower / resource.unit for bounds in rows],
        [bounds.upper / resource.unit for bounds in rows],
        step="post",
        facecolor=_TARGET,
        alpha=0.10,
        linewidth=0,
        label="recommended bounds",
        zorder=0.9,
    )
    targets = [bounds.target / resource.unit for bounds in rows]
    axes.step(
        times,
        targets,
        where="post",
        color=_TARGET,
        linewidth=1.4,
        linestyle=(0, (4, 1.5)),
        label="recommended target",
        zorder=2.4,
    )
    return targets


def _draw_resizes(axes: Axes, resource: _Resource, report: Report, which: _Which) -> list[float]:
    fn, container = which
    seen = []
    for row in report.resizes:
        after = row.after.get(container) if row.fn == fn else None
        amount = None if after is None else resource.request(after)
        if amount is None:
            continue
        axes.plot(
            [row.t_s],
            [amount / resource.unit],
            linestyle="",
            marker=_MARKERS.get(row.result, "o"),
            color=INK,
            markerfacecolor=INK if row.result == "resized" else "white",
            markersize=6,
            label=f"resize {row.result.replace('_', ' ')}",
            zorder=3,
        )
        seen.append(amount / resource.unit)
    return seen
