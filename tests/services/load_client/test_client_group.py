"""A client group's requests, counts and traces, against real servers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from random import Random

import pytest
from galileo_backends.http import Headers, HttpClient, Request, Response, Server, serve
from galileo_schemas.raw.trace_line import Trace
from galileo_services.load_client.client_group import ClientGroup, ClientGroupSettings
from galileo_services.load_client.steady_clock import steady_unix_clock

Handler = Callable[[Request], Awaitable[Response]]


class Bench:
    """A server to send to, and groups that record into `traces`."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.now = steady_unix_clock(steady=time.monotonic, unix=time.time)
        self.traces: list[Trace] = []
        self.requests: list[Request] = []

    async def server(self, handler: Handler | None = None) -> Server:
        server = await serve(handler or self._ok, host="127.0.0.1")
        self._stack.push_async_callback(server.close, 0.1)
        return server

    async def _ok(self, request: Request) -> Response:
        self.requests.append(request)
        return Response(200, Headers([("X-Final-Host", "a:1"), ("x-final-host", "b:2")]), b"cat\n")

    def group(
        self, port: int, *, record: Callable[[Trace], None] | None = None, **settings: float | str | None
    ) -> ClientGroup:
        client = HttpClient(local_address="127.0.0.1")
        self._stack.push_async_callback(client.close)
        known = {"worker": "w-zone-a", "service": "resnet", "number": 2, "host": "127.0.0.1", "port": port}
        return ClientGroup(
            ClientGroupSettings(**{**known, **settings}),  # type: ignore[arg-type]
            client=client,
            record=record or self.traces.append,
            rng=Random(7),
            now=self.now,
        )

    async def run(self, group: ClientGroup, offsets_s: Iterable[float]) -> None:
        await group.run(offsets_s, start=self.now())
        self.check(group)

    def check(self, group: ClientGroup) -> None:
        """What holds for every ended group, whatever happened to it."""
        counts = group.counts
        assert counts.sent == counts.succeeded + counts.failed == len(self.traces)
        assert counts.in_flight == 0
        assert len({trace.request_id for trace in self.traces}) == counts.sent
        for trace in self.traces:
            assert trace.created <= trace.sent <= trace.done
            answered = trace.status != -1
            assert (trace.server is not None, trace.headers is not None, trace.response is not None) == (answered,) * 3


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        yield Bench(stack)


async def never(request: Request) -> Response:
    await asyncio.Event().wait()
    return Response(200)


async def test_a_request_asks_for_its_function_and_is_traced_with_all_that_is_known(bench: Bench) -> None:
    server = await bench.server()
    group = bench.group(server.port, exp_id="exp-1")
    await bench.run(group, [0.0])
    (request,) = bench.requests
    assert (request.method, request.target, request.body) == ("POST", "/function/resnet", b"{}")
    assert request.headers.get("Content-Type") == "application/json"
    (trace,) = bench.traces
    assert (trace.client, trace.service, trace.exp_id) == ("w-zone-a:resnet:2", "resnet", "exp-1")
    assert (trace.status, trace.server, trace.response) == (200, f"127.0.0.1:{server.port}", "cat\n")
    assert trace.header("X-Final-Host") == "a:1, b:2"
    assert trace.request_id == f"{Random(7).getrandbits(40):010x}:1"


async def test_requests_are_created_at_their_due_times_whenever_they_are_sent(bench: Bench) -> None:
    server = await bench.server()
    group = bench.group(server.port)
    start = bench.now() - 0.05  # the first ones are late already
    offsets_s = [0.01 * number for number in range(12)]
    await group.run(offsets_s, start=start)
    bench.check(group)
    assert sorted(trace.created for trace in bench.traces) == [start + offset_s for offset_s in offsets_s]


async def test_slow_answers_do_not_slow_the_schedule_down(bench: Bench) -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.2)
        return Response(200)

    group = bench.group((await bench.server(slow)).port)
    await bench.run(group, [0.01 * number for number in range(10)])
    assert group.counts.succeeded == 10
    assert max(trace.sent - trace.created for trace in bench.traces) < 0.15


async def test_an_answer_outside_200_to_299_counts_as_failed_and_is_traced_with_its_status(bench: Bench) -> None:
    async def overloaded(request: Request) -> Response:
        return Response(503, body=b"no replica")

    group = bench.group((await bench.server(overloaded)).port)
    await bench.run(group, [0.0, 0.0])
    assert group.counts.failed_by_reason == {"status 503": 2}
    assert [(trace.status, trace.response) for trace in bench.traces] == [(503, "no replica")] * 2


