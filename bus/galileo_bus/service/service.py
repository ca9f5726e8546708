"""`Service`: what an author writes. Handlers read like the data flow: take the event, note it, decide, say.

    class HotGateways(Service):
        "Says `gateway_hot` when a gateway's pressure stays above a limit."
        name = "hot_gateways"
        settings: HotGatewaysSettings

        @on(ApiPressure)
        async def note(self, event: ApiPressure) -> None: ...

        @every("reconcile_interval")
        async def reconcile(self) -> None: ...

`on` a decision reads its journal: the handler acts, and is called again until it returns. `watch` sees a decision as
anyone on the bus does, without acting.
"""

from __future__ import annotations

import inspect
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast, get_type_hints

from galileo_schemas.event import Event
from galileo_schemas.frame import RawFrame

from galileo_bus.bus import Bus
from galileo_bus.delivery.group_reader import GroupReader
from galileo_bus.service.settings import Settings

if TYPE_CHECKING:
    from galileo_bus.service.runtime import Runtime

F = TypeVar("F", bound=Callable[..., Awaitable[None]])
S = TypeVar("S", bound=Settings)
R = TypeVar("R")

_HANDLES = "_galileo_handles"
_WATCHES = "_galileo_watches"
_EVERY = "_galileo_every"


def on(*event_types: type[Event]) -> Callable[[F], F]:
    """Calls the method with each event of these types, as `(event)` or `(event, frame)`."""
    return _marking(_HANDLES, event_types)


def watch(*event_types: type[Event]) -> Callable[[F], F]:
    """Like `on`, but a decision is merely seen, not acted on."""
    return _marking(_WATCHES, event_types)


def every(interval: str | float) -> Callable[[F], F]:
    """Calls the method again and again: each `interval` seconds, or by the setting of that name. Runs never overlap."""
    return _marking(_EVERY, interval)


def _marking(attribute: str, value: object) -> Callable[[F], F]:
    def mark(method: F) -> F:
        setattr(method, attribute, value)
        return method

    return mark


@dataclass(frozen=True, slots=True)
class Periodic:
    """A method that runs again and again."""

    name: str
    interval: Callable[[], float]
    run: Callable[[], Awaitable[None]]

    @property
    def interval_s(self) -> float:
        """Seconds from run to run; where it is a setting, the one that holds now."""
        return self.interval()


@dataclass(frozen=True, slots=True)
class Listening:
    """A method that is called with each event of a type, as `(event, frame)` where `with_frame`, else as `(event)`."""

    event_type: type[Event]
    method: Callable[..., Awaitable[None]]
    with_frame: bool

    async def act(self, event: Event, frame: RawFrame) -> None:
        """Calls it, with the frame or without."""
        await (self.method(event, frame) if self.with_frame else self.method(event))


