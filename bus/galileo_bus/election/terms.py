"""When a candidate tries, renews, stops its work and counts as deposed: pure decisions, by a monotonic clock.

    asked ─────────── renew ──────── give up ──── over
      └ the lease holds for `duration_s` from the moment that its last successful call was begun

Whoever keeps the lease counts from when the call reached it, which is later: so a leader is over by its own clock
before the lease is free. Between giving up and being over it has `stop_within_s` to end its work.
"""

from __future__ import annotations

from dataclasses import dataclass

from galileo_bus.election.leases import Grant, Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Of one election, all in s. Raises `ValueError` when a leader could not miss a single renewal.

    duration_s: how long a lease holds that is not renewed.
    renew_every_s: from one renewal to the next.
    answer_within_s: a call that takes longer has failed.
    stop_within_s: before the end of the lease, work is stopped.
    try_every_s: from one try of a follower to the next.
    """

    duration_s: float = 5.0
    renew_every_s: float = 1.0
    answer_within_s: float = 1.5
    stop_within_s: float = 1.5
    try_every_s: float = 0.5

    def __post_init__(self) -> None:
        needed_s = self.renew_every_s + self.answer_within_s + self.stop_within_s
        if needed_s >= self.duration_s:
            raise ValueError(
                f"a lease of {self.duration_s:g} s is too short: {needed_s:g} s go to renewing every "
                f"{self.renew_every_s:g} s, an answer within {self.answer_within_s:g} s, and a stop within "
                f"{self.stop_within_s:g} s"
            )


@dataclass(frozen=True, slots=True)
class Leading:
    """A leader's standing: `asked_at` is when the last call that succeeded was begun, `tried_at` the last one's end."""

    grant: Grant
    asked_at: float
    failed_at: float | None = None

    def over_at(self, terms: Terms) -> float:
        """From then on somebody else may lead."""
        return self.asked_at + terms.duration_s

    def give_up_at(self, terms: Terms) -> float:
        """From then on work is to end."""
        return self.over_at(terms) - terms.stop_within_s

    def renew_at(self, terms: Terms) -> float:
        """When to renew next: at once after a call without an answer, but for a breath."""
        if self.failed_at is not None:
            return self.failed_at + min(terms.try_every_s, terms.renew_every_s) / 2
        return self.asked_at + terms.renew_every_s

    def answer_by(self, now: float, terms: Terms) -> float:
        """How long a call that is begun now may take: never past the moment to give up."""
        return min(now + terms.answer_within_s, self.give_up_at(terms))


def next_try_in_s(held: Held, terms: Terms) -> float:
    """A follower looks again soon, since a leader may give the lease back; and as soon as it runs out."""
    return min(terms.try_every_s, max(0.01, held.free_in_s))
