"""Etcd over its JSON gateway.

A call goes to the endpoint that answered last; where that one cannot answer, to the next, until each had its turn.
The first call logs in where there is a user; a token that etcd no longer knows (it forgets them after five minutes
without use, and at every change of its users) is asked for anew, once a call. Watches (watch.py) go over the same
connections.
"""

import logging
import random
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import aiohttp
import orjson

from galileo_backends.etcd import wire
from galileo_backends.etcd.errors import EtcdRefused, EtcdUnavailable
from galileo_backends.etcd.interface import Change, KeyValue
from galileo_backends.etcd.lines import Lines
from galileo_backends.etcd.settings import EtcdSettings
from galileo_backends.etcd.watch import watch_prefix

__all__ = ["EtcdSettings", "GatewayEtcd"]

logger = logging.getLogger(__name__)

# Etcd answers 400 and 401 to a token that is missing or old, in these words.
_TOKEN_TROUBLE = ("invalid auth token", "user name is empty", "revision of auth store is old")
# Sent with a watch, it has a member that loses its leader end the watch instead of falling silent.
_REQUIRE_LEADER = {"Grpc-Metadata-hasleader": "true"}
_CONNECTION_TROUBLE = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError, OSError)


class GatewayEtcd:
    """An `Etcd` that speaks to a real one. Use `async with GatewayEtcd(settings, rng=rng) as etcd`, or close()."""

    def __init__(self, settings: EtcdSettings, *, rng: random.Random) -> None:
        self._settings = settings
        self._rng = rng
        self._endpoints = [endpoint.rstrip("/") for endpoint in settings.endpoints]
        self._current = 0
        self._token: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self._cluster_id: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all connections; watches in progress end with an error."""
        if self._session is not None:
            await self._session.close()

    @property
    def cluster_id(self) -> str | None:
        """The identity of the cluster that answered last."""
        return self._cluster_id

    async def get(self, key: str) -> KeyValue | None:
        """See Etcd.get."""
        found = wire.key_values(await self._call("/v3/kv/range", wire.key_range(key)))
        return found[0] if found else None

    async def get_prefix(self, prefix: str) -> tuple[list[KeyValue], int]:
        """See Etcd.get_prefix."""
        answer = await self._call("/v3/kv/range", wire.prefix_range(prefix))
        return wire.key_values(answer), wire.header(answer).revision

    async def put(self, key: str, value: bytes) -> int:
        """See Etcd.put."""
        return wire.header(await self._call("/v3/kv/put", wire.put_request(key, value))).revision

    async def put_all(self, items: Mapping[str, bytes]) -> int:
        """See Etcd.put_all."""
        return wire.header(await self._call("/v3/kv/txn", wire.put_all_request(items))).revision

    async def delete(self, key: str) -> bool:
        """See Etcd.delete."""
        return wire.deleted(await self._call("/v3/kv/deleterange", wire.key_range(key)))

    async def status(self) -> wire.JsonObject:
        """What the current endpoint says of itself: `version`, `leader`, `dbSize` (bytes, as text), and so on."""
        return await self._call("/v3/maintenance/status", {})

    def watch_prefix(self, prefix: str) -> AsyncGenerator[Change, None]:
        """See Etcd.watch_prefix."""
        return watch_prefix(self, prefix, rng=self._rng)

    async def stream(self, prefix: str, *, start_revision: int) -> AsyncGenerator[wire.WatchAnswer, None]:
        """The messages of one watch on the current endpoint, until nothing was said for `watch_idle_s`.

        Raises:
            EtcdUnavailable: the server ended it, or the connection failed; the next endpoint is current then.
            EtcdRefused: etcd did not take the request.
        """
        endpoint = self._endpoints[self._current]
        request = orjson.dumps(wire.watch_request(prefix, start_revision=start_revision))
        lines = Lines()
        try:
            headers = _REQUIRE_LEADER | await self._headers(endpoint)
            async with self._open().post(
                f"{endpoint}/v3/watch",
                data=request,
                headers=headers,
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=self._settings.timeout_s, sock_read=self._settings.watch_idle_s
                ),
            ) as response:
                if response.status != 200:
                    self._check(response.status, await response.read(), f"{endpoint}/v3/watch")
                with _hung_up(response):
                    while chunk := await _read_some(response, lines):
                        for line in lines.feed(chunk):
                            answer = wire.watch_answer(orjson.loads(line))
                            self._cluster_id = answer.header.cluster_id or self._cluster_id
                            yield answer
        except EtcdUnavailable:
            self._turn_from(endpoint)
            raise
        except (*_CONNECTION_TROUBLE, orjson.JSONDecodeError) as error:
            self._turn_from(endpoint)
            raise EtcdUnavailable(f"watch at {endpoint}: {_reason(error)}") from error

    async def forget_token(self) -> None:
        """Has the next request log in anew."""
        self._token = None

    async def _call(self, path: str, body: wire.JsonObject) -> wire.JsonObject:
        """One request, at each endpoint in turn until one answers."""
        failures: list[str] = []
        for _ in self._endpoints:
            endpoint = self._endpoints[self._current]
            try:
                return await self._call_logged_in(endpoint, path, body)
            except EtcdUnavailable as error:
                failures.append(str(error))
            except _CONNECTION_TROUBLE as error:
                failures.append(f"{endpoint}: {_reason(error)}")
            self._turn_from(endpoint)
        raise EtcdUnavailable(f"etcd {path}: no endpoint answered: {'; '.join(failures)}")

    async def _call_logged_in(self, endpoint: str, path: str, body: wire.JsonObject) -> wire.JsonObject:
        try:
            return await self._post(endpoint, path, body, await self._headers(endpoint))
        except EtcdRefused as error:
            if self._settings.username is None or not any(words in error.reason for words in _TOKEN_TROUBLE):
                raise
        self._token = None
        return await self._post(endpoint, path, body, await self._headers(endpoint))

    async def _headers(self, endpoint: str) -> dict[str, str]:
        """The headers of a request; logs in first where there is a user and no token yet."""
        if self._settings.username is None:
            return {}
        if self._token is None:
            login = {"name": self._settings.username, "password": self._settings.password}
            try:
                answer = await self._post(endpoint, "/v3/auth/authenticate", login, {})
            except EtcdRefused as error:
                if "authentication is not enabled" not in error.reason:
                    raise
                logger.warning("etcd %s has authentication off: user %s is not checked", endpoint, login["name"])
                return {}
            self._token = str(answer["token"])
        return {"Authorization": self._token}

    async def _post(self, endpoint: str, path: str, body: wire.JsonObject, headers: dict[str, str]) -> wire.JsonObject:
        async with self._open().post(endpoint + path, data=orjson.dumps(body), headers=headers) as response:
            raw = await response.read()
            answer = self._check(response.status, raw, f"{endpoint}{path}")
        self._cluster_id = wire.header(answer).cluster_id or self._cluster_id
        return answer

    def _check(self, status: int, raw: bytes, request: str) -> wire.JsonObject:
        """The answer's body, or the error that it stands for."""
        try:
            answer = orjson.loads(raw)
            reason = str(answer.get("message") or answer.get("error"))
        except (orjson.JSONDecodeError, AttributeError):
            answer, reason = None, f"no JSON object: {raw[:200]!r}"
        if status == 200 and isinstance(answer, dict):
            return answer
        if status == 200 or status >= 500:
            raise EtcdUnavailable(f"{request}: HTTP {status}: {reason}")
        raise EtcdRefused(status, reason, request=request)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = self._settings.ssl_context()
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=context if context is not None else True),
                timeout=aiohttp.ClientTimeout(total=self._settings.timeout_s),
            )
        return self._session

    def _turn_from(self, endpoint: str) -> None:
        """Makes the next endpoint current, unless another call already did."""
        if self._endpoints[self._current] == endpoint:
            self._current = (self._current + 1) % len(self._endpoints)


@contextmanager
def _hung_up(response: aiohttp.ClientResponse) -> Iterator[None]:
    """Ends the connection at the end of the block: a stream without an end leaves none that another request could use.

    It is cut rather than closed, since closing would wait for the farewell of TLS, from a server that may be gone.
    """
    try:
        yield
    finally:
        if response.connection is not None and response.connection.transport is not None:
            response.connection.transport.abort()


async def _read_some(response: aiohttp.ClientResponse, lines: Lines) -> bytes:
    """The next bytes of a stream; none after a long silence. Raises EtcdUnavailable where the stream has ended."""
    try:
        chunk = await response.content.readany()
    except aiohttp.SocketTimeoutError:
        return b""
    if not chunk:  # etcd sends its last words without a line end
        raise EtcdUnavailable(f"{response.url}: ended by the server {lines.unfinished[:200]!r}")
    return chunk


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
