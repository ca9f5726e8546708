"""An API server that misbehaves as told: each request is answered by the next line of a script.

The script is a list of answers; the last one is repeated. What was asked is kept in `requests`, so that a test can look
at the resource versions that a watch was resumed from.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import orjson
from aiohttp import web
from galileo_backends.kubernetes import JsonObject

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ScriptedServer:
    """Answers with the script's next answer; `url` and `requests` for the test."""

    def __init__(self, *script: Answer) -> None:
        self._script = list(script)
        self.requests: list[Mapping[str, str]] = []
        self.url = ""

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(dict(request.query) | {"authorization": request.headers.get("Authorization", "")})
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return await answer(request)

    @property
    def watched_from(self) -> list[str]:
        """The resource versions that watches began at."""
        return [request["resourceVersion"] for request in self.requests if "watch" in request]

    @property
    def lists(self) -> int:
        """How many lists were asked for."""
        return sum("watch" not in request for request in self.requests)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedServer"]:
        """Listens on a free port."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()


def named(name: str, version: int) -> JsonObject:
    """A pod of this name and resource version."""
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "resourceVersion": str(version)}}


def added(name: str, version: int) -> bytes:
    return orjson.dumps({"type": "ADDED", "object": named(name, version)}) + b"\n"


def bookmark(version: int) -> bytes:
    return orjson.dumps({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": str(version)}}}) + b"\n"


def error_line(code: int, reason: str) -> bytes:
    status = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": reason}
    return orjson.dumps({"type": "ERROR", "object": status}) + b"\n"


def listed(version: int, *names: str) -> Answer:
    """A list at this version."""
    body = {"metadata": {"resourceVersion": str(version)}, "items": [{"metadata": {"name": name}} for name in names]}
    return plain(200, body)


def plain(status: int, body: JsonObject | str, **headers: str) -> Answer:
    """An answer in one piece."""
    text = body if isinstance(body, str) else orjson.dumps(body).decode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers=sent)

    return answer


def watched(*chunks: bytes, then: str = "end") -> Answer:
    """A watch that sends these bytes and then ends, stays `silent`, or is `cut`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if then == "silent":
            await asyncio.Event().wait()
        if then == "cut":
            assert request.transport is not None
            request.transport.abort()
        return response

    return answer
