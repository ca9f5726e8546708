"""Leases in memory, by the clock of the server in memory, which may be virtual: for tests and simulations."""

from __future__ import annotations

from galileo_bus.election.leases import PREFIX, Grant, Held, fence_of
from galileo_bus.transport.interface import Fence, TransportUnavailableError
from galileo_bus.transport.memory import MemoryServer


class MemoryLeases:
    """`Leases` on a `MemoryServer`."""

    def __init__(self, server: MemoryServer, *, prefix: str = PREFIX) -> None:
        self._server = server
        self._prefix = prefix

    async def acquire(self, name: str, holder: str, *, duration_s: float) -> Grant | Held:
        """See `Leases.acquire`."""
        _check(self._server)
        key, now = fence_of(name, epoch=0, holder=holder, prefix=self._prefix).key, self._server.now()
        by, until = self._server.leases.get(key, ("", now))
        if until > now and by != holder:
            return Held(by, until - now)
        found = self._server.hashes.setdefault(key, {})
        if until <= now or found.get("holder") != holder:
            found |= {"epoch": str(int(found.get("epoch", "0")) + 1), "holder": holder}
        self._server.leases[key] = (holder, now + duration_s)
        return Grant(name, Fence(key, int(found["epoch"]), holder))

    async def renew(self, grant: Grant, *, duration_s: float) -> bool:
        """See `Leases.renew`."""
        _check(self._server)
        if not self._is_held(grant):
            return False
        self._server.leases[grant.fence.key] = (grant.fence.holder, self._server.now() + duration_s)
        return True

    async def release(self, grant: Grant) -> None:
        """See `Leases.release`."""
        _check(self._server)
        if self._is_held(grant):
            del self._server.leases[grant.fence.key]

    def _is_held(self, grant: Grant) -> bool:
        key = grant.fence.key
        holder, until = self._server.leases.get(key, ("", 0.0))
        epoch = self._server.hashes.get(key, {}).get("epoch")
        return until > self._server.now() and (epoch, holder) == grant.fence.fields


class MemoryFences:
    """`Fences` on a `MemoryServer`."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server

    async def put_up(self, fence: Fence) -> int | None:
        """See `Fences.put_up`."""
        _check(self._server)
        found = self._server.hashes.get(fence.key, {})
        epoch = int(found.get("epoch", "0"))
        if epoch > fence.epoch or (epoch == fence.epoch and found.get("holder") != fence.holder):
            return epoch
        self._server.hashes[fence.key] = {"epoch": str(fence.epoch), "holder": fence.holder}
        return None


def _check(server: MemoryServer) -> None:
    if not server.available:
        raise TransportUnavailableError("the in-memory server is switched off")
