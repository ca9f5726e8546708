"""A replica of a function: it answers real HTTP requests and spends its node's CPU time on them.

    request -> draw its work -> share of the node's cores until the work is done -> 200 with X-Start and X-End
                                                                                 -> a line in the container's log

Any method on any path is a request. The answer is a small JSON object, padded with blanks to the function's response
size. A request whose sender goes away is cancelled by the HTTP server, and stops costing CPU time. A kubelet's probe is
no request: it costs a little CPU time like everything that a busy container is asked, and nothing else.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable

import orjson
from galileo_backends.http.messages import Headers, Request, Response
from galileo_backends.http.server import Server, serve

from galileo_emulation.functions.container_log import ContainerLog
from galileo_emulation.functions.node_cpu import NodeCpu
from galileo_emulation.functions.request_work import memory_bytes, most_in_flight, request_work_s
from galileo_emulation.specification import FunctionSpec

PROBE_AGENT = "kube-probe/"
"""How kubelets begin the User-Agent of their probes."""

_PROBE_WORK_S = 0.0005
_BROKEN_OFF = 499  # what logs write for a request whose sender did not wait, or whose server was killed


class FunctionServer:
    """One container of a function. `now` is unix time in seconds; `ended` is called after each request.

    `in_flight` counts the requests in hand; `last_request_at` is the loop's time when one last came or ended.
    `out_of_memory` is called when a request, or a lower limit, finds the container above its memory limit. Kubelets ask
    how it is under `probe_paths`.
    """

    def __init__(
        self,
        function: FunctionSpec,
        *,
        container_id: str,
        pod: str,
        node: str,
        cpu: NodeCpu,
        rng: random.Random,
        now: Callable[[], float],
        ended: Callable[[], None] = lambda: None,
        out_of_memory: Callable[[], None] = lambda: None,
        log: ContainerLog | None = None,
        probe_paths: frozenset[str] = frozenset(),
    ) -> None:
        self._function = function
        self._container_id = container_id
        self._cpu = cpu
        self._rng = rng
        self._now = now
        self._ended = ended
        self._out_of_memory = out_of_memory
        self._log = log or ContainerLog()
        self._probe_paths = probe_paths
        self._most_in_flight = math.inf
        self._loop = asyncio.get_running_loop()
        self._server: Server | None = None
        body = orjson.dumps({"function": function.name, "pod": pod, "node": node})
        self._body = body.ljust(function.response_bytes)
        self.in_flight = 0
        self.last_request_at = -math.inf

    @property
    def memory_bytes(self) -> int:
        """What the container occupies now."""
        return memory_bytes(self._function, in_flight=self.in_flight)

    def limit_memory(self, limit_bytes: int | None) -> None:
        """Let the container have at most `limit_bytes` from now on; None lifts the limit."""
        self._most_in_flight = most_in_flight(self._function, limit_bytes=limit_bytes)
        if self.in_flight > self._most_in_flight:
            self._out_of_memory()

    async def start(self, *, host: str, port: int) -> None:
        """Listen; raises OSError if the address is taken."""
        self._server = await serve(self.answer, host=host, port=port, name=f"function {self._function.name}")

    async def close(self, *, grace_s: float) -> None:
        """Take no more connections; finish the requests in hand within `grace_s`, then cancel them."""
        if self._server is not None:
            await self._server.close(grace_s=grace_s)
            self._server = None

    async def answer(self, request: Request) -> Response:
        """Work on one request."""
        if request.target in self._probe_paths and _is_probe(request):
            await self._cpu.run(self._container_id, _PROBE_WORK_S)
            return Response(200, Headers([("Content-Type", "text/plain")]), b"ok\n")
        began = self._now()
        self.in_flight += 1
        self.last_request_at = self._loop.time()
        status = _BROKEN_OFF
        try:
            if self.in_flight > self._most_in_flight:
                self._out_of_memory()
            await self._cpu.run(self._container_id, request_work_s(self._function, self._rng))
            status = 200
        finally:
            self.in_flight -= 1
            self.last_request_at = self._loop.time()
            done = self._now()
            self._log.note_request((began, request.method, request.target, status, done - began, request.peer[0]))
            self._ended()
        headers = [
            ("Content-Type", "application/json"),
            ("X-Start", f"{began:.7f}"),
            ("X-End", f"{done:.7f}"),
        ]
        return Response(200, Headers(headers), self._body)


def _is_probe(request: Request) -> bool:
    return (request.headers.get("User-Agent") or "").startswith(PROBE_AGENT)
