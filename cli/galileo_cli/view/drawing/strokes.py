"""Small shapes in text: series as sparklines, amounts as bars, lines cut to fit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.text import Text

_LEVELS = "▁▂▃▄▅▆▇"
"""Not up to the full block: lines above one another would run into one."""


def sparkline(values: Iterable[float | None], width: int, *, top: float | None = None) -> str:
    """The values over `width` columns, the newest at the right; others show the largest of those that share a column.

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
    line.rstrip()
    line.truncate(max(0, width), overflow="ellipsis")
    return line


def placed(lines: Sequence[Text], width: int, height: int, *, what: str = "") -> list[Text]:
    """The lines that fit, cut to `width`; with `what`, the last one says how many more there are."""
    shown = list(lines[: max(0, height)])
    if what and 0 < height < len(lines):
        shown[-1] = Text(f"… {len(lines) - height + 1} {what} more", style="italic")
    return [fitted(line, width) for line in shown]


def _parts(values: Sequence[float | None], width: int) -> list[Sequence[float | None]]:
    """The newest value by itself, and before it consecutive runs of equal length, at most `width` in all."""
    if not values or width <= 0:
        return []
    before = values[:-1] if width > 1 else []
    size = math.ceil(len(before) / (width - 1)) if before else 1
    parts = [before[max(0, end - size) : end] for end in range(len(before), 0, -size)]
    return [*reversed(parts), values[-1:]]
