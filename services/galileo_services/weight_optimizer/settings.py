"""What can be set about the weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from galileo_context.logistic import Logistic


class Strategy(Enum):
    """By idle CPU and latency, or everybody the same."""

    THRESHOLD = "threshold"
    ROUND_ROBIN = "round_robin"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSettings:
    """The defaults are what the original's deployment ships.

    `tolerance`: how much an address's share of the requests must change for an update to go out, 0 to 1.
    Raises `ValueError` when it is outside.
    """

    strategy: Strategy = Strategy.THRESHOLD
    lookback_s: float = 15.0
    logistic: Logistic = field(default_factory=Logistic)
    tolerance: float = 0.02

    def __post_init__(self) -> None:
        if not 0.0 <= self.tolerance <= 1.0:
            raise ValueError(f"tolerance is a share of the requests between 0 and 1, got {self.tolerance}")
