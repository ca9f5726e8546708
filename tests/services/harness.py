"""Services run as a process runs them, on a bus and backends in memory, with an ear on everything that is said.

The backends are the in-memory twins, which can be told to fail: before a call takes place, or after it, when the call
has had its effect and the answer is lost.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from typing import Any, ParamSpec, TypeVar

from galileo_backends.database.errors import DatabaseError
from galileo_backends.database.interface import ExperimentDatabase
from galileo_backends.database.memory import MemoryDatabase
from galileo_backends.database.rows import EventRow, TelemetryRow, TraceRow
from galileo_backends.etcd.errors import EtcdError
from galileo_backends.etcd.guarded import GuardedEtcd
from galileo_backends.etcd.interface import Etcd
from galileo_backends.etcd.memory import MemoryEtcd
from galileo_backends.kubernetes.errors import ApiError
from galileo_backends.kubernetes.guarded import GuardedKubernetes
from galileo_backends.kubernetes.interface import JsonObject, Kubernetes, ListSnapshot, WatchEvent
from galileo_backends.kubernetes.memory import MemoryKubernetes
from galileo_backends.kubernetes.resources import Resource
from galileo_bus.bus import Bus
from galileo_bus.service.election import Election
from galileo_bus.service.runtime import Runtime
from galileo_bus.service.service import Service
from galileo_bus.testing import UNIX_START, Said, unix_now, until
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.frame import EVENTS_CHANNEL

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Service)

__all__ = [
    "UNIX_START",
    "House",
    "Said",
    "UnreliableDatabase",
    "UnreliableEtcd",
    "UnreliableKubernetes",
    "logged_by",
    "unix_now",
    "until",
]


@contextmanager
def logged_by(name: str) -> Iterator[list[str]]:
    """The messages of one logger, wherever the other logs of this process go meanwhile."""
    messages: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    logger, listener = logging.getLogger(name), Listener()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(listener)
    try:
        yield messages
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)


class UnreliableKubernetes(MemoryKubernetes):
    """`before[method]`: errors raised instead of the next calls; `after[method]`: raised once they took place."""

    def __init__(self) -> None:
        super().__init__(now=unix_now, rng=random.Random(1))
        self.before: defaultdict[str, deque[ApiError]] = defaultdict(deque)
        self.after: defaultdict[str, deque[ApiError]] = defaultdict(deque)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.watches_are_cut = False
        """What happens meanwhile is missed; the first change after it makes a watcher list again."""

    async def list_and_watch(
        self, resource: Resource, **named: str | None
    ) -> AsyncGenerator[ListSnapshot | WatchEvent, None]:
        missed = False
        async with aclosing(super().list_and_watch(resource, **named)) as changes:
            async for change in changes:
                if self.watches_are_cut:
                    missed = True
                elif missed:
                    missed = False
                    yield await self.list_all(resource, **named)
                else:
                    yield change

    async def create(self, *arguments: Any, **named: Any) -> JsonObject:
        return await self._meet("create", super().create, *arguments, **named)

    async def delete(self, *arguments: Any, **named: Any) -> JsonObject:
        return await self._meet("delete", super().delete, *arguments, **named)

    async def bind(self, *arguments: Any, **named: Any) -> None:
        await self._meet("bind", super().bind, *arguments, **named)

    async def patch_resize(self, *arguments: Any, **named: Any) -> JsonObject:
        return await self._meet("patch_resize", super().patch_resize, *arguments, **named)

    async def _meet(self, method: str, call: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        self.calls.append((method, kwargs))
        if self.before[method]:
            raise self.before[method].popleft()
        result = await call(*args, **kwargs)
        if self.after[method]:
            raise self.after[method].popleft()
        return result

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(1 for name, _ in self.calls if name == method)


class UnreliableEtcd(MemoryEtcd):
    """`trouble`: raised by every call while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: EtcdError | None = None
        self.transactions: list[dict[str, bytes]] = []

    async def get_prefix(self, prefix: str) -> Any:
        self._check()
        return await super().get_prefix(prefix)

    async def put_all(self, items: Mapping[str, bytes]) -> int:
        self._check()
        self.transactions.append(dict(items))
        return await super().put_all(items)

    async def delete(self, key: str) -> bool:
        self._check()
        return await super().delete(key)

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble


