"""The experiment database in one SQLite file.

Write-ahead logging lets a report read while a recorder writes, and every commit is flushed to the disk
(`synchronous=FULL`): a recorder acknowledges a batch after its write returned, so that the batch must not vanish with
the power. One flush a batch, whatever its size: write many rows at a time.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiosqlite
import orjson

from galileo_backends.database import schema
from galileo_backends.database.errors import DatabaseError, UnknownExperiment
from galileo_backends.database.newness import new_events
from galileo_backends.database.rows import Counts, EventRow, Experiment, TelemetryRow, TraceRow

_WAIT_FOR_OTHER_WRITERS_S = 10.0


class SqliteDatabase:
    """An `ExperimentDatabase` in a file. Use `async with SqliteDatabase(path) as database`, or open() and close()."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._connection: aiosqlite.Connection | None = None
        # One connection has one transaction at a time: without this, two writers in one loop would share theirs.
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """See ExperimentDatabase.open. The folder of the file must exist."""
        if self._connection is not None:
            raise DatabaseError(f"{self._path} is open already")
        # Tried without aiosqlite first: a connection of it that fails leaves a thread behind that outlives this call.
        await asyncio.to_thread(self._try_to_open)
        connection = await aiosqlite.connect(self._path, isolation_level=None, timeout=_WAIT_FOR_OTHER_WRITERS_S)
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
            await connection.execute("PRAGMA synchronous = FULL")
            await connection.executescript(schema.TABLES)
            await connection.executescript(schema.INDEXES)
        except sqlite3.IntegrityError as error:
            await connection.close()
            raise DatabaseError(f"{self._path} holds the same row twice ({error}): use a new file") from error
        except sqlite3.Error as error:
            await connection.close()
            raise DatabaseError(f"{self._path}: {error}; expected an SQLite file with galileo-db's tables") from error
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    async def close(self) -> None:
        """See ExperimentDatabase.close."""
        if self._connection is not None:
            async with self._turn:
                connection, self._connection = self._connection, None
                await connection.close()

    async def create_experiment(
        self,
        exp_id: str,
        *,
        name: str,
        creator: str,
        start: float,
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """See ExperimentDatabase.create_experiment."""
        async with self._writing() as connection:
            cursor = await connection.execute(schema.INSERT_EXPERIMENT, (exp_id, name, creator, start, start))
            data = orjson.dumps(dict(metadata or {})).decode()
            await connection.execute(schema.INSERT_METADATA, (exp_id, data))
            return cursor.rowcount == 1

    async def finalize_experiment(self, exp_id: str, *, end: float, status: str) -> None:
        """See ExperimentDatabase.finalize_experiment."""
        async with self._writing() as connection:
            cursor = await connection.execute(schema.FINALIZE_EXPERIMENT, (end, status, exp_id))
            if cursor.rowcount == 0:
                raise UnknownExperiment(f"{self._path} has no experiment {exp_id!r}")

    async def write_traces(self, exp_id: str, rows: Iterable[TraceRow]) -> int:
        """See ExperimentDatabase.write_traces."""
        under = [row._replace(exp_id=exp_id) for row in rows]
        return await self._insert(schema.INSERT_TRACE, under)

    async def write_events(self, exp_id: str, rows: Iterable[EventRow]) -> int:
        """See ExperimentDatabase.write_events."""
        wanted = list(rows)
        ids = orjson.dumps([row.id for row in wanted if row.id is not None]).decode()
        async with self._writing() as connection:
            known = await connection.execute_fetchall(schema.SELECT_EVENT_IDS, (exp_id, ids))
            fresh = new_events(wanted, [str(row[0]) for row in known])
            fresh_ids = [(exp_id, row.id) for row in fresh if row.id is not None]
            await connection.executemany(schema.INSERT_EVENT_ID, fresh_ids)
            events = [(exp_id, row.timestamp, row.name, row.value) for row in fresh]
            await connection.executemany(schema.INSERT_EVENT, events)
        return len(fresh)

    async def write_telemetry(self, exp_id: str, rows: Iterable[TelemetryRow]) -> int:
        """See ExperimentDatabase.write_telemetry."""
        return await self._insert(schema.INSERT_TELEMETRY, [(exp_id, *row) for row in rows])

    async def write_nodeinfo(self, exp_id: str, node: str, info: Mapping[str, str]) -> int:
        """See ExperimentDatabase.write_nodeinfo."""
        async with self._writing() as connection:
            before = await connection.execute_fetchall(schema.COUNT_NODEINFO, (exp_id, node))
            rows = [(exp_id, node, key, value) for key, value in info.items()]
            await connection.executemany(schema.INSERT_NODEINFO, rows)
            after = await connection.execute_fetchall(schema.COUNT_NODEINFO, (exp_id, node))
        return int(next(iter(after))[0]) - int(next(iter(before))[0])

    async def experiments(self) -> list[Experiment]:
        """See ExperimentDatabase.experiments."""
        return [_experiment(row) for row in await self._read(schema.SELECT_EXPERIMENTS, None)]

    async def experiment(self, exp_id: str) -> Experiment:
        """See ExperimentDatabase.experiment."""
        for row in await self._read(schema.SELECT_EXPERIMENTS, exp_id):
            return _experiment(row)
        raise UnknownExperiment(f"{self._path} has no experiment {exp_id!r}")

    async def traces(self, exp_id: str) -> list[TraceRow]:
        """See ExperimentDatabase.traces."""
        return [TraceRow(*row) for row in await self._read(schema.SELECT_TRACES, exp_id)]

    async def events(self, exp_id: str) -> list[EventRow]:
        """See ExperimentDatabase.events."""
        return [EventRow(*row) for row in await self._read(schema.SELECT_EVENTS, exp_id)]

    async def telemetry(self, exp_id: str) -> list[TelemetryRow]:
        """See ExperimentDatabase.telemetry."""
        return [TelemetryRow(*row) for row in await self._read(schema.SELECT_TELEMETRY, exp_id)]

    async def nodeinfo(self, exp_id: str) -> dict[str, dict[str, str]]:
        """See ExperimentDatabase.nodeinfo."""
        nodes: dict[str, dict[str, str]] = {}
        for node, key, value in await self._read(schema.SELECT_NODEINFO, exp_id):
            nodes.setdefault(node, {})[key] = value
        return nodes

    async def counts(self, exp_id: str) -> Counts:
        """See ExperimentDatabase.counts."""
        ((traces, events, telemetry, nodeinfo),) = await self._read(schema.COUNT_ALL, exp_id)
        return Counts(traces=traces, events=events, telemetry=telemetry, nodeinfo=nodeinfo)

    async def _insert(self, statement: str, rows: list[Any]) -> int:
        """One transaction with one statement for all rows; how many rows it added."""
        async with self._writing() as connection:
            return (await connection.executemany(statement, rows)).rowcount if rows else 0

    async def _read(self, statement: str, exp_id: str | None) -> Iterable[sqlite3.Row]:
        async with self._turn:
            try:
                return await self._opened().execute_fetchall(statement, (exp_id,))
            except sqlite3.Error as error:
                raise DatabaseError(f"{self._path}: {error}") from error

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[aiosqlite.Connection]:
        """A transaction: kept as a whole if the body succeeds, and not at all otherwise."""
        async with self._turn:
            connection = self._opened()
            try:
                await connection.execute("BEGIN IMMEDIATE")
                yield connection
                await connection.execute("COMMIT")
            except sqlite3.Error as error:
                await connection.rollback()
                raise DatabaseError(f"{self._path}: {error}") from error
            except BaseException:
                # Cancelled, too: the statement that was under way is finished first, since one thread does them all in
                # order.
                await connection.rollback()
                raise

    def _try_to_open(self) -> None:
        try:
            sqlite3.connect(self._path).close()
        except sqlite3.Error as error:
            raise DatabaseError(f"{self._path}: {error}; expected a file that can be written") from error

    def _opened(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise DatabaseError(f"{self._path} is not open: call open() first")
        return self._connection


def _experiment(row: sqlite3.Row) -> Experiment:
    exp_id, name, creator, start, end, status, data = row
    metadata = orjson.loads(data) if data else {}
    return Experiment(id=exp_id, name=name, creator=creator, start=start, end=end, status=status, metadata=metadata)
