"""How many lines each panel of the view gets in a terminal of some height.

Everything gets what it cannot do without; what is left goes to zones up to what they want, then to gateways and client
zones, then is shared between decisions and the log.
"""

from __future__ import annotations

from dataclasses import dataclass

HEADER = 2
FOOTER = 1
TITLE = 1
LEAST_DECISIONS = 4
LEAST_LOG = 3
LEAST_MIDDLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """Lines with each panel's title, but for header and footer, which have none."""

    zones: int
    middle: int
    lower: int
    log: int


def panel_heights(total: int, *, zones: tuple[int, int], middle: int) -> Heights:
    """`zones`: lines they need at least and at most; `middle`: lines that gateways and client zones want."""
    room = total - HEADER - FOOTER - 4 * TITLE
    log, lower = LEAST_LOG, LEAST_DECISIONS
    zones_lines = max(1, min(zones[0], room - log - lower - LEAST_MIDDLE))
    middle_lines = max(LEAST_MIDDLE, min(middle, room - log - lower - zones_lines))
    left = max(0, room - log - lower - zones_lines - middle_lines)
    more = min(left, max(0, zones[1] - zones_lines))
    if zones_lines + more >= zones[1]:  # all or nothing: details that do not fit are not drawn
        zones_lines, left = zones_lines + more, left - more
    to_log = left // 3
    return Heights(
        zones=zones_lines + TITLE,
        middle=middle_lines + TITLE,
        lower=lower + left - to_log + TITLE,
        log=log + to_log + TITLE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Lines of the panels beside the decisions, with their titles; 0: not shown."""

    services: int
    faults: int
    resizes: int


ROOMY = 9
"""From so many lines on, it is also told that there are no faults and no resizes."""


def side_heights(total: int, *, services: tuple[int, int], faults: int, resizes: int) -> Side:
    """`services`: lines needed at least and at most; `faults`, `resizes`: how many there are."""
    if total >= ROOMY:
        faults, resizes = max(1, faults), max(1, resizes)
    room = total - services[0] - TITLE
    faults_lines = _part(faults, room, at_most=max(1, total // 4))
    resizes_lines = _part(resizes, room - faults_lines, at_most=max(1, total // 3))
    left = total - faults_lines - resizes_lines
    spare = max(0, left - TITLE - services[1])
    if resizes_lines:
        resizes_lines += spare  # the last of the three, so that the others end where their lines do
    return Side(services=total - faults_lines - resizes_lines, faults=faults_lines, resizes=resizes_lines)


def _part(wanted: int, room: int, *, at_most: int) -> int:
    lines = min(wanted, at_most, room - TITLE)
    return lines + TITLE if lines > 0 else 0
