"""Kubernetes over HTTP: one request a call, plain JSON both ways.

Nothing is tried again, with one exception: a 401 has the configuration read anew (tokens grow old) and the request
repeated once, which is safe since a refused request did nothing. Watches are in watching.py.
"""

import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from galileo_backends.kubernetes import objects
from galileo_backends.kubernetes.connection import Connection
from galileo_backends.kubernetes.errors import ServerUnavailable, Unauthorized, error_from
from galileo_backends.kubernetes.interface import JsonObject, ListSnapshot, Patch, PatchKind, WatchEvent
from galileo_backends.kubernetes.resources import EVENTS, PODS, Resource
from galileo_backends.kubernetes.stream import Messages
from galileo_backends.kubernetes.watching import WatchSettings, list_and_watch

_PATCH_TYPES: dict[PatchKind, str] = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
}
_NO_ANSWER = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError)


class HttpKubernetes:
    """A `Kubernetes` that speaks to an API server. Use `async with HttpKubernetes(connection, rng=rng)`, or close().

    Args:
        connection: where it is (connection.connect finds it).
        rng: for the waits of watches.
        timeout_s: for one answer; not for watches.
        watch: how watches behave.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        rng: random.Random,
        timeout_s: float = 10.0,
        watch: WatchSettings | None = None,
    ) -> None:
        self._connection = connection
        self._rng = rng
        self._timeout_s = timeout_s
        self._watch = watch or WatchSettings()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()

    def list_and_watch(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> AsyncGenerator[ListSnapshot | WatchEvent, None]:
        """See Kubernetes.list_and_watch."""
        collection = _Collection(self, resource, namespace, _selectors(label_selector, field_selector))
        return list_and_watch(collection, settings=self._watch, rng=self._rng)

    async def list_all(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> ListSnapshot:
        """See Kubernetes.list_all."""
        return await _Collection(self, resource, namespace, _selectors(label_selector, field_selector)).list()

    async def get(self, resource: Resource, name: str, *, namespace: str | None = None) -> JsonObject:
        """See Kubernetes.get."""
        return await self.request("GET", resource.path(namespace=namespace, name=name))

    async def create(self, resource: Resource, body: JsonObject, *, namespace: str | None = None) -> JsonObject:
        """See Kubernetes.create."""
        return await self.request("POST", resource.path(namespace=namespace), body=body)

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        uid: str | None = None,
        grace_period_s: int | None = None,
    ) -> JsonObject:
        """See Kubernetes.delete."""
        options = objects.delete_options(uid=uid, grace_period_s=grace_period_s)
        return await self.request("DELETE", resource.path(namespace=namespace, name=name), body=options)

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """See Kubernetes.patch."""
        path = resource.path(namespace=namespace, name=name)
        return await self.request("PATCH", path, body=patch, content_type=_PATCH_TYPES[kind])

    async def patch_status(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """See Kubernetes.patch_status."""
        path = resource.path(namespace=namespace, name=name, subresource="status")
        return await self.request("PATCH", path, body=patch, content_type=_PATCH_TYPES[kind])

    async def patch_resize(
        self, name: str, patch: Patch, *, namespace: str, kind: PatchKind = "strategic"
    ) -> JsonObject:
        """See Kubernetes.patch_resize."""
        path = PODS.path(namespace=namespace, name=name, subresource="resize")
        return await self.request("PATCH", path, body=patch, content_type=_PATCH_TYPES[kind])

    async def bind(
        self,
        namespace: str,
        pod: str,
        node: str,
        *,
        uid: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """See Kubernetes.bind."""
        path = PODS.path(namespace=namespace, name=pod, subresource="binding")
        await self.request("POST", path, body=objects.binding(pod, node, uid=uid, annotations=annotations))

    async def create_event(self, namespace: str, event: JsonObject) -> JsonObject:
        """See Kubernetes.create_event."""
        return await self.create(EVENTS, event, namespace=namespace)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Patch | None = None,
        content_type: str = "application/json",
    ) -> JsonObject:
        """Any request of the API (for what has no method here); returns the answer's JSON object, raises ApiError."""
        headers = {"Content-Type": content_type} if body is not None else {}
        timeout = aiohttp.ClientTimeout(total=self._timeout_s)
        async with self._answer(method, path, query, body, headers, timeout) as response:
            answer = orjson.loads(await response.read())
        if not isinstance(answer, dict):
            raise ServerUnavailable(response.status, "", f"no JSON object: {answer!r:.80}", request=f"{method} {path}")
        return answer

    async def stream(self, path: str, query: Mapping[str, str]) -> AsyncGenerator[JsonObject, None]:
        """The messages of one watch, until the API server ends it or says nothing for the watch's `inactivity_s`.

        Raises:
            ApiError: refused, or the connection failed.
            BrokenStream: a line that is no message.
        """
        messages = Messages()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timeout_s, sock_read=self._watch.inactivity_s)
        async with self._answer("GET", path, query, None, {}, timeout) as response:
            try:
                async for chunk in response.content.iter_any():
                    for message in messages.feed(chunk):
                        yield message
            except aiohttp.SocketTimeoutError:
                return  # silent for inactivity_s; no fault, but worth a new connection
            finally:
                # Cut rather than closed: closing would wait for the farewell of TLS, from a server that may be gone.
                if response.connection is not None and response.connection.transport is not None:
                    response.connection.transport.abort()

    @asynccontextmanager
    async def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Patch | None,
        headers: dict[str, str],
        timeout: aiohttp.ClientTimeout,
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """A successful answer; everything else, until its body is read, becomes an ApiError."""
        request = f"{method} {path}"
        try:
            try:
                response = await self._send(method, path, query, body, headers, timeout)
            except Unauthorized:
                await self._connection.reload()
                response = await self._send(method, path, query, body, headers, timeout)
            async with response:
                yield response
        except _NO_ANSWER as error:
            reason = "Timeout" if isinstance(error, TimeoutError) else "NoAnswer"
            raise ServerUnavailable(0, reason, str(error) or type(error).__name__, request=request) from error
        except orjson.JSONDecodeError as error:
            raise ServerUnavailable(0, "BadAnswer", f"no JSON: {error}", request=request) from error

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Patch | None,
        headers: dict[str, str],
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        response = await self._open().request(
            method,
            self._connection.base_url + path,
            params=query,
            data=None if body is None else orjson.dumps(body),
            headers={**headers, **await self._connection.headers()},
            timeout=timeout,
            proxy=self._connection.proxy,
            server_hostname=self._connection.server_hostname,
        )
        if response.status < 400:
            return response
        async with response:
            raw = await response.read()
        try:
            answer: Any = orjson.loads(raw)
        except orjson.JSONDecodeError:
            answer = raw.decode(errors="replace")
        retry_after = response.headers.get("Retry-After")
        raise error_from(response.status, answer, retry_after=retry_after, request=f"{method} {path}")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            tls = self._connection.tls
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=tls if tls is not None else True),
                headers={"Accept": "application/json", "User-Agent": "galileo"},
            )
        return self._session


