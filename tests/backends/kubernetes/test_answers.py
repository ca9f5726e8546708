"""How answers that are no success become exceptions, each with what its reader needs."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from galileo_backends.kubernetes import (
    PODS,
    ApiError,
    Connection,
    Gone,
    HttpKubernetes,
    ServerUnavailable,
    TooManyRequests,
    Unauthorized,
)

from .scripted import Answer, ScriptedServer, listed, plain


@asynccontextmanager
async def client_of(*script: Answer, timeout_s: float = 5.0) -> AsyncIterator[HttpKubernetes]:
    async with (
        ScriptedServer(*script).running() as server,
        HttpKubernetes(Connection(base_url=server.url), rng=random.Random(1), timeout_s=timeout_s) as client,
    ):
        yield client


async def test_the_message_says_what_was_asked_and_what_came() -> None:
    refusal = plain(400, {"kind": "Status", "code": 400, "reason": "BadRequest", "message": "not so"})
    async with client_of(refusal) as client:
        with pytest.raises(ApiError) as raised:
            await client.get(PODS, "a", namespace="default")
    assert str(raised.value) == "GET /api/v1/namespaces/default/pods/a: 400 BadRequest: not so"


async def test_too_many_requests_say_when_to_come_back() -> None:
    async with client_of(plain(429, {"code": 429, "message": "slow down"}, Retry_After="7")) as client:
        with pytest.raises(TooManyRequests) as raised:
            await client.get(PODS, "a", namespace="default")
    assert raised.value.retry_after_s == 7.0


async def test_too_many_requests_without_a_time_mean_one_second() -> None:
    async with client_of(plain(429, "busy", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")) as client:
        with pytest.raises(TooManyRequests) as raised:
            await client.get(PODS, "a", namespace="default")
    assert raised.value.retry_after_s == 1.0


async def test_a_list_that_is_too_old_is_gone() -> None:
    async with client_of(plain(410, {"code": 410, "reason": "Expired", "message": "too old"})) as client:
        with pytest.raises(Gone):
            await client.list_all(PODS)


async def test_a_proxy_that_answers_in_html_is_a_server_that_is_not_there() -> None:
    async with client_of(plain(502, "<html>Bad Gateway</html>")) as client:
        with pytest.raises(ServerUnavailable, match="Bad Gateway"):
            await client.get(PODS, "a", namespace="default")


async def test_a_success_that_is_no_json_is_a_server_that_is_not_there() -> None:
    async with client_of(plain(200, "<html>Log in first</html>")) as client:
        with pytest.raises(ServerUnavailable, match="no JSON"):
            await client.get(PODS, "a", namespace="default")


async def test_no_connection_is_a_server_that_is_not_there() -> None:
    async with HttpKubernetes(Connection(base_url="http://127.0.0.1:1"), rng=random.Random(1)) as client:
        with pytest.raises(ServerUnavailable, match="Cannot connect"):
            await client.get(PODS, "a", namespace="default")


async def test_no_answer_in_time_is_a_server_that_is_not_there() -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("the event is never set")

    async with client_of(never, timeout_s=0.1) as client:
        with pytest.raises(ServerUnavailable, match="Timeout"):
            await client.get(PODS, "a", namespace="default")


async def test_a_401_has_the_token_read_anew_and_the_request_repeated_once() -> None:
    token = "old"
    reloads = 0

    async def headers() -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    async def reload() -> None:
        nonlocal token, reloads
        token, reloads = "new", reloads + 1

    refused = plain(401, {"code": 401, "reason": "Unauthorized", "message": "who goes there"})
    async with ScriptedServer(refused, listed(1), refused).running() as server:
        connection = Connection(base_url=server.url, headers=headers, reload=reload)
        async with HttpKubernetes(connection, rng=random.Random(1)) as client:
            await client.list_all(PODS)
            assert [request["authorization"] for request in server.requests] == ["Bearer old", "Bearer new"]
            with pytest.raises(Unauthorized, match="who goes there"):
                await client.list_all(PODS)
    assert reloads == 2