async def test_when_the_backend_dies_midway_every_request_is_still_accounted_for(bench: Bench) -> None:
    answered = 0
    enough = asyncio.Event()

    async def answers_ten(request: Request) -> Response:
        nonlocal answered
        answered += 1
        if answered > 10:
            enough.set()
            return await never(request)
        return Response(200)

    server = await bench.server(answers_ten)
    group = bench.group(server.port)
    running = asyncio.create_task(bench.run(group, [0.004 * number for number in range(60)]))
    await enough.wait()
    await server.close(grace_s=0)
    await running
    reasons = group.counts.failed_by_reason
    assert group.counts.sent == 60
    assert group.counts.succeeded == 10
    assert reasons["connection_lost"] >= 1
    assert reasons["connect_failed"] >= 1
    assert reasons.total() == 50


async def test_a_request_without_answer_in_its_time_has_failed(bench: Bench) -> None:
    group = bench.group((await bench.server(never)).port, timeout_s=0.05)
    await bench.run(group, [0.0])
    assert group.counts.failed_by_reason == {"timed_out": 1}
    assert bench.traces[0].status == -1


async def test_an_answer_that_is_not_http_has_failed(bench: Bench) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"what?\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(nonsense, "127.0.0.1", 0) as server:
        group = bench.group(server.sockets[0].getsockname()[1])
        await bench.run(group, [0.0])
    assert group.counts.failed_by_reason == {"bad_response": 1}


async def test_requests_beyond_the_limit_in_flight_fail_at_once_and_are_not_sent_later(bench: Bench) -> None:
    async def slow(request: Request) -> Response:
        bench.requests.append(request)
        await asyncio.sleep(0.05)
        return Response(200)

    group = bench.group((await bench.server(slow)).port, max_in_flight=3)
    await bench.run(group, [0.0] * 200)
    assert group.counts.failed_by_reason == {"too_many_in_flight": 197}
    assert len(bench.requests) == group.counts.succeeded == 3


async def test_stopping_sends_nothing_more_and_waits_for_what_is_in_flight(bench: Bench) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def waits(request: Request) -> Response:
        arrived.set()
        await go_on.wait()
        return Response(200)

    group = bench.group((await bench.server(waits)).port)
    running = asyncio.create_task(bench.run(group, [0.0, 3600.0]))
    await arrived.wait()
    stopping = asyncio.create_task(group.stop(grace_s=5))
    await asyncio.sleep(0)
    go_on.set()
    await stopping
    await running
    assert (group.counts.sent, group.counts.succeeded) == (1, 1)


async def test_what_is_still_in_flight_after_the_grace_has_failed(bench: Bench) -> None:
    arrived = asyncio.Event()

    async def waits(request: Request) -> Response:
        arrived.set()
        return await never(request)

    group = bench.group((await bench.server(waits)).port)
    running = asyncio.create_task(bench.run(group, [0.0, 0.0, 3600.0]))
    await arrived.wait()
    await group.stop(grace_s=0.02)
    await running
    assert group.counts.failed_by_reason == {"stopped": 2}


async def test_a_cancelled_run_accounts_for_what_was_in_flight(bench: Bench) -> None:
    arrived = asyncio.Event()

    async def waits(request: Request) -> Response:
        arrived.set()
        return await never(request)

    group = bench.group((await bench.server(waits)).port)
    running = asyncio.create_task(group.run([0.0, 3600.0], start=bench.now()))
    await arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    bench.check(group)
    assert group.counts.failed_by_reason == {"stopped": 1}


async def test_a_recorder_that_fails_ends_the_run_with_its_error(bench: Bench) -> None:
    def full(trace: Trace) -> None:
        raise OSError("no space left")

    group = bench.group((await bench.server()).port, record=full)
    with pytest.raises(OSError, match="no space left"):
        await group.run([0.0, 3600.0], start=bench.now())
    assert group.counts.sent == 1


async def test_a_long_answer_is_traced_up_to_the_limit(bench: Bench) -> None:
    group = bench.group((await bench.server()).port, response_limit=2)
    await bench.run(group, [0.0])
    assert bench.traces[0].response == "ca"


def test_a_clock_that_is_set_back_does_not_turn_time_around() -> None:
    unix = iter([1000.0, 5.0, 5.0])
    steady = iter([10.0, 11.0, 12.5])
    now = steady_unix_clock(steady=lambda: next(steady), unix=lambda: next(unix))
    assert [now(), now()] == [1001.0, 1002.5]
