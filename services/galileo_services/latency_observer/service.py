"""The shell: reads the graph file when it changes and says it, again every 30 s and whenever someone asks."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

from galileo_bus.service import Service, Settings, every, on, setting
from galileo_context.latencies import Graph, LatencyGraphError
from galileo_schemas.events import LatencyUpdate, Resync

from galileo_services.latency_observer.graph_file import read_graph

ANSWER_AT_MOST_EVERY_S = 0.5


@dataclass(frozen=True)
class LatencyObserverSettings(Settings):
    graph_file: str | None = setting(
        None, "galileo_context_latency_graph_json", doc="latency graph JSON file, {from: {to: round-trip ms}}"
    )
    check_interval: float = setting(2.0, "latency_observer_check_interval", doc="s between looks at the file", above=0)
    repeat_interval: float = setting(30.0, "galileo_repeat_interval", doc="s between saying facts again", above=0)


class LatencyObserver(Service):
    """Says `latency_update`."""

    name = "latency_observer"
    settings: LatencyObserverSettings

    _graph: Graph | None = None
    _read_of: tuple[int, ...] | None = None
    """What tells the file's versions apart; None when it could not be looked at."""
    _complaint: str | None = None

    async def started(self) -> None:
        self._asked = asyncio.Event()
        if self.settings.graph_file is None:
            self.log.warning("galileo_context_latency_graph_json is not set: no latencies are known")
        self._read()

    async def joined(self) -> None:
        await self.say_graph()

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._answer_requests()]

    @every("check_interval")
    async def check(self) -> None:
        if self._read():
            await self.say_graph()

    @on(Resync)
    async def note_request(self, event: Resync) -> None:
        if not event.wants or "latencies" in event.wants:
            self._asked.set()

    async def _answer_requests(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self.say_graph()
            await asyncio.sleep(ANSWER_AT_MOST_EVERY_S)  # a limit on answers: many may ask at once

    @every("repeat_interval")
    async def say_graph(self) -> None:
        if self._graph is not None:
            await self.bus.say(LatencyUpdate(latencies=self._graph, origin="file"))

    def ready(self) -> str | None:
        return self._complaint

    def _read(self) -> bool:
        """Whether the file has changed and was read."""
        if self.settings.graph_file is None:
            return False
        path = Path(self.settings.graph_file)
        try:
            found = path.stat()
        except OSError as error:
            self._read_of = None
            self._complain(f"{path}: cannot be read ({error.strerror})")
            return False
        # The time of the last change of state tells of rights and names, too.
        version = (found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        if version == self._read_of:
            return False
        self._read_of = version
        try:
            self._graph, self._complaint = read_graph(path), None
        except LatencyGraphError as error:
            self._complain(str(error))
            return False
        return True

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self.log.error("%s; the latencies known before stay in use", text)
        self._complaint = text
