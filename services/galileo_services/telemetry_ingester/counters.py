"""Cumulative counters as rates: how much a counter grew between two samples, over the time that really passed.

Agents publish what the kernel counts since a container started. Periods are not constant (agents are late, messages get
lost), so the time between two samples is measured, never assumed. A counter that shows less than before was started
anew: how much it counted before that is not known, so this pair of samples says nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class Increase(NamedTuple):
    """A counter grew by `amount` within `elapsed_s` seconds of the sender's clock."""

    amount: float
    elapsed_s: float


NOTHING = Increase(0.0, 0.0)


class CumulativeCounter:
    """One counter of one sender. Samples that are not newer than the last one are ignored."""

    __slots__ = ("_ts", "_value")

    def __init__(self, ts: float, value: float) -> None:
        self._ts = ts
        self._value = value

    def advance(self, ts: float, value: float) -> Increase:
        """Takes the next sample (unix seconds, count so far); `NOTHING` when it says nothing about a rate."""
        if ts <= self._ts:
            return NOTHING
        grown = Increase(value - self._value, ts - self._ts)
        self._ts, self._value = ts, value
        return grown if grown.amount >= 0 else NOTHING


class RateOverWindow:
    """The mean rate over a window: all that a counter grew, by all the time in which it was watched growing."""

    __slots__ = ("_amount", "_elapsed_s")

    def __init__(self) -> None:
        self._amount = 0.0
        self._elapsed_s = 0.0

    def add(self, increase: Increase) -> None:
        """Counts an increase in."""
        self._amount += increase.amount
        self._elapsed_s += increase.elapsed_s

    @property
    def per_second(self) -> float | None:
        """Units per second; None when no two samples belong together."""
        return self._amount / self._elapsed_s if self._elapsed_s > 0 else None
