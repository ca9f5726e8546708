"""Starting tasks that nobody awaits before the end: a fault in one is reported at once, not when it is collected."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

StartTask = Callable[[Coroutine[object, object, None], str], asyncio.Task[None]]
"""Starts named work that is meant to run until it is cancelled. A process's runtime passes its own, which ends it."""

log = logging.getLogger(__name__)


def start_watched(work: Coroutine[object, object, None], name: str) -> asyncio.Task[None]:
    """Runs `work` as a named task and logs its failure."""
    task = asyncio.get_running_loop().create_task(work, name=name)
    task.add_done_callback(_report)
    return task


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("%s ended: %s: %s", task.get_name(), type(error).__name__, error, exc_info=error)