class Service:
    """One service in one process. The runtime gives it a bus, a clock, randomness, settings and backends."""

    name: ClassVar[str]
    settings: Settings
    elected: ClassVar[bool] = False
    """Whether only one replica may act. Periodic and background work and decision handlers then run on the leader only,
    where there is an election (`galileo_election`); all replicas hear events, so that a follower can take over warm."""

    acts_by: ClassVar[str] = ""
    """What it does that a dry run cannot hold back, as in "it sends requests"; such a service is refused then."""

    def __init__(self, runtime: Runtime, bus: Bus, settings: Settings, rng: random.Random) -> None:
        self.runtime = runtime
        self.bus = bus
        self.rng = rng
        self.log = logging.getLogger(f"galileo.{self.name}")
        self.settings = settings

    @classmethod
    def settings_type(cls) -> type[Settings]:
        """The class named by the annotation of `settings` in the service's class body."""
        return cast(type[Settings], get_type_hints(cls)["settings"])

    def now(self) -> float:
        """Unix time in seconds, from the runtime's clock."""
        return self.runtime.now()

    def backend(self, interface: type[R]) -> R:
        """What lies outside the bus, by its interface, opened by the runtime before `started`."""
        return self.runtime.backend(interface, service=self)

    # ------------------------------------------------------------ what an author may override

    def requires(self) -> tuple[type[object], ...]:
        """The interfaces this service asks `backend` for."""
        return ()

    async def started(self) -> None:
        """The bus is connected and backends are open; handlers and loops begin after this."""

    async def joined(self) -> None:
        """The service hears and is heard: the moment to ask for facts (`Resync`)."""

    async def rejoined(self) -> None:
        """A lost connection to the bus was made again: what was said meanwhile was missed, and may be asked for."""

    def elected_for(self) -> str:
        """What there is one leader of: the service, or `<service>/<zone>` for one that is responsible for a zone."""
        return self.name

    async def leading(self) -> None:
        """An elected service is about to act, at its start or as a successor: what only the one before knew is learned.

        Called before handlers of decisions, periodic and background work begin, perhaps many times in a life.
        """

    def background(self) -> list[Coroutine[object, object, None]]:
        """Work that runs until the service stops, each as a guarded task: one that ends or raises ends the process."""
        return []

    async def stopping(self) -> None:
        """The service is to stop: finish what is in hand. Handlers and loops have ended."""

    async def expired(self, event: Event) -> None:
        """A decision reached this service after its time and is not acted on."""
        self.log.warning("%s came too late and was not acted on", type(event).__name__)

    async def given_up(self, event: Event | None, reason: str) -> None:
        """A decision could not be acted on and is buried among the dead letters."""
        self.log.error("%s given up: %s", type(event).__name__ if event else "an unreadable decision", reason)

    def settings_changed(self, before: Settings) -> None:
        """A live setting has another value: `settings` are the new ones. Derive anew what was derived from them.

        Raises `SettingError` when they do not fit one another: then `before` stays, and the change is refused.
        """

    def ready(self) -> str | None:
        """None when the service can do its work, else the reason why not, for /readyz."""
        return None

    def figures(self) -> dict[str, float]:
        """Further numbers for /metrics, by name."""
        return {}

    def readers(self) -> Sequence[GroupReader]:
        """The readers of record streams that belong to this service; what waits for them counts as its lag."""
        return ()

    # ------------------------------------------------------------ what documents read

    @classmethod
    def handled_types(cls) -> tuple[type[Event], ...]:
        """The event types marked `on`: observations and records that are heard, decisions that are acted on."""
        return cls._types_marked(_HANDLES)

    @classmethod
    def watched_types(cls) -> tuple[type[Event], ...]:
        """The event types marked `watch`."""
        return cls._types_marked(_WATCHES)

    @classmethod
    def _types_marked(cls, attribute: str) -> tuple[type[Event], ...]:
        found: dict[type[Event], None] = {}
        for _name, method in inspect.getmembers(cls, inspect.isfunction):
            found |= dict.fromkeys(getattr(method, attribute, ()))
        return tuple(found)

    # ------------------------------------------------------------ what the runtime reads

    def handlers(self) -> list[Listening]:
        """Marked `on`."""
        return self._marked(_HANDLES)

    def watchers(self) -> list[Listening]:
        """Marked `watch`."""
        return self._marked(_WATCHES)

    def periodics(self) -> list[Periodic]:
        """Marked `every`, intervals resolved."""
        found = []
        for name, method in inspect.getmembers(type(self), inspect.isfunction):
            interval = getattr(method, _EVERY, None)
            if interval is not None:
                found.append(Periodic(f"{self.name}.{name}", self._interval(interval), getattr(self, name)))
        return found

    def _interval(self, interval: str | float) -> Callable[[], float]:
        return lambda: float(getattr(self.settings, interval) if isinstance(interval, str) else interval)

    def _marked(self, attribute: str) -> list[Listening]:
        found: list[Listening] = []
        for name, method in inspect.getmembers(type(self), inspect.isfunction):
            event_types: tuple[type[Event], ...] = getattr(method, attribute, ())
            with_frame = len(inspect.signature(method).parameters) >= 3
            found += [Listening(event_type, getattr(self, name), with_frame) for event_type in event_types]
        return found


@dataclass(frozen=True, slots=True)
class MarkedMethod:
    """What a class's method is marked with, for whoever looks at a service without running it."""

    name: str
    method: Callable[..., object]
    handles: tuple[type[Event], ...] = ()
    watches: tuple[type[Event], ...] = ()
    every: str | float | None = None


def marked_methods(service: type[Service]) -> list[MarkedMethod]:
    """The methods marked `on`, `watch` or `every`."""
    found = []
    for name, method in inspect.getmembers(service, inspect.isfunction):
        handles, watches = getattr(method, _HANDLES, ()), getattr(method, _WATCHES, ())
        interval = getattr(method, _EVERY, None)
        if handles or watches or interval is not None:
            found.append(MarkedMethod(name, method, handles, watches, interval))
    return found
