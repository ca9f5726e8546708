"""One replica in one election: tries until it leads, renews until it does not, gives back what it has.

    win() → keep() → (its owner ends the work) → leave()

A call that hangs has failed when its time is over. What is not renewed in time is given up before the lease runs out.
What the bus refuses because of a newer epoch ends the leadership at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from galileo_bus.election.authority import NotLeadingError
from galileo_bus.election.leases import Grant, Held, Leases, LeasesUnavailableError
from galileo_bus.election.terms import Leading, Terms, next_try_in_s
from galileo_bus.transport.interface import Fence, FencedError, TransportUnavailableError

T = TypeVar("T")

NO_ANSWER = (LeasesUnavailableError, TransportUnavailableError, TimeoutError)

log = logging.getLogger("galileo.election")


class Candidate:
    """For the lease `name`; `holder` is this life's own name. Times are the loop's, monotonic."""

    def __init__(self, leases: Leases, *, name: str, holder: str, terms: Terms) -> None:
        self._leases = leases
        self.terms = terms
        self._standing: Leading | None = None
        self._deposed = asyncio.Event()
        self._reason = ""
        self.name = name
        self.holder = holder
        self.epoch = 0
        """Of the last leadership."""
        self.wins = 0
        self.trouble: str | None = None
        """Why it cannot take part in the election at the moment."""

    @property
    def leads(self) -> bool:
        """Whether its lease holds, by its own clock, and nothing has spoken against it."""
        return self._standing is not None and self.over_in_s > 0 and not self._deposed.is_set()

    @property
    def over_in_s(self) -> float:
        """How long the lease holds yet, in s; 0 or less when it has run out."""
        return -1.0 if self._standing is None else self._standing.over_at(self.terms) - _now()

    def figures(self) -> dict[str, float]:
        """For /metrics: whether it leads, the epoch of its last leadership, and how many it has had."""
        return {"leading": float(self.leads), "epoch": float(self.epoch), "leaderships": float(self.wins)}

    async def write(self, call: Callable[[Fence | None], Awaitable[T]]) -> T:
        """See `Authority`: by the fence of the present epoch, and only while the lease holds."""
        if self._standing is None or self.over_in_s <= 0:
            raise NotLeadingError(f"{self.holder} does not lead {self.name}")
        try:
            return await call(self._standing.grant.fence)
        except FencedError as error:
            self._depose(f"refused by the bus: {error}")
            raise

    async def win(self) -> int:
        """Tries until the lease is ours; returns the epoch."""
        while True:
            asked_at = _now()
            try:
                async with asyncio.timeout(self.terms.answer_within_s):
                    answer = await self._leases.acquire(self.name, self.holder, duration_s=self.terms.duration_s)
            except NO_ANSWER as error:
                self._note_trouble(error)
                await asyncio.sleep(self.terms.try_every_s)
                continue
            self.trouble = None
            if isinstance(answer, Held):
                await asyncio.sleep(next_try_in_s(answer, self.terms))
            elif asked_at + self.terms.duration_s > _now():  # an answer may come late, after a pause of the process
                return self._begin(answer, asked_at)

    async def keep(self) -> str:
        """Renews until the leadership is to end; returns why."""
        while self._standing is not None and not self._deposed.is_set():
            standing, now = self._standing, _now()
            if now >= standing.give_up_at(self.terms):
                self._depose(f"not renewed in time: {self.trouble or 'the process stood still'}")
                break
            due = min(standing.renew_at(self.terms), standing.give_up_at(self.terms))
            if now < due:
                await self._deposed_within(due - now)
            else:
                await self._renew(standing, now)
        return self._reason

    async def leave(self) -> None:
        """Gives the lease back if it may still be ours, so that a successor need not wait for its end."""
        standing, self._standing = self._standing, None
        if standing is None:
            return
        try:
            async with asyncio.timeout(self.terms.answer_within_s):
                await self._leases.release(standing.grant)
        except NO_ANSWER as error:
            log.warning("%s: the lease was not given back and runs out: %s", self.name, _told(error))

    async def _renew(self, standing: Leading, now: float) -> None:
        try:
            async with asyncio.timeout_at(standing.answer_by(now, self.terms)):
                held = await self._leases.renew(standing.grant, duration_s=self.terms.duration_s)
        except NO_ANSWER as error:
            self._note_trouble(error)
            self._standing = Leading(standing.grant, standing.asked_at, failed_at=_now())
            return
        self.trouble = None
        if held:
            self._standing = Leading(standing.grant, now)
        else:
            self._depose("somebody else has the lease, or nobody any more")

    async def _deposed_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._deposed.wait()
        except TimeoutError:
            return

    def _begin(self, grant: Grant, asked_at: float) -> int:
        self._standing = Leading(grant, asked_at)
        self._deposed.clear()
        self._reason = ""
        self.epoch = grant.epoch
        self.wins += 1
        log.info("%s: %s leads, epoch %d", self.name, self.holder, grant.epoch)
        return grant.epoch

    def _depose(self, reason: str) -> None:
        if not self._deposed.is_set():
            self._reason = reason
            log.warning("%s: %s leads no more (epoch %d): %s", self.name, self.holder, self.epoch, reason)
            self._deposed.set()

    def _note_trouble(self, error: BaseException) -> None:
        told = _told(error)
        if self.trouble is None:
            log.warning("%s: the election does not get an answer: %s", self.name, told)
        self.trouble = told


def _told(error: BaseException) -> str:
    return str(error) or f"no answer in time ({type(error).__name__})"


def _now() -> float:
    return asyncio.get_running_loop().time()