class _Collection:
    """What one list_and_watch reads: a resource, in one namespace or all, through selectors."""

    def __init__(
        self, client: HttpKubernetes, resource: Resource, namespace: str | None, selectors: Mapping[str, str]
    ) -> None:
        self.name = f"{resource.qualified}{f' in {namespace}' if namespace else ''}"
        self._client = client
        self._resource = resource
        self._path = resource.path(namespace=namespace)
        self._selectors = selectors

    async def list(self) -> ListSnapshot:
        answer = await self._client.request("GET", self._path, query=self._selectors)
        items = answer.get("items") or []
        for item in items:  # the items of a list do not say what they are, those of a watch do
            item.setdefault("kind", self._resource.kind)
            item.setdefault("apiVersion", self._resource.api_version)
        return ListSnapshot(items, str(answer["metadata"]["resourceVersion"]))

    def stream(self, resource_version: str, *, server_timeout_s: int) -> AsyncGenerator[JsonObject, None]:
        watch = {
            "watch": "true",
            "resourceVersion": resource_version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(server_timeout_s),
        }
        return self._client.stream(self._path, {**self._selectors, **watch})


def _selectors(label_selector: str | None, field_selector: str | None) -> dict[str, str]:
    chosen = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {name: value for name, value in chosen.items() if value is not None}