class UnreliableDatabase(MemoryDatabase):
    """`trouble`: raised by every write while it is set. `lose_answers`: so many writes take place and raise."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: DatabaseError | None = None
        self.lose_answers = 0

    async def write_traces(self, exp_id: str, rows: Iterable[TraceRow]) -> int:
        return await self._meet(super().write_traces, exp_id, rows)

    async def write_events(self, exp_id: str, rows: Iterable[EventRow]) -> int:
        return await self._meet(super().write_events, exp_id, rows)

    async def write_telemetry(self, exp_id: str, rows: Iterable[TelemetryRow]) -> int:
        return await self._meet(super().write_telemetry, exp_id, rows)

    async def _meet(self, write: Callable[P, Awaitable[int]], *args: P.args, **kwargs: P.kwargs) -> int:
        if self.trouble is not None:
            raise self.trouble
        written = await write(*args, **kwargs)
        if self.lose_answers:
            self.lose_answers -= 1
            raise DatabaseError("the answer was lost")
        return written


class House:
    """One bus, one Kubernetes, one etcd, one database; services move in and out."""

    def __init__(self) -> None:
        self.server = MemoryServer(asyncio.get_running_loop().time)
        self.transport = MemoryTransport(self.server)
        self.kubernetes = UnreliableKubernetes()
        self.etcd = UnreliableEtcd()
        self.database = UnreliableDatabase()
        self.said = Said()
        self.person = Bus(self.transport, source="person", now=unix_now, rng=random.Random(2))
        self._runtimes = 0

    async def open(self) -> None:
        await self.transport.subscribe(self.said, patterns=[f"{EVENTS_CHANNEL}*"])
        await self.person.start()

    async def close(self) -> None:
        self.server.available = True
        await self.person.close()

    def runtime(self, environ: Mapping[str, str] | None = None, *, election: Election | None = None) -> Runtime:
        """A process that is still without services."""
        self._runtimes += 1
        runtime = Runtime(self.transport, environ=environ or {}, now=unix_now, seed=self._runtimes, election=election)

        async def kubernetes(_stack: AsyncExitStack) -> Kubernetes:
            return self.kubernetes

        async def etcd(_stack: AsyncExitStack) -> Etcd:
            return self.etcd

        async def database(_stack: AsyncExitStack) -> ExperimentDatabase:
            return self.database

        runtime.provide(Kubernetes, kubernetes, guarded=GuardedKubernetes)
        runtime.provide(Etcd, etcd, guarded=GuardedEtcd)
        runtime.provide(ExperimentDatabase, database)
        return runtime

    @asynccontextmanager
    async def living(self, service: type[S], *others: type[Service], **environ: str) -> AsyncIterator[S]:
        """A process with these services, started in the order given last to first; gives the first one."""
        runtime = self.runtime(environ)
        for other in others:
            runtime.add(other)
        made = runtime.add(service)
        assert isinstance(made, service)
        stop = asyncio.Event()
        running = asyncio.get_running_loop().create_task(runtime.run(stop), name="runtime")
        try:
            await until(lambda: runtime.started.is_set() or running.done())
            if not running.done():
                yield made
        finally:
            stop.set()
            await running

    def publish(self, channel: str, payload: bytes) -> None:
        """As `redis-cli publish` does."""
        self.transport.publish(channel, payload)

    async def append(self, stream: str, payload: bytes) -> None:
        """As `redis-cli xadd` does."""
        await self.transport.append(stream, payload, identity=self.person.next_id())
