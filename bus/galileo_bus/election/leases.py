"""What an election asks of whoever keeps the lease: Redis, a Kubernetes Lease, or a server in memory.

A lease is held by at most one holder at a time, and each time that it passes to somebody its epoch rises. The epoch is
written to the bus before its holder acts (the fence), so that the bus refuses what an earlier holder still writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from galileo_bus.transport.interface import Fence

PREFIX = "galileo"


class LeasesUnavailableError(ConnectionError):
    """Whoever keeps the leases does not answer or refuses us; whether anything happened is not known."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The lease is ours, in this epoch."""

    name: str
    fence: Fence

    @property
    def epoch(self) -> int:
        """Rises with each holder."""
        return self.fence.epoch


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody else has the lease; if he does not renew it, it is free in about `free_in_s`."""

    holder: str
    free_in_s: float


class Leases(Protocol):
    """Who keeps leases. Calls raise `LeasesUnavailableError`, or the transport's `TransportUnavailableError`."""

    async def acquire(self, name: str, holder: str, *, duration_s: float) -> Grant | Held:
        """Takes the lease if it is free or ours already. `holder` is one life of one candidate, never used again."""

    async def renew(self, grant: Grant, *, duration_s: float) -> bool:
        """Holds it for another `duration_s`; False when it is not ours any more, even if nobody has it."""

    async def release(self, grant: Grant) -> None:
        """Gives it back at once; nothing happens when it is not ours any more."""


class Fences(Protocol):
    """Where epochs are kept on the bus, for leases that are kept elsewhere."""

    async def put_up(self, fence: Fence) -> int | None:
        """Puts up a fence unless there is one of a later epoch, or of the same epoch and another holder.

        Returns None when it stands, else the epoch of the one that stands instead.
        """


def fence_of(name: str, *, epoch: int, holder: str, prefix: str = PREFIX) -> Fence:
    """The fence of a lease, at the key `<prefix>/leader/<name>`."""
    return Fence(f"{prefix}/leader/{name}", epoch, holder)
