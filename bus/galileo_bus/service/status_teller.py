"""Says how one service is, each time the runtime asks it to: what it answers, what waits for it, what it counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from galileo_bus.bus import Bus
from galileo_bus.service.status import Counted, Process, status_of, why_unhealthy
from galileo_bus.transport import TransportUnavailableError


class Backlog(Protocol):
    """A reader of streams as one of a consumer group."""

    async def backlog(self) -> int:
        """How many entries wait for the group."""


class StatusTeller:
    """One service's. `service` is its name, `instance` tells several of one class apart, `started` in unix seconds."""

    def __init__(self, bus: Bus, *, service: str, instance: str, started: float) -> None:
        self._bus = bus
        self._service = service
        self._instance = instance
        self._started = started
        self._told: Counted | None = None

    async def tell(
        self,
        process: Process,
        *,
        not_ready: Callable[[], str | None],
        figures: Callable[[], Mapping[str, float]],
        readers: Sequence[Backlog],
        failures: Mapping[str, str],
        hung: Sequence[str],
        late_s: float,
    ) -> None:
        """Says the status; nothing while the bus is away, when nobody could hear it: the next one tells of it all."""
        reason, known, lag = "", {}, 0
        try:
            reason = not_ready() or ""
            known = dict(figures())
            lag = sum([await reader.backlog() for reader in readers])
        except TransportUnavailableError:
            return
        except Exception as error:  # a plug-in may answer with anything, and rights to streams may be missing
            reason = f"cannot tell how it is: {type(error).__name__}: {error}"
        now = self._count()
        status = status_of(
            process,
            service=self._service,
            instance=self._instance,
            started=self._started,
            not_ready=reason,
            unhealthy=why_unhealthy(failures, late_s, hung=hung),
            before=self._told,
            now=now,
            lag=lag,
            figures=known,
        )
        await self._bus.say(status)
        self._told = now

    def _count(self) -> Counted:
        """Without what every service says of itself all the time, so that one that does nothing shows as such."""
        said = self._bus.said
        own = said["source_heartbeat"] + said["service_status"]
        return Counted(self._bus.now(), said.total() - own, self._bus.heard.total())
