"""Figures whose panels all lie at the same place of the page, from the start of the load to its end.

Margins are fixed inches, not what the labels of one plot happen to need: the same second is at the same place in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from galileo_experiments.plots.backdrop import Backdrop
from galileo_experiments.plots.zone_styles import INK, QUIET, ZoneStyles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_IN = 10.0
_LEFT_IN, _RIGHT_IN = 0.95, 1.75
PLOT_IN = WIDTH_IN - _LEFT_IN - _RIGHT_IN
_TOP_IN, _BOTTOM_IN = 0.10, 0.45
_TITLE_IN, _GAP_IN = 0.21, 0.12
_LABEL_ROW_IN = 0.145
_SMALL, _TINY = 8, 7


def new_canvas(
    heights_in: Sequence[float], backdrop: Backdrop, *, titles: Sequence[str] | None = None
) -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each height, each with its title, the backdrop drawn behind all of them."""
    from matplotlib.figure import Figure

    labels = backdrop.labels(PLOT_IN)
    labels_in = _LABEL_ROW_IN * (1 + max((label.row for label in labels), default=-1))
    title_in = _TITLE_IN if titles else 0.0
    between_in = _GAP_IN + title_in
    height_in = _TOP_IN + labels_in + title_in + sum(heights_in) + between_in * (len(heights_in) - 1) + _BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height_in))
    panels: list[Axes] = []
    top_in = height_in - _TOP_IN - labels_in - title_in
    for index, panel_in in enumerate(heights_in):
        place = (_LEFT_IN / WIDTH_IN, (top_in - panel_in) / height_in, PLOT_IN / WIDTH_IN, panel_in / height_in)
        panels.append(figure.add_axes(place))
        _prepare(panels[-1], backdrop, last=index == len(heights_in) - 1)
        if titles:
            panels[-1].annotate(
                titles[index],
                (0.0, 1.0),
                xycoords="axes fraction",
                xytext=(0, 4),
                textcoords="offset points",
                fontsize=9,
                fontweight="bold",
                color=INK,
            )
        top_in -= panel_in + between_in
    for label in labels:
        panels[0].annotate(
            label.text,
            (label.t_s, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-2 if label.leftwards else 0, 72 * (title_in + _LABEL_ROW_IN * label.row) + 3),
            textcoords="offset points",
            ha="right" if label.leftwards else "left",
            fontsize=_TINY,
            color=INK,
            annotation_clip=False,
        )
    return figure, panels


def _prepare(axes: Axes, backdrop: Backdrop, *, last: bool) -> None:
    axes.set_xlim(0, backdrop.end_s)
    axes.tick_params(labelsize=_SMALL, color=QUIET, length=3, labelbottom=last)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.6)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    for span in backdrop.spans:
        axes.axvspan(
            span.from_s,
            span.to_s,
            facecolor="#000000" if span.is_fault else "none",
            alpha=0.10 if span.is_fault else 0.25,
            hatch=None if span.is_fault else "////",
            edgecolor=QUIET,
            linewidth=0,
            zorder=0.5,
        )
        for edge_s in (span.from_s, span.to_s):
            if 0 < edge_s < backdrop.end_s:
                axes.axvline(edge_s, color=QUIET, linewidth=0.7, zorder=0.6)
    for at_s in backdrop.lines:
        axes.axvline(at_s, color=INK, linewidth=1.0, linestyle=(0, (2, 2)), zorder=0.7)
    if last:
        axes.set_xlabel("seconds after the start of the load", fontsize=_SMALL, color=INK)


def label_y(axes: Axes, text: str) -> None:
    """What the vertical axis shows, at the same place in all plots."""
    axes.set_ylabel(text, fontsize=_SMALL, color=INK)
    axes.yaxis.set_label_coords(-0.62 / PLOT_IN, 0.5)


def legend(axes: Axes, *, title: str = "") -> None:
    """Beside the panel, since no corner of it is sure to be empty."""
    handles, texts = axes.get_legend_handles_labels()
    if not handles:
        return
    unique = dict(zip(texts, handles, strict=True))
    found = axes.legend(
        list(unique.values()),
        list(unique),
        title=title or None,
        fontsize=7.5,
        title_fontsize=7.5,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0 if not title else 1.03),
        borderaxespad=0.1,
        handlelength=2.2,
        labelspacing=0.35,
    )
    found.set_alignment("left")


def draw_area(
    axes: Axes,
    starts: Sequence[float],
    floor: Sequence[float],
    top: Sequence[float],
    zone: str,
    styles: ZoneStyles,
    *,
    end_s: float,
) -> None:
    """A filled area in a zone's colour that holds each value until the next one starts."""
    axes.fill_between(
        [*starts, max(end_s, starts[-1])],
        [*floor, floor[-1]],
        [*top, top[-1]],
        step="post",
        facecolor=styles.colour(zone),
        edgecolor="white",
        hatch=styles.hatch(zone),
        linewidth=0.4,
        alpha=0.9,
        label=zone or "not known",
    )


def plain_log(axes: Axes, *, least: float, most: float) -> None:
    """A logarithmic axis with numbers as people write them: 20, 50, 100."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    axes.set_yscale("log")
    axes.set_ylim(least, most)
    decades = most / least
    subs = (1.0, 2.0, 5.0) if decades <= 100 else ((1.0, 3.0) if decades <= 2000 else (1.0,))
    axes.yaxis.set_major_locator(LogLocator(subs=subs))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())
