"""The shell: hears all channels, reads the streams of records and decisions, writes both as they come.

The database and the log keep an event once by its id, so that an entry delivered twice is recorded once. What they
cannot take is kept, unacknowledged where it came by a stream, until they do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from galileo_backends.database.errors import DatabaseError
from galileo_backends.database.interface import ExperimentDatabase
from galileo_backends.database.rows import EventRow
from galileo_bus.delivery.group_reader import GroupReader
from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.service import Service, SettingError, Settings, every, setting
from galileo_bus.transport import Subscription
from galileo_schemas.event import KINDS_BY_NAME, Delivery
from galileo_schemas.frame import EVENTS_CHANNEL, FrameError, RawFrame, join_frame, split_frame
from galileo_schemas.registry import decode_frame

from galileo_services.event_recorder.log_file import continue_log, frame_id
from galileo_services.event_recorder.numbers import note_numbers
from galileo_services.event_recorder.sorting import recorded_from_channel, said_by_hand

ENTRIES_AT_ONCE = 100
UNWRITTEN_LIMIT = 200_000
RETRY_S = 1.0


@dataclass(frozen=True)
class EventRecorderSettings(Settings):
    experiment: str = setting("", "galileo_experiment_id", doc="experiment to record for; empty: record nothing")
    log_file: str | None = setting(None, "event_recorder_log", doc="file to append frames to, one a line")
    write_interval: float = setting(0.5, "event_recorder_write_interval", doc="s between writes", above=0)


class EventRecorder(Service):
    """Acts on the experiment database and on the event log."""

    name = "event_recorder"
    acts_by = "writes a file"
    settings: EventRecorderSettings

    def requires(self) -> tuple[type[object], ...]:
        return (ExperimentDatabase,) if self.settings.experiment else ()

    async def started(self) -> None:
        self._database = self.backend(ExperimentDatabase) if self.settings.experiment else None
        self._log: TextIO | None = None
        self._seen: set[str] = set()
        self._trouble: str | None = None
        if self.settings.log_file is not None:
            self._log, self._seen = _open_log(self.settings.log_file)  # closed in stopping
        self._heard: list[RawFrame] = []
        self._rejected: list[tuple[str, bytes, str]] = []
        self.recorded = 0
        self.not_recorded = 0
        journals = [journal_of(name) for name, kind in KINDS_BY_NAME.items() if kind.delivery is Delivery.DECISION]
        self._reader = GroupReader(
            self.bus.transport,
            [EVENT_RECORDS, *journals],
            group=self.name,
            consumer=f"{self.name}@{self.bus.source.incarnation}",
        )
        self._subscription: Subscription = await self.bus.transport.subscribe(
            self._receive, patterns=[f"{EVENTS_CHANNEL}*"]
        )

    def background(self) -> list[Coroutine[object, object, None]]:
        return [self._record_streams()]

    def readers(self) -> Sequence[GroupReader]:
        return (self._reader,)

    def ready(self) -> str | None:
        return self._trouble

    def figures(self) -> dict[str, float]:
        return {"recorded": float(self.recorded), "not_recorded": float(self.not_recorded)}

    def _receive(self, channel: str, payload: bytes) -> None:
        try:
            frame = split_frame(payload)
        except FrameError as error:
            self._rejected.append((channel, payload, str(error)))
            return
        note_numbers(self.bus.losses, frame)
        if not recorded_from_channel(channel, frame, adopted=self.bus.adopts(frame.name)):
            return
        if said_by_hand(frame):
            try:
                decode_frame(frame)
            except FrameError as error:
                self._rejected.append((channel, payload, str(error)))
                return
        if len(self._heard) >= UNWRITTEN_LIMIT:
            self.not_recorded += 1
            return
        self._heard.append(frame)

    @every("write_interval")
    async def write_heard(self) -> None:
        rejected, self._rejected = self._rejected, []
        for channel, payload, reason in rejected:
            await self.bus.rejections.note(channel, "frame", payload, reason)
        heard, self._heard = self._heard, []
        try:
            await self._write(heard)
        except BaseException:
            self._heard = heard + self._heard  # kept for the next run
            raise

    async def _record_streams(self) -> None:
        async for entries in self._reader.batches(count=ENTRIES_AT_ONCE):
            frames = []
            for entry in entries:
                for line in entry.payload.split(b"\n"):
                    try:
                        frames.append(split_frame(line))
                    except FrameError as error:
                        await self.bus.rejections.note(entry.stream, "frame", line, str(error))
            await self._write_in_time(frames)
            await self._reader.acknowledge(entries)

    async def _write_in_time(self, frames: list[RawFrame]) -> None:
        """Tries until the database and the log have taken them; says so once when they begin to refuse."""
        while True:
            try:
                await self._write(frames)
            except (DatabaseError, OSError) as error:
                if self._trouble is None:
                    self.log.error("events are kept until they can be recorded: %s", error)
                self._trouble = str(error)
                await asyncio.sleep(RETRY_S)
            else:
                self._trouble = None
                return

    async def _write(self, frames: list[RawFrame]) -> None:
        if not frames:
            return
        rows = [
            EventRow(frame.ts, frame.name, frame.value.decode("utf-8", "replace"), frame_id(frame)) for frame in frames
        ]
        if self._database is not None:
            new = await self._database.write_events(self.settings.experiment, rows)
            self.recorded += new  # not across the await: two tasks count here
        else:
            self.recorded += len(rows)
        if self._log is not None:
            for frame, row in zip(frames, rows, strict=True):
                if row.id is not None and row.id in self._seen:
                    continue
                if row.id is not None:
                    self._seen.add(row.id)
                line = join_frame(frame.ts, frame.name, frame.value).decode("utf-8", "replace")
                self._log.write(line.replace("\n", "\\n") + "\n")
            self._log.flush()

    async def stopping(self) -> None:
        await self._subscription.close()
        try:
            await self.write_heard()
        finally:
            if self._log is not None:
                self._log.close()


def _open_log(path: str) -> tuple[TextIO, set[str]]:
    try:
        return continue_log(Path(path))
    except OSError as error:
        raise SettingError(f"event_recorder_log={path}: expected a file to append to ({error.strerror})") from None
