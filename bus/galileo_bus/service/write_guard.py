"""Between a service and what it writes outside the bus: asks each time whether that may happen.

A backend's guarded twin (`galileo_backends.*.guarded`) passes readings through and each write to a guard.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from galileo_bus.election.authority import NotLeadingError
from galileo_bus.election.candidate import Candidate

T = TypeVar("T")

log = logging.getLogger("galileo.dry_run")


class WriteGuard(Protocol):
    """Decides on each write."""

    async def write(self, what: str, do: Callable[[], Awaitable[T]], instead: Callable[[], Awaitable[T]]) -> T:
        """Does it, does something harmless with an answer of the same kind instead, or raises. `what` is for people."""


class DryRunGuard:
    """Nothing is written; what would have been is logged."""

    async def write(self, what: str, do: Callable[[], Awaitable[T]], instead: Callable[[], Awaitable[T]]) -> T:
        """See `WriteGuard`."""
        log.info("would %s", what)
        return await instead()


class LeaderGuard:
    """Only a leader writes, by its own clock: after a pause of the process it looks before it goes on."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate

    async def write(self, what: str, do: Callable[[], Awaitable[T]], instead: Callable[[], Awaitable[T]]) -> T:
        """See `WriteGuard`. Raises `NotLeadingError`."""
        if self._candidate.over_in_s <= 0:
            raise NotLeadingError(f"{self._candidate.holder} does not lead {self._candidate.name}: did not {what}")
        return await do()
