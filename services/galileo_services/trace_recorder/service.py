"""The shell: reads trace records as a consumer group, writes them, says a window of them each second.

    stream galileo/records/traces → decode → experiment database → acknowledge
    channel galileo/results/traces → (not on the stream as well) → decode → experiment database

A batch is acknowledged after it was written, and the database's key makes a second delivery harmless.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass

import msgspec
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
        self.recorded = 0
        self._reader = GroupReader(
            self.bus.transport, [TRACES_STREAM], group=self.name, consumer=f"{self.name}@{self.bus.source.incarnation}"
        )
        self._subscription: Subscription = await self.bus.transport.subscribe(
            lambda _channel, line: self._foreign.published(line, self.now()), channels=[TRACES_CHANNEL]
        )

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._record_stream()]

    def figures(self) -> dict[str, float]:
        return {"recorded": float(self.recorded)}

    async def _record_stream(self) -> None:
        async for entries in self._reader.batches(count=ENTRIES_AT_ONCE):
            for entry in entries:
                for line in entry.payload.split(b"\n"):
                    self._foreign.came_by_stream(line, self.now())
            await self._record(b"\n".join(entry.payload for entry in entries))
            await self._reader.acknowledge(entries)

    @every("window_s")
    async def say_window(self) -> None:
        await self._record_foreign()
        await self.bus.say(self._windows.close(self.now()))

    async def stopping(self) -> None:
        await self._subscription.close()
        await self._record_foreign()

    async def _record_foreign(self) -> None:
        lines = self._foreign.foreign(self.now())
        if lines:
            await self._record(b"\n".join(lines))

    async def _record(self, lines: bytes) -> None:
        batch = decode_batch(lines)
        for rejected in batch.rejected:
            await self.bus.rejections.note(TRACES_CHANNEL, "trace", rejected.line, rejected.reason)
        if not batch.traces:
            return
        if self._database is not None:
            new = await self._database.write_traces(self.settings.experiment, _rows(batch.traces))
            self.recorded += new  # not across the await: two tasks count here
        for trace in batch.traces:
            self._windows.add(trace)


def _rows(traces: Sequence[Trace]) -> list[TraceRow]:
    return [TraceRow(**msgspec.structs.asdict(trace)) for trace in traces]
