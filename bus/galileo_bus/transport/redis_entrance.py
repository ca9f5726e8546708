"""Whether the server has let us in: awaited at the start, logged when it happens later."""

from __future__ import annotations

import asyncio
import logging

from galileo_bus.transport.interface import TransportRefusedError
from galileo_bus.transport.redis_address import RedisAddress

log = logging.getLogger(__name__)


class RedisEntrance:
    """One link's; `name` is the link's, for the log."""

    def __init__(self, address: RedisAddress, name: str) -> None:
        self._address = address
        self._name = name
        self._decided = asyncio.Event()
        self.refusal: str | None = None
        """Why the server does not let us in; None while it does, or has not been asked yet."""

    async def wait(self, timeout_s: float) -> None:
        """Raises `TimeoutError`, or `TransportRefusedError` with the server's reason."""
        async with asyncio.timeout(timeout_s):
            await self._decided.wait()
        if self.refusal is not None:
            raise TransportRefusedError(f"{self._address.shown} refuses us: {self.refusal}")

    def open(self) -> None:
        """The server serves us."""
        self.refusal = None
        self._decided.set()

    def refuse(self, reason: str) -> None:
        """The server said no."""
        if self._decided.is_set() and self.refusal is None:  # it had let us in before
            log.error("%s: %s refuses us: %s", self._name, self._address.shown, reason)
        self.refusal = reason
        self._decided.set()
