"""What a person sees while a run goes on: a panel that renews itself in a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from galileo_cli.emulate.live_figures import LiveFigures

HAPPENED_LINES = 8
PLAIN_EVERY_S = 10.0


class Progress(Protocol):
    """Shows a run."""

    def line(self, text: str) -> None:
        """Says one line that stays."""

    async def follow(self, figures: LiveFigures, *, start: float, duration_s: float) -> None:
        """Shows the figures until cancelled."""


def new_progress(*, plain: bool) -> Progress:
    """A panel when standard output is a terminal, unless `plain`."""
    return PlainProgress() if plain or not sys.stdout.isatty() else TerminalProgress()


class PlainProgress:
    """Lines, for logs and pipes."""

    def line(self, text: str) -> None:
        print(text, flush=True)

    async def follow(self, figures: LiveFigures, *, start: float, duration_s: float) -> None:
        told = 0.0
        while True:
            await asyncio.sleep(0.5)
            now = time.time()
            while figures.happened:
                ts, text = figures.happened.popleft()
                self.line(f"{max(0.0, ts - start):6.1f} s  {text}")
            if now - told >= PLAIN_EVERY_S:
                told = now
                self.line(f"{max(0.0, now - start):6.1f} s  {_figures_line(figures, now)}")


class TerminalProgress:
    """A panel at the foot of the terminal."""

    def __init__(self) -> None:
        self._console = Console()

    def line(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)

    async def follow(self, figures: LiveFigures, *, start: float, duration_s: float) -> None:
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            while True:
                live.update(_panel(figures, start=start, duration_s=duration_s, now=time.time()), refresh=True)
                await asyncio.sleep(0.5)


def _panel(figures: LiveFigures, *, start: float, duration_s: float, now: float) -> RenderableType:
    done = min(max(now - start, 0.0), duration_s)
    head = Table.grid(padding=(0, 1))
    head.add_row(f"{done:5.0f} of {duration_s:.0f} s", ProgressBar(total=duration_s, completed=done, width=40))
    happened = [Text(f"{ts - start:6.1f} s  {text}") for ts, text in list(figures.happened)[-HAPPENED_LINES:]]
    return Group(head, Text(_load_line(figures)), _zones_table(figures, now), *happened)


def _zones_table(figures: LiveFigures, now: float) -> Table:
    replicas = figures.replicas()
    latencies = figures.latency_ms(now)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (
        "zone",
        "nodes",
        *(f"{fn} replicas" for fn in replicas),
        "pressure",
        "requests/s",
        "p50 ms",
        "p95 ms",
    ):
        table.add_column(title, justify="left" if title == "zone" else "right")
    rates = figures.load.rates if figures.load else {}
    for zone in figures.cluster.zones():
        nodes = figures.cluster.nodes_in(zone)
        p50, p95 = latencies.get(zone, (None, None))
        table.add_row(
            zone,
            f"{sum(node.ready for node in nodes)}/{len(nodes)}",
            *(str(by_zone[zone]) for by_zone in replicas.values()),
            _shown(figures.pressures.get(zone), ".2f"),
            _shown(rates.get(zone), ".0f"),
            _shown(p50, ".0f"),
            _shown(p95, ".0f"),
        )
    return table


def _load_line(figures: LiveFigures) -> str:
    load = figures.load
    if load is None:
        return "no requests yet"
    return f"requests: {load.sent} sent, {load.succeeded} succeeded, {load.failed} failed, {load.in_flight} in flight"


def _figures_line(figures: LiveFigures, now: float) -> str:
    replicas = "; ".join(
        f"{fn} " + " ".join(f"{zone}={count}" for zone, count in by_zone.items() if count)
        for fn, by_zone in figures.replicas().items()
    )
    latencies = " ".join(f"{zone} p95 {p95:.0f} ms" for zone, (_, p95) in figures.latency_ms(now).items())
    return " | ".join(part for part in (_load_line(figures), replicas, latencies) if part)


def _shown(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
