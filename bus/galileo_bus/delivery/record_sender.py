"""Records on their way out: collected, sent in batches, kept until the server acknowledged them.

A batch has an identity, so that sending it again after a lost answer appends it once. A stream's entry holds the
batch's lines joined by line breaks; each line is also published for whoever watches.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from galileo_bus.transport import DEFAULT_BUS_RETENTION, Retention, Transport, TransportUnavailableError
from galileo_bus.watched_task import StartTask, start_watched

BATCH_LINES = 500
FLUSH_INTERVAL_S = 0.1
RETRY_S = 0.2

log = logging.getLogger(__name__)


class RecordSender:
    """Sends the records of one stream. `add` never waits; `drain` returns when the server has all."""

    def __init__(
        self,
        transport: Transport,
        stream: str,
        *,
        new_id: Callable[[], str],
        retention: Retention = DEFAULT_BUS_RETENTION.records,
    ) -> None:
        self._transport = transport
        self._stream = stream
        self._new_id = new_id
        self._retention = retention
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._added = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._task: asyncio.Task[None] | None = None
        self.sent = 0

    @property
    def kept(self) -> int:
        """How many records the server has not acknowledged yet."""
        return len(self._waiting)

    def start(self, start_task: StartTask = start_watched) -> None:
        """Begins to send."""
        self._task = start_task(self._run(), f"records {self._stream}")

    def add(self, channel: str, line: bytes) -> None:
        """Takes one record, without line breaks, to be published on `channel` too."""
        self._waiting.append((channel, line))
        self._empty.clear()
        self._added.set()

    async def drain(self) -> None:
        """Waits until the server has acknowledged everything."""
        await self._empty.wait()

    async def close(self, *, patience_s: float) -> int:
        """Waits up to `patience_s` for the rest to be taken; returns how many records were not."""
        try:
            async with asyncio.timeout(patience_s):
                await self.drain()
        except TimeoutError:
            log.error("%d records for %s were not taken by the server", self.kept, self._stream)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        return self.kept

    async def _run(self) -> None:
        while True:
            await self._added.wait()
            self._added.clear()
            while self._waiting:
                await self._send([self._waiting[i] for i in range(min(BATCH_LINES, len(self._waiting)))])
            self._empty.set()
            await asyncio.sleep(FLUSH_INTERVAL_S)  # lets a batch gather; not a wait for anything

    async def _send(self, batch: list[tuple[str, bytes]]) -> None:
        identity = self._new_id()
        payload = b"\n".join(line for _, line in batch)
        warned = False
        while True:
            try:
                await self._transport.append(
                    self._stream, payload, identity=identity, publish=batch, retention=self._retention
                )
                break
            except TransportUnavailableError as error:
                if not warned:
                    log.warning("keeping %d records for %s: %s", len(self._waiting), self._stream, error)
                    warned = True
                await asyncio.sleep(RETRY_S)
        for _ in batch:
            self._waiting.popleft()
        self.sent += len(batch)
