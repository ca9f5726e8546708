"""The shell: reads trace records as a consumer group, writes them, says a window of them each second.

    stream galileo/records/traces → decode → experiment database → acknowledge
    channel galileo/results/traces → (not on the stream as well) → decode → experiment database

A batch is acknowledged after it was written, and the database's key makes a second delivery harmless. While the
database takes nothing, no window is said: the silence would pass for a lack of requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

import msgspec
from galileo_backends.database.errors import DatabaseError
from galileo_backends.database.interface import ExperimentDatabase
from galileo_backends.database.rows import TraceRow
from galileo_bus.delivery.group_reader import GroupReader
from galileo_bus.service import Service, Settings, every, setting
from galileo_bus.transport import Subscription
from galileo_schemas.raw.trace_line import TRACES_CHANNEL, TRACES_STREAM, Trace

from galileo_services.trace_recorder.batches import decode_batch
from galileo_services.trace_recorder.foreign_lines import ForeignLines
from galileo_services.trace_recorder.windows import TraceWindows

ENTRIES_AT_ONCE = 50
UNWRITTEN_LIMIT = 200_000
RETRY_S = 1.0


@dataclass(frozen=True)
class TraceRecorderSettings(Settings):
    window_s: float = setting(1.0, "trace_recorder_window", doc="s that one trace window covers", above=0)
    experiment: str = setting("", "galileo_experiment_id", doc="experiment to record for; empty: record nothing")


class TraceRecorder(Service):
    """Says `trace_window`; acts on the experiment database."""

    name = "trace_recorder"
    settings: TraceRecorderSettings

    def requires(self) -> tuple[type[object], ...]:
        return (ExperimentDatabase,) if self.settings.experiment else ()

    async def started(self) -> None:
        self._windows = TraceWindows(self.now())
        self._foreign = ForeignLines()
        self._database = self.backend(ExperimentDatabase) if self.settings.experiment else None
        self._unwritten: list[Trace] = []
        self._trouble: str | None = None
        self.recorded = 0
        self.not_recorded = 0
        self._reader = GroupReader(
            self.bus.transport, [TRACES_STREAM], group=self.name, consumer=f"{self.name}@{self.bus.source.incarnation}"
        )
        self._subscription: Subscription = await self.bus.transport.subscribe(
            lambda _channel, line: self._foreign.published(line, self.now()), channels=[TRACES_CHANNEL]
        )

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._record_stream()]

    def readers(self) -> Sequence[GroupReader]:
        return (self._reader,)

    def ready(self) -> str | None:
        return self._trouble

    def figures(self) -> dict[str, float]:
        return {"recorded": float(self.recorded), "not_recorded": float(self.not_recorded)}

    async def _record_stream(self) -> None:
        async for entries in self._reader.batches(count=ENTRIES_AT_ONCE):
            lines = [line for entry in entries for line in entry.payload.split(b"\n")]
            news = [line for line in lines if self._foreign.came_by_stream(line, self.now())]
            traces = await self._read(lines)
            await self._write_in_time(traces)
            self._count(decode_batch(b"\n".join(news)).traces if len(news) < len(lines) else traces)
            await self._reader.acknowledge(entries)

    @every("window_s")
    async def say_window(self) -> None:
        await self._record_foreign(self._foreign.foreign(self.now()))
        if self._trouble is None:
            await self.bus.say(self._windows.close(self.now()))

    async def stopping(self) -> None:
        await self._subscription.close()
        await self._record_foreign(self._foreign.rest(self.now()))
        if self._unwritten:
            self.log.error("%d published traces were not recorded: %s", len(self._unwritten), self._trouble)

    async def _record_foreign(self, lines: Sequence[bytes]) -> None:
        """Nobody but us has these: they are kept while the database does not take them."""
        new = await self._read(lines)
        self._count(new)
        room = UNWRITTEN_LIMIT - len(self._unwritten)
        self.not_recorded += len(new[room:])
        self._unwritten += new[:room]
        if await self._write(self._unwritten):
            self._unwritten = []

    async def _read(self, lines: Sequence[bytes]) -> list[Trace]:
        batch = decode_batch(b"\n".join(lines))
        for rejected in batch.rejected:
            await self.bus.rejections.note(TRACES_CHANNEL, "trace", rejected.line, rejected.reason)
        return batch.traces

    async def _write_in_time(self, traces: Sequence[Trace]) -> None:
        """Tries until the database has taken them."""
        while True:
            if await self._write(traces):
                return
            await asyncio.sleep(RETRY_S)

    async def _write(self, traces: Sequence[Trace]) -> bool:
        """Whether the database took them; says so once when it begins to refuse."""
        if self._database is None or not traces:
            return True
        try:
            new = await self._database.write_traces(self.settings.experiment, _rows(traces))
        except DatabaseError as error:
            if self._trouble is None:
                self.log.error("traces are kept until they can be recorded: %s", error)
            self._trouble = str(error)
            return False
        self.recorded += new  # not across the await: two tasks count here
        self._trouble = None
        return True

    def _count(self, traces: Sequence[Trace]) -> None:
        for trace in traces:
            self._windows.add(trace)


def _rows(traces: Sequence[Trace]) -> list[TraceRow]:
    return [TraceRow(**msgspec.structs.asdict(trace)) for trace in traces]
