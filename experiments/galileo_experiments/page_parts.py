"""Pieces of HTML that the report's page is made of. All text that comes from a run is escaped here."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RASTER_DPI = 160


class Column(NamedTuple):
    """A column's head; words stand on the left, numbers on the right."""

    head: str
    is_word: bool = False


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, css: str = "") -> str:
    """A table; cells are text."""
    return _table(caption, columns, [[escape(cell) for cell in row] for row in rows], css)


def table_of_html(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, css: str = "") -> str:
    """A table whose cells are HTML already."""
    return _table(caption, columns, rows, css)


def _table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], css: str) -> str:
    classes = [' class="word"' if column.is_word else "" for column in columns]
    head = "".join(f"<th{own}>{escape(column.head)}</th>" for column, own in zip(columns, classes, strict=True))
    lines = "".join(
        "<tr>" + "".join(f"<td{own}>{cell}</td>" for cell, own in zip(row, classes, strict=True)) + "</tr>\n"
        for row in rows
    )
    attribute = f' class="{css}"' if css else ""
    return (
        f"<table{attribute}><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{lines}</tbody></table>"
    )


def section(anchor: str, title: str, text: str, figures: Iterable[tuple[str, Figure]]) -> str:
    """A heading with its plots; the heading stays with the first of them. Each plot has words that tell what it is."""
    head = f'<h2 id="{anchor}">{escape(title)}</h2>' + (f'<p class="small">{escape(text)}</p>' if text else "")
    parts = []
    for index, (alternative, figure) in enumerate(figures):
        image = base64.b64encode(figure_svg(figure)).decode()
        parts.append(
            f"<figure>{head if index == 0 else ''}"
            f'<img alt="{escape(alternative)}" src="data:image/svg+xml;base64,{image}"></figure>'
        )
    return "\n".join(parts)


def left_out(anchor: str, title: str, why: str) -> str:
    """What stands in the place of a section that a run gives nothing for."""
    return f'<h2 id="{anchor}">{escape(title)}</h2><p class="quiet">{escape(why)}</p>'


def figure_svg(figure: Figure) -> bytes:
    """A figure as SVG; the same figure gives the same bytes."""
    import matplotlib as mpl

    out = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "galileo", "hatch.linewidth": 0.5}):
        figure.savefig(out, format="svg", dpi=_RASTER_DPI, metadata={"Date": None})
    return out.getvalue()
