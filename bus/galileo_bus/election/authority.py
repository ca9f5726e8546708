"""By what right a participant writes decisions and acknowledges them: as anyone, or as the leader of an epoch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from galileo_bus.transport.interface import Fence, FencedError

T = TypeVar("T")


class NotLeadingError(FencedError):
    """Nothing was written: this replica does not lead, or its lease has run out by its own clock."""


class Authority(Protocol):
    """Writes by a right that may end."""

    async def write(self, call: Callable[[Fence | None], Awaitable[T]]) -> T:
        """Awaits `call(fence)`. Raises `FencedError` when the right has ended, before the call or by its answer."""


class Anyone:
    """No election: whoever runs may write."""

    async def write(self, call: Callable[[Fence | None], Awaitable[T]]) -> T:
        """Awaits `call(None)`."""
        return await call(None)
