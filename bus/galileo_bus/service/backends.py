"""What lies outside the bus, by interface: how each backend is opened, and its twin that asks before it writes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar, cast

from galileo_bus.service.write_guard import WriteGuard

R = TypeVar("R")
Opener = Callable[[AsyncExitStack], Awaitable[object]]
Guarding = Callable[[object, WriteGuard], object]


class Backends:
    """One process's."""

    def __init__(self) -> None:
        self._openers: dict[type[object], Opener] = {}
        self._guarding: dict[type[object], Guarding] = {}
        self._open: dict[type[object], object] = {}

    def provide(
        self,
        interface: type[R],
        opener: Callable[[AsyncExitStack], Awaitable[R]],
        *,
        guarded: Callable[[R, WriteGuard], R] | None = None,
    ) -> None:
        """Says how a backend is opened; it is, once, if a service requires it. The stack closes it at the end.

        `guarded` makes its twin that asks before each write; a dry run needs one, and leaders are kept safe by it.
        """
        self._openers[interface] = cast(Opener, opener)
        if guarded is not None:
            self._guarding[interface] = cast(Guarding, guarded)

    def knows(self, interface: type[object]) -> bool:
        """Whether somebody has said how it is opened."""
        return interface in self._openers

    async def open(self, interface: type[R], stack: AsyncExitStack) -> R:
        """Opens a backend, unless it is open. Raises `LookupError` when nobody has said how."""
        if interface not in self._open:
            if interface not in self._openers:
                raise LookupError(f"{interface.__name__} is not provided here")
            self._open[interface] = await self._openers[interface](stack)
        return cast(R, self._open[interface])

    def get(self, interface: type[R]) -> R:
        """An open backend. Raises `LookupError` that names what was not provided."""
        if interface not in self._open:
            raise LookupError(f"{interface.__name__} is not provided here, or not named in requires()")
        return cast(R, self._open[interface])

    def guarded(self, interface: type[R], guard: WriteGuard, *, needed: bool) -> R:
        """Its twin that asks `guard` before each write. Raises `LookupError` where there is none and one is needed."""
        backend = self.get(interface)
        if interface in self._guarding:
            return cast(R, self._guarding[interface](backend, guard))
        if needed:
            raise LookupError(f"{interface.__name__} has no guarded twin here, which a dry run needs")
        return backend
