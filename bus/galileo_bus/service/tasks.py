"""Tasks with names and owners: whoever starts one hears of its end, and a stop names those that are stuck."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable

STUCK_AFTER_S = 3.0

log = logging.getLogger("galileo.tasks")


class TaskGuard:
    """Starts tasks that are meant to run until they are cancelled, and notices when one ends before."""

    def __init__(self) -> None:
        self._failed: asyncio.Queue[BaseException] = asyncio.Queue()

    def start(self, work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
        """Runs `work` as a named task."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(self._ended)
        return task

    async def until(self, stop: asyncio.Event) -> None:
        """Returns when `stop` is set; raises the error of a task that fails before."""
        stopped = asyncio.ensure_future(stop.wait())
        failed = asyncio.ensure_future(self._failed.get())
        try:
            await asyncio.wait((stopped, failed), return_when=asyncio.FIRST_COMPLETED)
            if failed.done() and not stop.is_set():
                raise failed.result()
        finally:
            stopped.cancel()
            failed.cancel()
            await asyncio.gather(stopped, failed, return_exceptions=True)

    async def cancel(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Cancels tasks and waits for their end; names the ones that do not end."""
        pending = set(tasks)
        for task in pending:
            task.cancel()
        while pending:
            ended, pending = await asyncio.wait(pending, timeout=STUCK_AFTER_S)
            for task in ended:
                if not task.cancelled() and (error := task.exception()) is not None:
                    log.error("%s failed: %s", task.get_name(), error, exc_info=error)
            if pending:
                log.warning("still waiting for: %s", ", ".join(sorted(task.get_name() for task in pending)))

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        error = task.exception() or RuntimeError(f"the task {task.get_name()} ended although it should run for ever")
        self._failed.put_nowait(error)
