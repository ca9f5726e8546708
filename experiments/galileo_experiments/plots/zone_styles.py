"""How zones look. Colours are Okabe and Ito's, which colour-blind readers tell apart; line styles, markers and
hatchings tell zones apart on grey paper.
"""

from __future__ import annotations

from collections.abc import Sequence

INK = "#222222"
QUIET = "#777777"
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_LINES: tuple[str | tuple[int, tuple[float, ...]], ...] = ("-", (0, (6, 1.5)), (0, (3, 1, 1, 1)), (0, (1.2, 1)))
_HATCHES = ("", "///", "...", "\\\\\\", "xxx", "---")
_MARKERS = ("o", "s", "^", "D", "v", "P")

LineStyle = str | tuple[int, tuple[float, ...]]


class ZoneStyles:
    """Which colour, line style, marker and hatching each zone has; zones that come up later get the next ones."""

    def __init__(self, zones: Sequence[str]) -> None:
        self._index = {zone: index for index, zone in enumerate(dict.fromkeys(zones))}

    def _place(self, zone: str) -> int:
        return self._index.setdefault(zone, len(self._index))

    def colour(self, zone: str) -> str:
        """A zone's colour; ink for what belongs to no zone."""
        return _COLOURS[self._place(zone) % len(_COLOURS)] if zone else INK

    def line(self, zone: str) -> LineStyle:
        """A zone's line style."""
        return _LINES[self._place(zone) % len(_LINES)]

    def hatch(self, zone: str) -> str:
        """A zone's hatching in filled areas."""
        return _HATCHES[self._place(zone) % len(_HATCHES)]

    def marker(self, zone: str) -> str:
        """A zone's marker."""
        return _MARKERS[self._place(zone) % len(_MARKERS)]
