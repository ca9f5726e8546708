"""What happened, in lanes above the response times: one lane for each kind, spans for what lasted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from galileo_experiments.marks import Mark, MarkKind
from galileo_experiments.plots.zone_styles import INK, ZoneStyles
from galileo_experiments.report import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LANE_IN = 0.2


class Lane(NamedTuple):
    """A kind of mark, how it is called, its marker, and whether the lane is there when nothing is in it."""

    kind: MarkKind
    text: str
    marker: str
    always: bool = False


_LANES = (
    Lane("load", "load changes", "d"),
    Lane("fault", "faults", "X"),
    Lane("node down", "node not ready", "X"),
    Lane("scale up", "scale up", "^", always=True),
    Lane("scale down", "scale down", "v", always=True),
    Lane("pod first serves", "pod first serves", "o", always=True),
    Lane("resize", "pod resized", "D"),
    Lane("resize failed", "resize failed", "x"),
    Lane("setting", "setting changed", "s"),
    Lane("restart", "process restarted", "P"),
)


def lanes_of(marks: Sequence[Mark], report: Report) -> list[Lane]:
    """Those that a run needs."""
    there = {mark.kind for mark in marks}
    return [lane for lane in _LANES if lane.always or lane.kind in there]


def lane_height_in(lanes: Sequence[Lane]) -> float:
    """How much room they take."""
    return _LANE_IN * len(lanes)


def draw_lanes(axes: Axes, lanes: Sequence[Lane], marks: Sequence[Mark], report: Report, styles: ZoneStyles) -> None:
    """Marks have the colour of the zone where it happened; spans are bars from beginning to end."""
    for height, lane in enumerate(lanes):
        for mark in marks:
            if mark.kind != lane.kind:
                continue
            colour = styles.colour(mark.zone)
            if mark.until_s is not None:
                axes.barh(height, mark.until_s - mark.t_s, left=mark.t_s, height=0.5, color=colour, alpha=0.75)
            else:
                axes.plot(
                    [mark.t_s],
                    [height],
                    marker=lane.marker,
                    color=colour,
                    markersize=6,
                    alpha=0.85,
                    clip_on=False,
                    zorder=3,
                )
    axes.set_yticks(range(len(lanes)), [lane.text for lane in lanes])
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.tick_params(axis="both", length=0, labelsize=8, labelbottom=False, labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
