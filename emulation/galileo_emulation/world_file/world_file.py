"""A world file, kept up to date while the world runs.

    file = WorldFile(path, maker)             # nobody else may use it from now on
    store = Store(..., saved=file.load())
    async with file.keeping(store):           # writes it anew, then every change
        await file.wait()                     # until writing fails

Changes become lines at once and are written by a task, each second or when there are many. Only that task and the
file's beginning and end write, so that lines come in order.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.storage.history import Change, Stored
from galileo_emulation.kubernetes.storage.saved_state import KindKey, SavedState
from galileo_emulation.kubernetes.storage.store import Store
from galileo_emulation.world_file.compaction import is_due, snapshot
from galileo_emulation.world_file.maker import Maker
from galileo_emulation.world_file.reading import Reading, WorldFileError, read
from galileo_emulation.world_file.records import Counters, change_line, counters_line
from galileo_emulation.world_file.reservation import reserved

WRITE_EVERY_S = 1.0
MANY_BYTES = 1024 * 1024


class WorldFile:
    """The file at `path` for the world `maker`; locked from the beginning. Raises WorldFileError."""

    def __init__(self, path: Path, maker: Maker) -> None:
        self.path = path
        self._maker = maker
        self._file = _locked(path)
        self._size = 0
        self._compact_size = 0
        self._lines: list[bytes] = []
        self._waiting_bytes = 0
        self._since_snapshot: list[bytes] | None = None
        self._said = Counters(0, 0)
        self._news = asyncio.Event()
        self._stopping = False
        self._writing: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Let others use the file."""
        self._file.close()

    def read(self) -> Reading | None:
        """What is in the file; None when there was none, or an empty one. Raises WorldFileError."""
        self._file.seek(0)
        return read(str(self.path), self._file.read(), self._maker)

    def load(self) -> SavedState | None:
        """The state in it. Raises WorldFileError."""
        reading = self.read()
        return None if reading is None else reading.state

    async def wait(self) -> None:
        """Wait as long as the file is kept; raises WorldFileError when it cannot be written."""
        assert self._writing is not None, "enter keeping() first"
        await asyncio.shield(self._writing)

    @asynccontextmanager
    async def keeping(self, store: Store) -> AsyncIterator[None]:
        """Keep `store` in the file while the context lasts; at its end the file is complete, and on the disk.

        Raises WorldFileError when it cannot be written.
        """
        try:
            with self._one_line():
                self._begin(store)
            with store.observing(lambda kind, change: self._note(store, kind, change)):
                self._writing = asyncio.create_task(self._keep(store), name=f"world file {self.path}")
                try:
                    yield
                finally:
                    self._stopping = True
                    self._news.set()
                    await asyncio.wait({self._writing})
            await self._writing
            with self._one_line():
                self._end(store)
        finally:
            self.close()

    # Changes

    def _note(self, store: Store, kind: Kind, change: Change) -> None:
        self._add(change_line(kind.key, change))
        counters = Counters(reserved(store.version, self._said.version), store.cluster_ips)
        if counters != self._said:
            self._said = counters
            self._add(counters_line(counters))
        if self._waiting_bytes > MANY_BYTES:
            self._news.set()

    def _add(self, line: bytes) -> None:
        self._lines.append(line)
        self._waiting_bytes += len(line)
        if self._since_snapshot is not None:
            self._since_snapshot.append(line)

    # Writing

    async def _keep(self, store: Store) -> None:
        while not self._stopping:
            await _set_or_late(self._news, WRITE_EVERY_S)
            self._news.clear()
            with self._one_line():
                await asyncio.to_thread(self._write, self._taken())
                if is_due(size_bytes=self._size, compact_bytes=self._compact_size):
                    await self._compact(store)

    def _taken(self) -> bytes:
        """What is waiting to be written."""
        lines = b"".join(self._lines)
        self._lines, self._waiting_bytes = [], 0
        return lines

    def _write(self, lines: bytes) -> None:
        self._file.write(lines)
        self._file.flush()
        self._size += len(lines)

    def _begin(self, store: Store) -> None:
        self._said = Counters(reserved(store.version, 0), store.cluster_ips)
        self._replace(self._written(store.everything(), self._said))

    def _end(self, store: Store) -> None:
        """Nothing is told any more: the versions that were set apart are free."""
        self._write(self._taken() + counters_line(Counters(store.version, store.cluster_ips)))
        os.fsync(self._file.fileno())

    async def _compact(self, store: Store) -> None:
        """Write the file anew while the world goes on; what changes meanwhile goes into both."""
        self._since_snapshot = []
        everything, counters = store.everything(), self._said
        new = await asyncio.to_thread(self._written, everything, counters)
        # Nothing may await from here on, or a change would be left out of the new file.
        meanwhile, self._since_snapshot = b"".join(self._since_snapshot), None
        self._taken()
        self._replace(new)
        self._write(meanwhile)

    def _written(self, everything: Iterable[tuple[KindKey, Stored]], counters: Counters) -> BinaryIO:
        """A whole file beside the present one; locked, on the disk, and open."""
        new = self._beside.open("wb+")
        _lock(new, self.path)
        new.writelines(snapshot(self._maker, everything, counters))
        new.flush()
        os.fsync(new.fileno())
        return new

    def _replace(self, new: BinaryIO) -> None:
        os.replace(self._beside, self.path)
        self._file.close()
        self._file = new
        self._size = self._compact_size = new.tell()

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.new")

    def _one_line(self) -> _OneLine:
        return _OneLine(self.path)


class _OneLine:
    """Turns what the system says about a file into one line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise WorldFileError(f"{self._path}: the world cannot be kept there: {error.strerror or error}") from error


def _locked(path: Path) -> BinaryIO:
    with _OneLine(path):
        while True:
            file = path.open("ab+")
            try:
                _lock(file, path)
                # Whoever had it before may have put another file in its place.
                if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    return file
            except BaseException:
                file.close()
                raise
            file.close()


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WorldFileError(f"{path}: another world runs with this file; stop it or name another one") from None


async def _set_or_late(news: asyncio.Event, wait_s: float) -> None:
    loop = asyncio.get_running_loop()
    timer = loop.call_later(wait_s, news.set)
    try:
        await news.wait()
    finally:
        timer.cancel()
