"""How many pods of a function may be created within a minute: a decider gone wild must not fill the cluster.

A decision counts once, however often it is tried or delivered, and not at all when its pod was refused.
"""

from __future__ import annotations

from galileo_services.pod_creator.rules import Refusal

MINUTE_S = 60.0


class CreationRate:
    """Plain state: when each function's decisions were let through. Times in seconds, on one clock."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._let_through: dict[str, dict[str, float]] = {}

    def admit(self, fn: str, decision_id: str, now: float) -> Refusal | None:
        """Counts a decision, or says why it is one too many. One that was counted already passes."""
        recent = {known: at for known, at in self._let_through.get(fn, {}).items() if at > now - MINUTE_S}
        self._let_through[fn] = recent
        if decision_id not in recent and len(recent) >= self._per_minute:
            return Refusal(
                "TooManyCreations",
                f"{len(recent)} pods of {fn!r} were created within a minute; see pod_creator_creations_per_minute",
            )
        recent.setdefault(decision_id, now)
        return None

    def give_back(self, fn: str, decision_id: str) -> None:
        """Nothing was created for this decision, and nothing will be."""
        self._let_through.get(fn, {}).pop(decision_id, None)
