"""A process's health page, for probes and scrapes.

/healthz: the loop turns and no handler hangs.  /readyz: each service can work.  /metrics: Prometheus text.
"""

from __future__ import annotations

import asyncio
import json

from galileo_bus.service.runtime import Runtime


class HealthServer:
    """One port a process. Answers one request a connection; for probes and scrapes, not for the public."""

    def __init__(self, runtime: Runtime, *, host: str, port: int) -> None:
        self._runtime = runtime
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listens; returns the port, chosen by the system when it was 0. Raises `OSError` when it is taken."""
        self._server = await asyncio.start_server(self._answer, self._host, self._port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                request = await reader.readline()
                while (await reader.readline()).strip():
                    continue
                words = request.split()
                status, kind, body = self._page(words[1].decode("latin-1") if len(words) > 1 else "/")
                head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close"
                writer.write(head.encode() + b"\r\n\r\n" + body)
                await writer.drain()
        except (TimeoutError, ConnectionError, ValueError):
            writer.transport.abort()  # a probe that hangs, leaves or sends no HTTP
        finally:
            writer.close()

    def _page(self, path: str) -> tuple[str, str, bytes]:
        path = path.split("?")[0]
        if path == "/healthz":
            unhealthy = self._runtime.unhealthy()
            if not unhealthy:
                return "200 OK", "text/plain", b"ok\n"
            body = "".join(f"{service}: {reason}\n" for service, reason in unhealthy.items())
            return "503 Service Unavailable", "text/plain", body.encode()
        if path == "/readyz":
            readiness = self._runtime.readiness()
            ready = all(reason is None for reason in readiness.values())
            return ("200 OK" if ready else "503 Service Unavailable"), "application/json", _json(readiness)
        if path == "/metrics":
            return "200 OK", "text/plain; version=0.0.4", self._metrics().encode()
        return "404 Not Found", "text/plain", b"/healthz, /readyz and /metrics are here\n"

    def _metrics(self) -> str:
        lines = []
        for service, figures in self._runtime.metrics().items():
            lines += [f'galileo_{name}{{service="{service}"}} {value}' for name, value in sorted(figures.items())]
        for service, losses in self._runtime.losses().items():
            lines += [
                f'galileo_lost_by_event{{service="{service}",event="{name}"}} {lost}'
                for name, lost in sorted(losses.items())
            ]
        transports = self._runtime.transports
        dropped, reconnects = (sum(getattr(one, name) for one in transports) for name in ("dropped", "reconnects"))
        lines += [f"galileo_bus_dropped {dropped}", f"galileo_bus_reconnects {reconnects}"]
        return "\n".join(lines) + "\n"


def _json(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
