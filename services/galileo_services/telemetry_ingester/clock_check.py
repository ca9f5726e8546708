"""Whose clock can be trusted: a sender's time is taken while it is near the time at which its message was heard.

A node whose clock is off would put its load into the wrong window, or into none. It is taken at receive time instead,
counted, and reported once, so that somebody sets the clock.
"""

from __future__ import annotations

from typing import NamedTuple


class ClockOff(NamedTuple):
    """A node's clock differs from ours by `offset_s` seconds (positive: it is ahead)."""

    node: str
    offset_s: float

    def __str__(self) -> str:
        """One line for whoever can set the clock."""
        direction = "ahead of" if self.offset_s > 0 else "behind"
        return (
            f"node {self.node}: its clock is {abs(self.offset_s):.1f} s {direction} ours; its samples are taken at "
            f"receive time until the clock is set"
        )


class ClockCheck:
    """One node's clock against ours."""

    __slots__ = ("_node", "_reported", "_tolerance_s", "samples_off")

    def __init__(self, node: str, tolerance_s: float) -> None:
        self._node = node
        self._tolerance_s = tolerance_s
        self._reported = False
        self.samples_off = 0

    def judge(self, sent: float, received: float) -> tuple[float, ClockOff | None]:
        """The time to take a sample at (unix seconds), and a report the first time that the clock is off."""
        offset_s = sent - received
        if abs(offset_s) <= self._tolerance_s:
            return sent, None
        self.samples_off += 1
        if self._reported:
            return received, None
        self._reported = True
        return received, ClockOff(self._node, offset_s)
