"""What a person sees while a run goes on: the live view in a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import Protocol

from galileo_bus.bus import Bus
from galileo_experiments.shown_pressure import shown_pressure

from galileo_cli.view.happened import Kind
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.shown_run import ShownRun
from galileo_cli.view.terminal import TerminalView

PLAIN_EVERY_S = 10.0
FIRST_STATUSES_S = 2.5
"""By then everyone has said how it is, for somebody who came late."""


class Progress(Protocol):
    """Shows a run: `state` is what is known of it from the bus, `run` what is known besides."""

    state: LiveState
    run: ShownRun

    def line(self, text: str) -> None:
        """Says one line that stays."""

    def begin(self) -> None:
        """The run's processes are being started: from now on there is time to show something."""

    def connected(self, bus: Bus) -> None:
        """The state is fed from now on, and there is a bus to speak on."""

    async def end(self) -> None:
        """Shows no more; lines may still be said."""


def new_progress(state: LiveState, run: ShownRun, *, plain: bool, quit_asked: Callable[[], None]) -> Progress:
    """The live view where standard input, output and error are a terminal that can be drawn on, unless `plain`."""
    if plain or not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return PlainProgress(state, run)
    if os.environ.get("TERM", "dumb") == "dumb":
        return PlainProgress(state, run)
    return TerminalView(state, run, now=time.time, quit_asked=quit_asked, otherwise=PlainProgress(state, run))


class PlainProgress:
    """Lines, for logs and pipes."""

    def __init__(self, state: LiveState, run: ShownRun) -> None:
        self.state = state
        self.run = run
        self._following: asyncio.Task[None] | None = None

    def line(self, text: str) -> None:
        self.print(text)

    def print(self, text: str) -> None:
        """Writes a line, be it said or one of the figures."""
        print(text, flush=True)

    def begin(self) -> None:
        self._following = asyncio.get_running_loop().create_task(self._follow(), name="progress")

    def connected(self, bus: Bus) -> None:
        return

    async def end(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def _follow(self) -> None:
        """From the first request on; what happened before is told then."""
        told, figures_due = 0, time.time() + FIRST_STATUSES_S if self.run.duration_s is None else 0.0
        while True:
            await asyncio.sleep(0.5)
            start, now = self.run.start, time.time()
            if start is None:
                continue
            for happened in self.state.happened.since(told):
                if happened.kind is not Kind.RUN:
                    self.print(f"{self._moment(happened.ts)}  {happened.text}")
            told = self.state.happened.count
            if now >= figures_due:
                figures_due = now + PLAIN_EVERY_S
                self.print(f"{self._moment(now)}  {figures_line(self.state)}")

    def _moment(self, ts: float) -> str:
        """In tenths of a second, which is what logs are compared by."""
        start = self.run.start
        if start is None or self.run.duration_s is None:
            return self.run.moment(ts)
        return f"{max(0.0, ts - start):6.1f} s"


def figures_line(state: LiveState) -> str:
    """Requests, replicas, response times, pressure, decisions and services in one line, as far as they are known."""
    replicas = "; ".join(
        f"{fn} " + " ".join(f"{zone}={count}" for zone, count in by_zone.items() if count)
        for fn, by_zone in state.replicas().items()
    )
    latencies = " ".join(
        f"{name} p95 {zone.p95_ms:.0f} ms" for name, zone in state.load.zones().items() if zone.p95_ms is not None
    )
    others = (_pressure_line(state), _decisions_line(state), _services_line(state))
    parts = (_load_line(state), replicas, latencies, *others)
    return " | ".join(part for part in parts if part) or "nothing was heard yet"


def _load_line(state: LiveState) -> str:
    load = state.load.status
    if load is None:
        return ""
    return f"requests: {load.sent} sent, {load.succeeded} succeeded, {load.failed} failed, {load.in_flight} in flight"


def _pressure_line(state: LiveState) -> str:
    highest = max(state.pressure.gateways(), key=lambda gateway: gateway.highest, default=None)
    return "" if highest is None else f"pressure {shown_pressure(highest.highest)} in {highest.zone}"


def _decisions_line(state: LiveState) -> str:
    up, down = state.counts["up"], state.counts["down"]
    return f"decisions: {up} up, {down} down" if up or down else ""


def _services_line(state: LiveState) -> str:
    """Only when one is not well: `pod_creator silent for 9 s`."""
    return "; ".join(f"{row.instance} {row.state}" for row in state.services.rows(time.time()) if not row.well)
