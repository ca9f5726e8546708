"""What can be set about pressures and the decisions taken from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from galileo_context.logistic import Logistic

from galileo_services.pressure_calculator.pressure import PRESSURES


class Strategy(Enum):
    """What is done about pressure: osmotic scaling, or nothing but saying it."""

    OSMOTIC = "osmotic"
    STATIC = "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Settings of the decision; the defaults are what the original's deployment ships.

    `pressures`: those whose product decides. `max_latency_ms`: what counts as far; the largest latency known counts
    instead when it is larger. A latency requirement is looked up under the function's name, then under that name with
    `_` for `-`, then the default. `settle_s`: how long after a pod began to serve no other follows it in its zone;
    `start_patience_s`: how long one that does not serve yet holds others back.
    A decision not carried out after `decision_expires_s` must not be any more; `decision_grace_s` later it is
    forgotten.

    Raises `ValueError` for an unknown pressure and for thresholds that cross.
    """

    strategy: Strategy = Strategy.OSMOTIC
    pressures: tuple[str, ...] = ("request", "rtt_log", "cpu_usage")
    lookback_s: float = 15.0
    max_threshold: float = 0.3
    min_threshold: float = 0.1
    logistic: Logistic = field(default_factory=Logistic)
    percentile: float = 90.0
    max_latency_ms: float = 250.0
    latency_requirement_ms: Mapping[str, float] = field(default_factory=dict)
    default_latency_requirement_ms: float | None = 70.0
    max_replicas: int = 20
    min_replicas: int = 1
    min_age_s: float = 30.0
    scale_down_delay_s: float = 30.0
    settle_s: float = 0.0
    start_patience_s: float = 60.0
    decision_expires_s: float = 30.0
    decision_grace_s: float = 10.0

    def __post_init__(self) -> None:
        unknown = [name for name in self.pressures if name not in PRESSURES]
        if unknown or not self.pressures:
            found = repr(unknown[0]) if unknown else "none"
            raise ValueError(f"pressures are one or more of {', '.join(PRESSURES)}, got {found}")
        if self.min_threshold > self.max_threshold:
            raise ValueError(
                f"min_threshold is at most max_threshold, got {self.min_threshold} and {self.max_threshold}"
            )
        if not 0.0 <= self.percentile <= 100.0:
            raise ValueError(f"percentile is between 0 and 100, got {self.percentile}")
        if self.min_replicas < 1:
            raise ValueError(f"min_replicas is at least 1: the last replica stays, got {self.min_replicas}")

    def required_latency_ms(self, fn: str) -> float | None:
        """The latency that a function requires, None when nothing is set."""
        exact = self.latency_requirement_ms.get(fn)
        if exact is not None:
            return exact
        return self.latency_requirement_ms.get(fn.replace("-", "_"), self.default_latency_requirement_ms)
