"""What every process of ours does around its work: the loop, logs, signals, one line for a wrong setting."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TypeVar

from galileo_bus.service import SettingError, Settings, setting
from galileo_bus.service.logs import LEVELS, set_up_logs
from galileo_bus.transport import TransportUnavailableError

T = TypeVar("T")


class StoppedError(Exception):
    """Somebody asked to stop before the work was done."""


@dataclass(frozen=True)
class ProcessSettings(Settings):
    log_level: str = setting("INFO", "galileo_logging_level", "galileo_log_level", doc="DEBUG, INFO, WARN or ERROR")
    log_form: str = setting("text", "galileo_log_form", doc="text or json", choices=("text", "json"))
    dry_run: bool = setting(
        False, "galileo_dry_run", doc="true: services decide and log what they would do, and nothing of it is done"
    )
    health_host: str = setting("127.0.0.1", "galileo_health_host", doc="address of /healthz, /readyz and /metrics")
    health_hang: float = setting(
        10.0, "galileo_health_hang", doc="s that a handler may take until it hangs, which /healthz tells", above=0
    )
    health_port: int = setting(0, "galileo_health_port", doc="their port; 0: any free one", at_least=0)


def run_async(main: Coroutine[object, object, int]) -> int:
    """Runs a coroutine on uvloop where there is one; returns its exit status."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


async def unless_stopped(stop: asyncio.Event, work: Coroutine[object, object, T]) -> T:
    """Awaits `work`. Raises `StoppedError` when `stop` came first; then `work` has been cancelled."""
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise StoppedError
        return task.result()
    finally:
        stopping.cancel()
        task.cancel()
        await asyncio.gather(task, stopping, return_exceptions=True)


async def until_told_to_stop(work: Callable[[asyncio.Event], Awaitable[None]], environ: Mapping[str, str]) -> int:
    """Runs `work(stop)`, setting `stop` at SIGTERM (and SIGINT); turns what a person can mend into one line."""
    try:
        settings = ProcessSettings.load(environ)
        if settings.log_level.upper() not in LEVELS:
            raise SettingError(f"{_level_variable(environ)}={settings.log_level}: expected {' | '.join(LEVELS)}")
        set_up_logs(level=settings.log_level, form=settings.log_form)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGINT, stop.set)
        await work(stop)
    except (SettingError, TransportUnavailableError) as error:
        print(f"galileo: {error}", file=sys.stderr)
        return 2
    except StoppedError:
        return 0  # while it was still waiting for what it needs
    return 0


def _level_variable(environ: Mapping[str, str]) -> str:
    rows = ProcessSettings.effective(environ)
    return next(row.given_by or row.variable.names[0] for row in rows if row.field == "log_level")
