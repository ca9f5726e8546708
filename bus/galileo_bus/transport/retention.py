"""How much a stream keeps: entries beyond a length or an age are dropped, the oldest first, read or not."""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Retention:
    """Of one stream. A server drops whole blocks of entries, and when something is appended: both limits are about.

    `max_age_s` is by the server's clock; None for no limit.
    """

    max_length: int = 100_000
    max_age_s: float | None = None


@dataclass(frozen=True, slots=True)
class BusRetention:
    """Of all streams that a participant appends to."""

    journals: Retention = Retention(max_age_s=7 * DAY_S)
    records: Retention = Retention(max_age_s=DAY_S)
    dead_letters: Retention = Retention(max_length=1000, max_age_s=30 * DAY_S)


DEFAULT_RETENTION = Retention()
DEFAULT_BUS_RETENTION = BusRetention()
