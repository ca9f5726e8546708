"""One direction of a delayed connection: bytes go in now and come out in order, some time later.

    source transport -> feed() -> queue of (due, bytes) -> timer -> target transport

The delay is asked for with every chunk, so that it can change while the connection lives; a chunk never overtakes an
earlier one. Back-pressure is kept: a target that is full stops the line, and a line that holds too much stops the
source.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

HIGH_WATER_BYTES = 1024 * 1024
LOW_WATER_BYTES = 256 * 1024
_CLOCK_TOLERANCE_S = 1e-5  # a timer may fire early by the clock's resolution
_END = b""


class DelayLine:
    """Carries the bytes of one direction. `ended` is called after the end of the stream was passed on."""

    def __init__(self, *, delay_s: Callable[[], float], ended: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._delay_s = delay_s
        self._ended = ended
        self._queue: deque[tuple[float, bytes]] = deque()
        self._held_bytes = 0
        self._source: asyncio.Transport | None = None
        self._target: asyncio.Transport | None = None
        self._target_full = False
        self._source_paused = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, source: asyncio.Transport) -> None:
        """Bytes come from here."""
        self._source = source

    def attach(self, target: asyncio.Transport) -> None:
        """Bytes go there; until now they were kept."""
        self._target = target
        self._deliver()

    def feed(self, data: bytes) -> None:
        """Take bytes of the source."""
        self._held_bytes += len(data)
        self._append(data)
        if self._held_bytes > HIGH_WATER_BYTES and not self._source_paused and self._source is not None:
            self._source_paused = True
            self._source.pause_reading()

    def feed_end(self) -> None:
        """The source will send no more."""
        self._append(_END)

    def hold(self, *, full: bool) -> None:
        """The target takes no more for now, or again."""
        self._target_full = full
        if not full:
            self._deliver()

    def close(self) -> None:
        """Forget everything that has not arrived."""
        self._target = None
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _append(self, data: bytes) -> None:
        self._queue.append((self._loop.time() + self._delay_s(), data))
        if self._timer is None:
            self._deliver()

    def _deliver(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._target is None or self._target_full:
            return
        arrived, at_end = self._take_due(self._loop.time() + _CLOCK_TOLERANCE_S)
        if self._queue:
            self._timer = self._loop.call_at(self._queue[0][0], self._deliver)
        if arrived:
            self._target.write(arrived[0] if len(arrived) == 1 else b"".join(arrived))
        if at_end:
            if not self._target.is_closing():
                self._target.write_eof()
            self._ended()
        elif self._source_paused and self._held_bytes < LOW_WATER_BYTES and self._source is not None:
            self._source_paused = False
            self._source.resume_reading()

    def _take_due(self, until: float) -> tuple[list[bytes], bool]:
        arrived: list[bytes] = []
        while self._queue and self._queue[0][0] <= until:
            data = self._queue.popleft()[1]
            if data is _END:
                return arrived, True
            arrived.append(data)
            self._held_bytes -= len(data)
        return arrived, False
