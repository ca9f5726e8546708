"""Leases and fences on the server that a transport speaks to, whichever it is."""

from __future__ import annotations

from galileo_bus.election.leases import PREFIX, Fences, Leases
from galileo_bus.election.memory import MemoryFences, MemoryLeases
from galileo_bus.election.redis import RedisFences, RedisLeases
from galileo_bus.transport import Transport
from galileo_bus.transport.memory import MemoryTransport
from galileo_bus.transport.redis_transport import RedisTransport


def leases_on(transport: Transport, *, prefix: str = PREFIX) -> Leases:
    """Leases on the bus itself. Raises `TypeError` for a transport of a kind that keeps none."""
    match transport:
        case RedisTransport():
            return RedisLeases(transport, prefix=prefix)
        case MemoryTransport():
            return MemoryLeases(transport.server, prefix=prefix)
    raise TypeError(f"{type(transport).__name__} keeps no leases; expected one of Redis or in memory")


def fences_on(transport: Transport) -> Fences:
    """Fences on the bus, for leases that are kept elsewhere. Raises `TypeError` as `leases_on` does."""
    match transport:
        case RedisTransport():
            return RedisFences(transport)
        case MemoryTransport():
            return MemoryFences(transport.server)
    raise TypeError(f"{type(transport).__name__} keeps no fences; expected one of Redis or in memory")
