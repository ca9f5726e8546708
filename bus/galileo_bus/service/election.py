"""How a process's services are elected: by which terms, and where the leases are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from galileo_bus.election.leases import PREFIX, Leases
from galileo_bus.election.terms import Terms
from galileo_bus.transport import Transport

if TYPE_CHECKING:
    from galileo_bus.service.runtime import Runtime

LeasesOn = Callable[[Transport], Leases]
"""Leases for a service that reaches the bus by this transport: one that is cut off from the bus must not lead."""


@dataclass(frozen=True, slots=True)
class Election:
    """`open` is called once, when backends are open, if a service of the process is elected."""

    terms: Terms
    open: Callable[[Runtime], Awaitable[LeasesOn]]


def election_on_the_bus(terms: Terms, *, prefix: str = PREFIX) -> Election:
    """Leases are kept where events travel."""

    async def open_leases(_runtime: Runtime) -> LeasesOn:
        from galileo_bus.election.on_the_bus import leases_on

        return lambda transport: leases_on(transport, prefix=prefix)

    return Election(terms, open_leases)
