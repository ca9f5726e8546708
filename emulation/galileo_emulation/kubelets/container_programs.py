"""What a kubelet starts for a container: a function's server, a relay to a program in another process, or nothing.

A program is given its pod's address. What listens for others is always a relay at the advertised port; the server
itself is at the backend port behind it.
"""

from __future__ import annotations

import asyncio
import math
from typing import Protocol

from galileo_emulation.functions.function_server import FunctionServer
from galileo_emulation.network.addresses import PodAddress
from galileo_emulation.network.relay import Relay
from galileo_emulation.network.relay_delay import RelayDelay

IDLE_MEMORY_BYTES = 8 * 1024 * 1024
_PROBE_TIMEOUT_S = 0.5
_LAST_BYTES_S = 0.5  # answers are still on their way when a server has closed
_BROKEN_S = 0.1  # a broken connection is known at once


class ContainerProgram(Protocol):
    """A container's inside. `probe_period_s` None: ready once it has started."""

    probe_period_s: float | None

    @property
    def memory_bytes(self) -> int: ...

    @property
    def in_flight(self) -> int: ...

    @property
    def last_request_at(self) -> float: ...

    async def start(self) -> None:
        """Raises OSError if an address is taken; what did start is stopped by `stop`."""

    async def probe(self) -> bool:
        """Whether requests would be answered."""

    async def stop(self, *, grace_s: float) -> None:
        """Finish requests in hand within `grace_s`, then cut them. Also after a start that failed."""


class IdleProgram:
    """A container that sleeps, or whose program is in another process and takes no connections."""

    probe_period_s: float | None = None
    memory_bytes = IDLE_MEMORY_BYTES
    in_flight = 0
    last_request_at = -math.inf

    async def start(self) -> None:
        """Nothing to start."""

    async def probe(self) -> bool:
        return True

    async def stop(self, *, grace_s: float) -> None:
        """Nothing to stop."""


class FunctionProgram:
    """A replica of a function behind a relay."""

    probe_period_s: float | None = None

    def __init__(self, server: FunctionServer, relay: Relay) -> None:
        self._server = server
        self._relay = relay

    @property
    def memory_bytes(self) -> int:
        return self._server.memory_bytes

    @property
    def in_flight(self) -> int:
        return self._server.in_flight

    @property
    def last_request_at(self) -> float:
        return self._server.last_request_at

    async def start(self) -> None:
        await self._server.start(host=self._relay.ip, port=self._relay.backend_port)
        await self._relay.start()

    async def probe(self) -> bool:
        return True

    async def stop(self, *, grace_s: float) -> None:
        try:
            if grace_s > 0.0:
                await self._server.close(grace_s=grace_s)
        finally:
            # Without grace, cutting the network first makes the server's connections break, and its requests end.
            await self._relay.close(grace_s=min(grace_s, _LAST_BYTES_S))
            await self._server.close(grace_s=_BROKEN_S)


class ExternalProgram:
    """Relays to a program in another process, which listens at the backend ports. Ready when it takes connections."""

    memory_bytes = 0  # its process is not this node's, and its cost is not known here
    in_flight = 0
    last_request_at = -math.inf

    def __init__(self, relays: list[Relay], *, probe_period_s: float | None) -> None:
        self._relays = relays
        self.probe_period_s = probe_period_s

    async def start(self) -> None:
        for relay in self._relays:
            await relay.start()

    async def probe(self) -> bool:
        return all([await _takes_connections(relay.ip, relay.backend_port) for relay in self._relays])

    async def stop(self, *, grace_s: float) -> None:
        await asyncio.gather(*(relay.close(grace_s=min(grace_s, _LAST_BYTES_S)) for relay in self._relays))


def relays_for(address: PodAddress, container_ports: tuple[int, ...], *, node: str, delay: RelayDelay) -> list[Relay]:
    """A relay for each of a container's ports."""
    return [
        Relay(
            ip=address.ip,
            port=address.advertised[port],
            backend_port=address.backend_port(port),
            node=node,
            delay=delay,
        )
        for port in container_ports
    ]


async def _takes_connections(ip: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            _, writer = await asyncio.open_connection(ip, port)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True
