"""Which target gets the next request: weighted round robin as Linux Virtual Server and edgerun's load balancer do it.

The targets stand in a ring, and a level goes down from the greatest weight to the smallest step (the greatest common
divisor of the weights) and starts again. A target is chosen when the turn comes to it and its weight reaches the
level. Over one cycle of levels each target is chosen in proportion to its weight, interleaved, and without randomness.

What edge cases mean here: a target of weight 0 is never chosen, unless all are 0, in which case they take equal turns
(they are reachable, and refusing their requests would be worse). Without targets there is no choice, and `pick` says
so with None. An update keeps the place in the ring and the level: were the level reset each time, frequent updates
would give everything to the heaviest target.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence


class RoundRobin:
    """The ring's state. Costs at most one turn of the ring per pick."""

    __slots__ = ("_greatest", "_last", "_level", "_step", "_targets", "_weights")

    def __init__(self, targets: Sequence[str] = (), weights: Sequence[int] = ()) -> None:
        self._last = -1
        self._level = 0
        self.update(targets, weights)

    @property
    def targets(self) -> tuple[str, ...]:
        return self._targets

    @property
    def weights(self) -> tuple[int, ...]:
        return self._weights

    def update(self, targets: Sequence[str], weights: Sequence[int]) -> None:
        """Replace the targets and their weights (integers >= 0, one for each target) and go on from the same place.

        Raises ValueError, and changes nothing, if the lengths differ or a weight is negative.
        """
        if len(targets) != len(weights):
            raise ValueError(f"{len(targets)} targets and {len(weights)} weights; expected one weight for each target")
        if any(weight < 0 for weight in weights):
            raise ValueError(f"weights {list(weights)}; expected none below 0")
        self._targets = tuple(targets)
        self._weights = tuple(weights)
        self._greatest = max(weights, default=0)
        self._step = math.gcd(*weights) or 1
        self._last = self._last % len(targets) if targets and self._last >= 0 else -1
        # Levels are multiples of the step, from the greatest weight down to the step itself. At the ring's start the
        # level is lowered before it is used, so 0 means "begin a cycle".
        self._level = min(self._level, self._greatest) // self._step * self._step
        if self._last >= 0 and self._level == 0:
            self._level = self._greatest

    def pick(self) -> str | None:
        """The target of the next request, or None if there is no target."""
        count = len(self._targets)
        if count == 0:
            return None
        while True:
            self._last = (self._last + 1) % count
            if self._last == 0:
                self._level -= self._step
                if self._level <= 0:
                    self._level = self._greatest
            if self._weights[self._last] >= self._level:
                return self._targets[self._last]

    def alternative(self, tried: Collection[str]) -> str | None:
        """A target to try after those in `tried` could not be reached: the heaviest other one, the next in the ring
        among equals; None if there is no other. Does not move the ring, which the failed pick already did."""
        count = len(self._targets)
        ring = [(self._last + 1 + offset) % count for offset in range(count)]
        untried = [index for index in ring if self._targets[index] not in tried]
        if not untried:
            return None
        return self._targets[max(untried, key=lambda index: self._weights[index])]
