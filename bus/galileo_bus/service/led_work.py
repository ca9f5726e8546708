"""Runs one service's work while it leads, and never after: one guarded task for each service that is elected.

    win → the service takes over → its work runs → deposed, or told to stop → the work ends → the lease is given back

The lease is renewed for as long as the work goes on, also while it ends. Work that has not ended when the lease runs
out would act beside the next leader: the process is then ended, since nothing less is certain to end it. Work that
fails ends the leadership at once, and the process after it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine

from galileo_bus.election.candidate import Candidate
from galileo_bus.transport import FencedError, TransportUnavailableError
from galileo_bus.watched_task import StartTask

STUCK_AFTER_S = 3.0
RETRY_S = 0.5

Work = Coroutine[object, object, None]

log = logging.getLogger("galileo.election")


def kill_this_process() -> None:
    """At once, without a word to anybody: its connections close, and what it had in hand is left to others."""
    logging.shutdown()
    os.kill(os.getpid(), signal.SIGKILL)


class LedWork:
    """`take_over` prepares the service to lead; `work` gives what then runs until it is cancelled, by name."""

    def __init__(
        self,
        candidate: Candidate,
        *,
        take_over: Callable[[], Awaitable[None]],
        work: Callable[[], list[tuple[Work, str]]],
        start_task: StartTask,
        ended: Callable[[], None] = lambda: None,
        kill: Callable[[], None] = kill_this_process,
    ) -> None:
        self._candidate = candidate
        self._take_over = take_over
        self._work = work
        self._start_task = start_task
        self._ended = ended
        self._kill = kill
        self._tasks: list[asyncio.Task[None]] = []
        self._failed = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._candidate.win()
            await self._lead()
            self._ended()

    async def _lead(self) -> None:
        loop = asyncio.get_running_loop()
        keeping = loop.create_task(self._candidate.keep(), name=f"{self._candidate.name} keeps the lease")
        failing = loop.create_task(self._until_work_fails(), name=f"{self._candidate.name} work failing")
        self._tasks.append(self._start(self._begin(), f"{self._candidate.name} takes over"))
        try:
            await asyncio.wait({keeping, failing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _to_its_end(self._finish(keeping, failing), f"{self._candidate.name} ends its work")
        if self._failed.is_set():
            await asyncio.Event().wait()  # the guard has heard of it and ends the process
        if (error := None if keeping.cancelled() else keeping.exception()) is not None:
            raise error

    async def _begin(self) -> None:
        while True:
            try:
                await self._take_over()
                break
            except TransportUnavailableError as error:
                log.warning("%s: taking over waits for the bus: %s", self._candidate.name, error)
                await asyncio.sleep(RETRY_S)
        for work, name in self._work():
            self._tasks.append(self._start(work, name))
        await asyncio.Event().wait()

    def _start(self, work: Work, name: str) -> asyncio.Task[None]:
        task = self._start_task(_until_fenced(work, name), name)
        task.add_done_callback(self._note_end)
        return task

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._failed.set()

    async def _until_work_fails(self) -> None:
        await self._failed.wait()

    async def _finish(self, keeping: asyncio.Task[str], failing: asyncio.Task[None]) -> None:
        """First the work, then the renewals, then the lease."""
        await self._end_work()
        keeping.cancel()
        failing.cancel()
        await asyncio.gather(keeping, failing, return_exceptions=True)
        await self._candidate.leave()

    async def _end_work(self) -> None:
        """Waits for the end of all work, and for the lease's end at most.

        After a process stood still the lease may be over already. Its work then gets as long as it always has.
        """
        loop = asyncio.get_running_loop()
        at_least_until = loop.time() + self._candidate.terms.stop_within_s
        tasks, self._tasks = self._tasks, []
        pending = set(tasks)
        for task in pending:
            task.cancel()
        while pending:
            left_s = max(self._candidate.over_in_s, at_least_until - loop.time())
            if left_s <= 0:
                stuck = ", ".join(sorted(task.get_name() for task in pending))
                log.critical("%s: the lease has run out and work has not ended: %s", self._candidate.name, stuck)
                self._kill()
                return
            _, pending = await asyncio.wait(pending, timeout=min(STUCK_AFTER_S, left_s))
            if pending and left_s > STUCK_AFTER_S:
                log.warning("still waiting for: %s", ", ".join(sorted(task.get_name() for task in pending)))


async def _to_its_end(work: Work, name: str) -> None:
    """Awaits `work`, also when told to stop meanwhile: a process that is to end must not leave work running either."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled


async def _until_fenced(work: Work, name: str) -> None:
    """A refusal is no failure of the work: whoever wrote has deposed the candidate, and the work is about to end."""
    try:
        await work
    except FencedError as error:
        log.info("%s: %s", name, error)
        await asyncio.Event().wait()
