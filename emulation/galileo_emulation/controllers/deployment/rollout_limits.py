"""How far a rolling update may go beyond, and stay below, the number of replicas."""

from __future__ import annotations

from dataclasses import dataclass

from galileo_emulation.controllers.int_or_percent import resolved
from galileo_emulation.kubernetes.apiobjects import JsonObject


@dataclass(frozen=True, slots=True)
class Limits:
    """The most pods more than `replicas` that there may be, and the most that may be unavailable."""

    replicas: int
    surge: int
    unavailable: int

    @property
    def most(self) -> int:
        """The most pods that there may be."""
        return self.replicas + self.surge

    @property
    def least_available(self) -> int:
        """The least that have to be available."""
        return self.replicas - self.unavailable


def rollout_limits(deployment: JsonObject) -> Limits:
    """The limits of a deployment. Surge is rounded up, unavailability down; both must not be zero."""
    spec = deployment["spec"]
    replicas = spec.get("replicas", 1)
    if not is_rolling(deployment):
        return Limits(replicas, 0, 0)
    rolling = spec.get("strategy", {}).get("rollingUpdate", {})
    surge = resolved(rolling.get("maxSurge", "25%"), replicas, round_up=True)
    unavailable = resolved(rolling.get("maxUnavailable", "25%"), replicas, round_up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Limits(replicas, surge, min(unavailable, replicas))


def is_rolling(deployment: JsonObject) -> bool:
    """Whether pods are replaced a few at a time; otherwise all old ones go first."""
    kind: str = deployment["spec"].get("strategy", {}).get("type", "RollingUpdate")
    return kind == "RollingUpdate"
