"""The curve by which latencies and response times are judged: near 0 for short ones, near 1 for long ones.

Pressures rise along it and load-balancer weights fall along it, so both deciders read it from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """Parameters of L(x) = (a - b) / (1 + e^(-c (x - d))) + b, with the midpoint d lowered by its share `offset`.

    x, `midpoint_ms`: milliseconds; `c`: steepness per millisecond; `a` and `b`: upper and lower end. The defaults are
    those that the original's optimiser ships (a 250, b 1, c 0.2, d 35, offset 0).
    """

    a: float = 250.0
    b: float = 1.0
    c: float = 0.2
    midpoint_ms: float = 35.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not self.a > 0.0:
            raise ValueError(f"logistic parameter a is more than 0, got {self.a}")

    def share(self, x_ms: float, *, midpoint_ms: float | None = None) -> float:
        """L(x) / a, between b/a and 1; `midpoint_ms` stands in for the parameter's own (before the offset)."""
        d = self.midpoint_ms if midpoint_ms is None else midpoint_ms
        exponent = -self.c * (x_ms - (d - d * self.offset))
        # Beyond this e^x leaves the floats, and the curve has long been flat.
        steep = math.exp(min(exponent, 700.0))
        return ((self.a - self.b) / (1.0 + steep) + self.b) / self.a
