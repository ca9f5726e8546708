"""The requests of one group of clients: sent when they are due, whatever becomes of those before them.

Whoever walks along a schedule of due times (see pacing.py and due_times.py) calls `send`. Each request runs in a task
of its own; when its answer is there, or it failed, one trace says so and the counts move. Requests beyond the limit in
flight are not sent late: they are failed requests, since a queue in front of the system would hide its slowness.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from galileo_backends.http import (
    BadResponse,
    ConnectFailed,
    ConnectionLost,
    Headers,
    HttpClient,
    HttpError,
    Response,
    TimedOut,
)
from galileo_schemas.raw.trace_line import Trace

from galileo_services.load_client.due_times import DueTimes
from galileo_services.load_client.request_counts import RequestCounts

_REASONS: dict[type[HttpError], str] = {
    ConnectFailed: "connect_failed",
    TimedOut: "timed_out",
    ConnectionLost: "connection_lost",
    BadResponse: "bad_response",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGroupSettings:
    """Who sends what to whom.

    The client's id is "<worker>:<service>:<number>". `service` is the function's name, `host` and `port` its zone's
    gateway. `path` None means /function/<service>. `response_limit`: characters of the answer kept in a trace.
    """

    worker: str
    service: str
    number: int
    host: str
    port: int
    method: str = "POST"
    path: str | None = None
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    body: bytes = b"{}"
    timeout_s: float = 30.0
    max_in_flight: int = 512
    exp_id: str | None = None
    response_limit: int = 1000

    @property
    def client_id(self) -> str:
        return f"{self.worker}:{self.service}:{self.number}"


@dataclass(slots=True)
class _InFlight:
    """A request between its due time and its trace."""

    request_id: str
    created: float
    sent: float
    settled: bool = field(default=False)


class ClientGroup:
    """Sends requests of one function from one place.

    `client` is bound to the clients' node and belongs to the caller. `record` gets one trace for each request, in the
    order in which they end. `rng` names the requests. `now` gives unix seconds and must never run backwards (see
    steady_clock.py).
    """

    def __init__(
        self,
        settings: ClientGroupSettings,
        *,
        client: HttpClient,
        record: Callable[[Trace], None],
        rng: Random,
        now: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.counts = RequestCounts()
        self._client = client
        self._record = record
        self._now = now
        self._id_prefix = f"{rng.getrandbits(40):010x}"
        self._path = settings.path if settings.path is not None else f"/function/{settings.service}"
        self._headers = Headers(settings.headers)
        self._server = f"{settings.host}:{settings.port}"
        self._tasks: set[asyncio.Task[None]] = set()
        self._due_times = DueTimes(now=now)
        self._fault: BaseException | None = None

    async def run(self, offsets_s: Iterable[float], *, start: float) -> None:
        """Send a request at each `start` (unix seconds) + offset, and return when the last one has ended.

        Requests that are due already are sent at once. Cancelling it, like `stop`, leaves no request unaccounted.
        Raises what `record` or the client raised unforeseen; the schedule ends there.
        """
        try:
            await self._due_times.walk(offsets_s, start=start, send=self.send)
            await self.finish()
        finally:
            await self._end(grace_s=0.0)

    async def finish(self) -> None:
        """Wait until all requests in flight have ended. Raises what `record` or the client raised unforeseen."""
        while self._tasks and self._fault is None:
            await asyncio.wait(set(self._tasks), return_when=asyncio.FIRST_EXCEPTION)
        if self._fault is not None:
            raise self._fault

    async def stop(self, grace_s: float = 5.0) -> None:
        """Send nothing more, wait at most `grace_s` seconds for the requests in flight, and fail the rest."""
        self._due_times.stop()
        await self._end(grace_s)

    def send(self, due: float) -> None:
        """Begin a request that is due now (unix seconds). Raises what an earlier one raised unforeseen."""
        if self._fault is not None:
            raise self._fault
        self.counts.sent += 1
        request = _InFlight(f"{self._id_prefix}:{self.counts.sent}", created=due, sent=self._now())
        if len(self._tasks) >= self.settings.max_in_flight:
            self._settle(request, "too_many_in_flight")
            return
        task = asyncio.create_task(self._send(request), name=f"{self.settings.client_id} {request.request_id}")
        self._tasks.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, request))

    async def _send(self, request: _InFlight) -> None:
        settings = self.settings
        request.sent = self._now()
        try:
            response = await self._client.request(
                settings.method,
                settings.host,
                settings.port,
                self._path,
                self._headers,
                settings.body,
                timeout_s=settings.timeout_s,
            )
        except HttpError as error:
            self._settle(request, _REASONS.get(type(error), "http_error"))
            return
        self._settle(request, None if 200 <= response.status <= 299 else f"status {response.status}", response)

    def _ended(self, task: asyncio.Task[None], request: _InFlight) -> None:
        self._tasks.discard(task)
        fault = None if task.cancelled() else task.exception()
        if not request.settled:
            try:
                self._settle(request, "stopped" if fault is None else "internal_error")
            except Exception as error:  # of `record`; raised by `run`, since nobody stands above a callback
                fault = fault or error
        if fault is not None:
            self._fault = self._fault or fault
            self._due_times.stop()

    def _settle(self, request: _InFlight, reason: str | None, response: Response | None = None) -> None:
        """Count a request's end, as failed if there is a reason, and record it."""
        request.settled = True
        if reason is None:
            self.counts.succeeded += 1
        else:
            self.counts.failed_by_reason[reason] += 1
        self._record(self._trace(request, response))

    def _trace(self, request: _InFlight, response: Response | None) -> Trace:
        limit = self.settings.response_limit
        return Trace(
            request_id=request.request_id,
            client=self.settings.client_id,
            service=self.settings.service,
            created=request.created,
            sent=request.sent,
            done=self._now(),
            status=-1 if response is None else response.status,
            server=None if response is None else self._server,
            exp_id=self.settings.exp_id,
            headers=None if response is None else json.dumps(_as_dict(response.headers)),
            response=None if response is None else response.body.decode(errors="replace")[:limit],
        )

    async def _end(self, grace_s: float) -> None:
        """Wait for the requests in flight, cancel those that take too long, and return when all have been counted."""
        if self._tasks and grace_s > 0:
            await asyncio.wait(set(self._tasks), timeout=grace_s)
        for task in self._tasks:
            task.cancel()
        while self._tasks:
            await asyncio.wait(set(self._tasks))


def _as_dict(headers: Headers) -> dict[str, str]:
    joined: dict[str, str] = {}
    spelled: dict[str, str] = {}  # a name may come in several spellings and is one name
    for name, value in headers:
        known = spelled.setdefault(name.lower(), name)
        joined[known] = f"{joined[known]}, {value}" if known in joined else value
    return joined
