"""A replica of a function in a container: its server behind a relay."""

from __future__ import annotations

from collections.abc import Callable

from galileo_emulation.functions.function_server import FunctionServer
from galileo_emulation.kubelets.container_exit import COMPLETED, KILLED, OUT_OF_MEMORY
from galileo_emulation.kubelets.container_programs import LAST_BYTES_S, ProgramHost
from galileo_emulation.kubelets.probes import Probe
from galileo_emulation.network.relay import Relay

_BROKEN_S = 0.1  # a broken connection is known at once


class FunctionProgram:
    """The relay takes connections from the start; they break until the server is there, `serve_after_s` later."""

    readiness: Probe | None = None
    has_server = True

    def __init__(
        self,
        host: ProgramHost,
        make_server: Callable[[Callable[[], None]], FunctionServer],
        relay: Relay,
        *,
        container_port: int,
        serve_after_s: float,
    ) -> None:
        self._host = host
        self._server = make_server(self._out_of_memory)
        self._relay = relay
        self._container_port = container_port
        self.serve_after_s = serve_after_s

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
        await self._relay.start()

    async def serve(self) -> None:
        await self._server.start(host=self._relay.ip, port=self._relay.backend_port)

    def limit_memory(self, limit_bytes: int | None) -> None:
        self._server.limit_memory(limit_bytes)

    def reached_at(self, port: int) -> tuple[str, int]:
        # A port that it does not serve is asked at its address, where nobody answers.
        return (self._relay.ip, self._relay.backend_port if port == self._container_port else port)

    async def stop(self, *, grace_s: float) -> int:
        busy = self._server.in_flight > 0
        try:
            if grace_s > 0.0:
                await self._server.close(grace_s=grace_s if busy else min(grace_s, LAST_BYTES_S))
        finally:
            cut = self._server.in_flight > 0
            # Without grace, cutting the network first makes the server's connections break, and its requests end.
            await self._relay.close(grace_s=min(grace_s, LAST_BYTES_S))
            await self._server.close(grace_s=_BROKEN_S)
        return KILLED if cut or grace_s <= 0.0 else COMPLETED

    def _out_of_memory(self) -> None:
        self._host.exited(OUT_OF_MEMORY)
