"""The client groups of a plan: one for each crowd and each zone from which it calls, made when it is first needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from galileo_backends.http import HttpClient
from galileo_schemas.raw.trace_line import Trace

from galileo_services.load_client.client_group import ClientGroup, ClientGroupSettings
from galileo_services.load_client.plan import LoadPlan
from galileo_services.load_client.request_counts import RequestCounts


class Senders:
    """All of them, with one HTTP client for each zone. See `ClientGroup` for `record`, `rng` and `now`."""

    def __init__(
        self,
        plan: LoadPlan,
        *,
        record: Callable[[Trace], None],
        rng: Random,
        now: Callable[[], float],
        timeout_s: float,
        exp_id: str,
    ) -> None:
        self._plan = plan
        self._record = record
        self._rng = rng
        self._now = now
        self._timeout_s = timeout_s
        self._exp_id = exp_id
        self._clients = {
            zone: HttpClient(local_address=caller.source_address or None) for zone, caller in plan.callers.items()
        }
        self._groups: dict[tuple[int, str], ClientGroup] = {}

    def of(self, crowd: int, zone: str) -> ClientGroup:
        """The group of a crowd (its place in the plan) that calls from a zone."""
        if (crowd, zone) not in self._groups:
            caller = self._plan.callers[zone]
            settings = ClientGroupSettings(
                worker=caller.worker,
                service=self._plan.crowds[crowd].function,
                number=len(self._groups),
                host=caller.gateway_host,
                port=caller.gateway_port,
                timeout_s=self._timeout_s,
                exp_id=self._exp_id,
            )
            self._groups[crowd, zone] = ClientGroup(
                settings,
                client=self._clients[zone],
                record=self._record,
                rng=Random(self._rng.getrandbits(64)),
                now=self._now,
            )
        return self._groups[crowd, zone]

    def groups(self) -> list[ClientGroup]:
        """Those that have sent something, or were asked for."""
        return list(self._groups.values())

    def counts(self) -> RequestCounts:
        """What all of them have done, together."""
        counts = [group.counts for group in self._groups.values()]
        reasons: Counter[str] = Counter()
        for one in counts:
            reasons.update(one.failed_by_reason)
        return RequestCounts(
            sent=sum(one.sent for one in counts),
            succeeded=sum(one.succeeded for one in counts),
            failed_by_reason=reasons,
        )

    async def close(self) -> None:
        """Closes the connections."""
        for client in self._clients.values():
            await client.close()
