"""Small shapes in text: series as sparklines, amounts as bars, lines cut to fit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.text import Text

_LEVELS = "▁▂▃▄▅▆▇"
"""Not up to the full block: lines above one another would run into one."""


def sparkline(values: Iterable[float | None], width: int, *, top: float | None = None) -> str:
    """The values over `width` columns, the newest at the right; a column shows the largest of those that share it.

    Heights go from 0 to `top`, or to the largest value. Where nothing is known there is a space.
    """
    known = list(values)
    columns = [max((v for v in part if v is not None), default=None) for part in _parts(known, width)]
    highest = top or max((value for value in columns if value is not None), default=0.0)
    return "".join(" " if value is None else level(value, highest) for value in columns).rjust(width)


def level(value: float, highest: float) -> str:
    """One column of a bar chart that ends at `highest`."""
    share = value / highest if highest > 0 else 0.0
    return _LEVELS[min(len(_LEVELS) - 1, max(0, math.ceil(share * len(_LEVELS)) - 1))]


def bar(value: float, top: float, width: int) -> str:
    """A bar of `width` columns that is full at `top`, in halves of a column."""
    halves = round(min(1.0, max(0.0, value / top if top > 0 else 0.0)) * width * 2)
    return ("━" * (halves // 2) + "╸" * (halves % 2)).ljust(width)


def fitted(line: Text, width: int) -> Text:
    """The line cut to `width`, with `…` where it was longer."""
    line.truncate(max(0, width), overflow="ellipsis")
    return line


def placed(lines: Sequence[Text], width: int, height: int, *, what: str = "") -> list[Text]:
    """The lines that fit, cut to `width`; with `what`, the last one says how many more there are."""
    shown = list(lines[: max(0, height)])
    if what and 0 < height < len(lines):
        shown[-1] = Text(f"… {len(lines) - height + 1} {what} more", style="italic")
    return [fitted(line, width) for line in shown]


def _parts(values: Sequence[float | None], width: int) -> list[Sequence[float | None]]:
    """Consecutive runs of equal length, so that at most `width` remain; the oldest run may be shorter."""
    if not values or width <= 0:
        return []
    size = math.ceil(len(values) / width)
    starts = range(len(values) % size - size if len(values) % size else 0, len(values), size)
    return [values[max(0, start) : start + size] for start in starts]
