"""A real webhook server for tests: it remembers what it was asked, and answers as the test says."""

import asyncio
import base64
import inspect
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web

# Asked or answered JSON.
Json = Any
Reply = Callable[[Json], Json | Awaitable[Json]]


def allow(request: Json) -> Json:
    return {"allowed": True}


def deny(message: str, **status: Any) -> Reply:
    return lambda request: {"allowed": False, "status": {"message": message, **status}}


def patch(*operations: Json) -> Reply:
    encoded = base64.b64encode(orjson.dumps(list(operations))).decode()
    return lambda request: {"allowed": True, "patchType": "JSONPatch", "patch": encoded}


class WebhookServer:
    """Answers under any path; `replies` maps a path to what to answer, `asked` has the requests in order."""

    def __init__(self) -> None:
        self.url = ""
        self.replies: dict[str, Reply] = {}
        self.asked: list[tuple[str, Json]] = []
        self.silent = asyncio.Event()
        self.raw: bytes | None = None
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        review = orjson.loads(await request.read())
        self.asked.append((request.path, review["request"]))
        if request.path == "/silent":
            await self.silent.wait()
        if self.raw is not None:
            return web.Response(body=self.raw)
        reply = self.replies.get(request.path, allow)(review["request"])
        if inspect.isawaitable(reply):
            reply = await reply
        response = {"uid": review["request"]["uid"], **reply}
        body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
        return web.json_response(body, status=self.status)

    def requests(self, path: str) -> list[Json]:
        return [request for asked, request in self.asked if asked == path]


@asynccontextmanager
async def serving(context: ssl.SSLContext | None = None) -> AsyncIterator[WebhookServer]:
    """A webhook server while the context lasts, over TLS with `context`."""
    server = WebhookServer()
    application = web.Application()
    application.router.add_post("/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        host, port = runner.addresses[0][:2]
        server.url = f"{'https' if context else 'http'}://{host}:{port}"
        yield server
    finally:
        server.silent.set()
        await runner.cleanup()


RULE = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}


def webhook(url: str, *, name: str = "hook.example.org", rule: Json = None, **fields: Any) -> Json:
    """One entry of a configuration."""
    return {
        "name": name,
        "clientConfig": {"url": url},
        "rules": [{**RULE, "apiGroups": [""], "resources": ["pods"], **(rule or {})}],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        **fields,
    }


def configuration(kind: str, name: str, *webhooks: Json) -> tuple[str, Json]:
    """Path and body of a Mutating or Validating configuration."""
    body = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": f"{kind}WebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": list(webhooks),
    }
    return f"/apis/admissionregistration.k8s.io/v1/{kind.lower()}webhookconfigurations", body
