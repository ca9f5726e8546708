"""What a watch outlives, and from where it goes on: an API server that misbehaves on purpose."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress

import pytest
from aiohttp import web
from galileo_backends.kubernetes import PODS, Connection, Forbidden, HttpKubernetes, ListSnapshot, NotFound, WatchEvent
from galileo_backends.kubernetes.watching import WatchSettings

from .scripted import Answer, ScriptedServer, added, bookmark, error_line, listed, plain, watched

Watch = AsyncGenerator[ListSnapshot | WatchEvent, None]
UNAVAILABLE = plain(500, {"kind": "Status", "code": 500, "message": "etcd is away"})


@asynccontextmanager
async def watching(*script: Answer) -> AsyncIterator[tuple[Watch, ScriptedServer]]:
    async with (
        ScriptedServer(*script).running() as server,
        HttpKubernetes(
            Connection(base_url=server.url),
            rng=random.Random(1),
            watch=WatchSettings(server_timeout_s=60, inactivity_s=0.3),
        ) as client,
        aclosing(client.list_and_watch(PODS)) as watch,
    ):
        yield watch, server


async def told(watch: Watch, count: int) -> list[str]:
    """The next so many messages: the name of an added pod, or the names of a list in brackets."""
    seen = []
    async with asyncio.timeout(10):
        for _ in range(count):
            message = await anext(watch)
            if isinstance(message, ListSnapshot):
                seen.append(f"[{' '.join(item['metadata']['name'] for item in message.items)}]")
            else:
                seen.append(message.object["metadata"]["name"])
    return seen


SILENT = watched(then="silent")


async def test_a_stream_that_ends_is_resumed_from_the_last_event() -> None:
    async with watching(listed(10, "a"), watched(added("b", 11)), watched(added("c", 12)), SILENT) as (watch, server):
        assert await told(watch, 3) == ["[a]", "b", "c"]
        assert server.watched_from == ["10", "11"]
        assert server.lists == 1


async def test_a_bookmark_moves_the_position_and_is_not_told() -> None:
    ended = watched(added("b", 11), bookmark(50))
    async with watching(listed(10), ended, watched(added("c", 51)), SILENT) as (watch, server):
        assert await told(watch, 3) == ["[]", "b", "c"]
        assert server.watched_from == ["10", "50"]


async def test_the_server_is_asked_for_bookmarks_and_an_end() -> None:
    async with watching(listed(10), watched(added("b", 11)), SILENT) as (watch, server):
        await told(watch, 2)
        assert server.requests[1]["allowWatchBookmarks"] == "true"
        assert 60 <= int(server.requests[1]["timeoutSeconds"]) <= 75


async def test_a_stream_that_is_cut_in_the_middle_of_a_line_loses_nothing() -> None:
    cut = watched(added("b", 11), added("c", 12)[:20], then="cut")
    async with watching(listed(10), cut, watched(added("c", 12)), SILENT) as (watch, server):
        assert await told(watch, 3) == ["[]", "b", "c"]
        assert server.watched_from == ["10", "11"]


async def test_a_line_of_a_megabyte_in_many_pieces_is_one_event() -> None:
    line = added("b" * 1_000_000, 11)
    pieces = [line[start : start + 50_000] for start in range(0, len(line), 50_000)]
    async with watching(listed(10), watched(*pieces, then="silent")) as (watch, _):
        assert (await told(watch, 2))[1] == "b" * 1_000_000


async def test_a_past_that_is_gone_by_http_status_is_listed_again() -> None:
    gone = plain(410, {"kind": "Status", "code": 410, "reason": "Expired"})
    async with watching(listed(10, "a"), gone, listed(90, "b"), watched(added("c", 91)), SILENT) as (watch, server):
        assert await told(watch, 3) == ["[a]", "[b]", "c"]
        assert server.watched_from == ["10", "90"]


async def test_a_past_that_is_gone_by_a_message_in_the_stream_is_listed_again() -> None:
    gone = watched(error_line(410, "Expired"))
    async with watching(listed(10, "a"), gone, listed(90, "b"), watched(added("c", 91)), SILENT) as (watch, server):
        assert await told(watch, 3) == ["[a]", "[b]", "c"]
        assert server.watched_from == ["10", "90"]


async def test_a_server_that_is_behind_what_was_seen_is_listed_again() -> None:
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    behind = plain(504, {"kind": "Status", "code": 504, "reason": "Timeout", "details": {"causes": causes}})
    async with watching(listed(10, "a"), behind, listed(5, "b"), SILENT) as (watch, _):
        assert await told(watch, 2) == ["[a]", "[b]"]


async def test_a_stream_that_falls_silent_is_opened_anew_where_it_was() -> None:
    silent = watched(added("b", 11), then="silent")
    async with watching(listed(10), silent, watched(added("c", 12), then="silent")) as (watch, server):
        assert await told(watch, 3) == ["[]", "b", "c"]
        assert server.watched_from == ["10", "11"]


async def test_a_line_that_is_no_json_is_not_believed_and_not_skipped(caplog: pytest.LogCaptureFixture) -> None:
    garbage = watched(added("b", 11), b'{"type": "ADDED", "obj\n', added("d", 13))
    async with watching(listed(10), garbage, watched(added("c", 12)), SILENT) as (watch, server):
        assert await told(watch, 3) == ["[]", "b", "c"]
        assert server.watched_from == ["10", "11"]
    assert "a line that is no JSON" in caplog.text


@pytest.mark.parametrize("line", [b"[]\n", b'{"type": "ADDED"}\n', b'{"type": "NEWS", "object": {}}\n'])
async def test_a_message_of_an_unknown_form_is_not_believed(line: bytes) -> None:
    async with watching(listed(10), watched(line), watched(added("b", 11)), SILENT) as (watch, _):
        assert await told(watch, 2) == ["[]", "b"]


async def test_a_server_that_is_away_at_first_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    async with watching(UNAVAILABLE, UNAVAILABLE, listed(10, "a"), SILENT) as (watch, _):
        assert await told(watch, 1) == ["[a]"]
    assert [record.levelname for record in caplog.records if "etcd is away" in record.message] == ["WARNING"]


async def test_an_error_in_the_stream_that_may_pass_is_survived() -> None:
    broken = watched(error_line(500, "InternalError"))
    async with watching(listed(10, "a"), broken, watched(added("b", 11)), SILENT) as (watch, _):
        assert await told(watch, 2) == ["[a]", "b"]


async def test_too_many_requests_are_answered_with_the_wait_that_was_asked_for() -> None:
    busy = plain(429, {"kind": "Status", "code": 429, "reason": "TooManyRequests"}, Retry_After="1")
    async with watching(listed(10), busy, watched(added("b", 11)), SILENT) as (watch, _):
        await told(watch, 1)
        began_s = asyncio.get_running_loop().time()
        assert await told(watch, 1) == ["b"]
        assert asyncio.get_running_loop().time() - began_s >= 1.0


@pytest.mark.parametrize(
    "refusal",
    [
        watched(),
        watched(error_line(410, "Expired")),
        plain(410, {"code": 410, "reason": "Expired", "metadata": {"resourceVersion": "1"}, "items": []}),
        UNAVAILABLE,
        watched(b"garbage\n"),
    ],
    ids=["closed at once", "410 in the stream", "410", "500", "garbage"],
)
async def test_a_server_that_ends_every_stream_at_once_is_not_asked_without_pause(refusal: Answer) -> None:
    async def list_or_refuse(request: web.Request) -> web.StreamResponse:
        return await (refusal if "watch" in request.query else listed(10))(request)

    async with watching(list_or_refuse) as (watch, server):
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                async for message in watch:
                    assert isinstance(message, ListSnapshot)
    assert 2 <= len(server.watched_from) <= 6


@pytest.mark.parametrize(("status", "reason", "kind"), [(403, "Forbidden", Forbidden), (404, "NotFound", NotFound)])
async def test_what_waiting_cannot_change_is_raised(status: int, reason: str, kind: type[Exception]) -> None:
    refused = plain(status, {"kind": "Status", "code": status, "reason": reason, "message": "no"})
    async with watching(refused) as (watch, _):
        with pytest.raises(kind, match="no"):
            await anext(watch)
