"""A service at work on a bus in memory, as a process runs it, with a test as the only other participant.

test → bench.say, publish → bus in memory → the service's handlers and loops → bus → bench.said, frames

What a handler or a periodic run raises does not end a service; here it fails the test, unless the test expects it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Generic, TypeVar

from galileo_schemas.event import Event
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame
from galileo_schemas.registry import kind_of

from galileo_bus.bus import Bus
from galileo_bus.service.runtime import Runtime
from galileo_bus.service.service import Service
from galileo_bus.testing.said import Said
from galileo_bus.testing.unix_clock import unix_now, until
from galileo_bus.transport.memory import MemoryServer, MemoryTransport

S = TypeVar("S", bound=Service)
E = TypeVar("E", bound=Event)

OWN_NAME = "test"
_OWN_LOGS = ("galileo", "galileo_bus")


class Bench(Generic[S]):
    """What a test has in hand while a service runs. `errors`: what its code has raised so far."""

    def __init__(self, runtime: Runtime, service: S, voice: Bus) -> None:
        self.service = service
        self.runtime = runtime
        self.errors: list[BaseException] = []
        self._voice = voice
        self._heard = Said()
        self._news = asyncio.Event()

    async def say(
        self, event: Event, *, cause: tuple[str, ...] = (), key: str = "", expires_in_s: float | None = None
    ) -> str:
        """Says an event to the service, by its delivery class; returns its id. Handlers run as soon as time passes."""
        return await self._voice.say(event, cause=cause, key=key, expires_in_s=expires_in_s)

    def publish(self, message: str | bytes, *, channel: str = EVENTS_CHANNEL) -> None:
        """Publishes any message, as a person does with `redis-cli publish`."""
        self._voice.transport.publish(channel, message.encode() if isinstance(message, str) else message)

    def said(self, event_type: type[E]) -> list[E]:
        """The events of a type that the service has said, in order; `meta.cause` tells what led to each."""
        found = Said()
        source = f'"source":"{self.service.name}/'.encode()
        found.messages = [(channel, frame) for channel, frame in self._heard.messages if source in frame.value]
        return found.of(event_type)

    def frames(self, name: str | None = None) -> list[RawFrame]:
        """Everything on galileo/events and below, or what has a name: also what the test itself has said."""
        return [frame for _, frame in self._heard.messages if name in (None, frame.name)]

    def forget(self) -> None:
        """Forgets what was said until now."""
        self._heard.forget()

    async def until_said(self, event_type: type[E], *, count: int = 1, within_s: float = 60.0) -> list[E]:
        """Waits until the service has said so many events of a type, and returns all of them.

        Raises `AssertionError` when it does not in time, or what the service's code raised meanwhile.
        """
        found = self.said(event_type)
        try:
            async with asyncio.timeout(within_s):
                while len(found) < count and not self.errors:
                    self._news.clear()
                    await self._news.wait()
                    found = self.said(event_type)
        except TimeoutError:
            names = ", ".join(sorted({frame.name for frame in self.frames()}))
            wanted = f"{len(found)} of {count} {kind_of(event_type).name} within {within_s:g} s"
            raise AssertionError(f"{wanted}; heard: {names or 'nothing'}") from None
        if self.errors:
            raise self.errors[0]
        return found

    def hear(self, channel: str, message: bytes) -> None:
        """Takes what is said on the bus."""
        self._heard(channel, message)
        self._news.set()

    def note_error(self, error: BaseException) -> None:
        """Takes what the service's code has raised."""
        self.errors.append(error)
        self._news.set()

    async def until(self, condition: Callable[[], object], *, within_s: float = 60.0) -> None:
        """Waits until a condition holds. Raises `AssertionError` when it does not in time."""
        await until(condition, within_s=within_s)

    async def pass_time(self, seconds: float) -> None:
        """Lets time pass; at once on a virtual loop, after all that was due meanwhile has run."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def running(
    service: type[S],
    *,
    environ: Mapping[str, str] | None = None,
    backends: Mapping[type[Any], object] | None = None,
    seed: int = 1,
    errors_expected: bool = False,
) -> AsyncIterator[Bench[S]]:
    """Runs a service within the block, and stops it at the end.

    `environ`: its settings, as variables. `backends`: for each interface that it requires, a stand-in that is open.
    `errors_expected`: what its handlers and loops raise is for the test to look at, in `errors`; otherwise the first is
    raised at the end. Raises `SettingError` for wrong settings, and what the service raises at its start.
    """
    transport = MemoryTransport(MemoryServer(asyncio.get_running_loop().time))
    runtime = Runtime(transport, environ=environ or {}, now=unix_now, seed=seed)
    for interface, backend in (backends or {}).items():
        runtime.provide(interface, _opener(backend))
    made = runtime.add(service)
    if not isinstance(made, service):
        raise TypeError(f"{service.__name__} was expected, the runtime made {type(made).__name__}")
    voice = Bus(transport, source=OWN_NAME, now=unix_now, rng=random.Random(seed + 1))
    bench = Bench(runtime, made, voice)
    with _collecting(bench.note_error):
        await transport.subscribe(bench.hear, patterns=[f"{EVENTS_CHANNEL}*"])
        await voice.start()
        stop = asyncio.Event()
        task = asyncio.get_running_loop().create_task(runtime.run(stop), name=f"{service.name} at the bench")
        try:
            await until(lambda: runtime.started.is_set() or task.done(), within_s=60.0)
            if not task.done():
                yield bench
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
            await voice.close()
    task.result()
    if bench.errors and not errors_expected:
        raise bench.errors[0]


def _opener(backend: object) -> Callable[[AsyncExitStack], Awaitable[object]]:
    async def open_it(_stack: AsyncExitStack) -> object:
        return backend

    return open_it


class _Collector(logging.Handler):
    """Takes the errors that the runtime and the bus log instead of raising them."""

    def __init__(self, note: Callable[[BaseException], None]) -> None:
        super().__init__(logging.ERROR)
        self._note = note

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is not None and record.exc_info[1] is not None:
            self._note(record.exc_info[1])


@contextmanager
def _collecting(note: Callable[[BaseException], None]) -> Iterator[None]:
    collector = _Collector(note)
    loggers = [logging.getLogger(name) for name in _OWN_LOGS]
    for logger in loggers:
        logger.addHandler(collector)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(collector)
