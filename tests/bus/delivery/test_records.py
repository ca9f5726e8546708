"""Records: batched, published for watchers, kept until the server has them, appended once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import count

import pytest
from galileo_bus.delivery.record_sender import BATCH_LINES, RecordSender
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_bus.transport import DEFAULT_RETENTION, Fence, Retention, Transport, TransportUnavailableError
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.events import PodCreated
from galileo_schemas.frame import EVENTS_CHANNEL

from tests.bus.delivery.acting import bus_on
from tests.bus.hearing import Heard, until
from tests.servers import RedisServer

Connect = Callable[[], Awaitable[Transport]]
ConnectTo = Callable[[RedisServer], Awaitable[RedisTransport]]
STREAM = "galileo/records/test"


def sender_on(transport: Transport) -> RecordSender:
    numbers = count()
    sender = RecordSender(transport, STREAM, new_id=lambda: f"batch-{next(numbers)}")
    sender.start()
    return sender


async def lines_in(transport: Transport) -> list[bytes]:
    entries = await transport.range(STREAM, count=100_000)
    return [line for entry in entries for line in entry.payload.split(b"\n")]


async def test_records_are_in_the_stream_in_order_and_each_is_published(connect: Connect) -> None:
    transport, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=["c"])
    sender = sender_on(transport)
    said = [b"%d" % number for number in range(1200)]
    for line in said:
        sender.add("c", line)
    await sender.drain()
    assert (sender.kept, sender.sent) == (0, 1200)
    assert await lines_in(listener) == said
    await heard.at_least(1200)
    assert heard.payloads == said
    assert len(await listener.range(STREAM, count=100)) == -(-1200 // BATCH_LINES)
    assert await sender.close(patience_s=1) == 0


async def test_what_is_said_while_sending_is_sent_too(connect: Connect) -> None:
    transport = await connect()
    sender = sender_on(transport)
    for number in range(300):
        sender.add("c", b"%d" % number)
        if number % 50 == 0:
            await asyncio.sleep(0)
    assert await sender.close(patience_s=5) == 0
    assert await lines_in(transport) == [b"%d" % number for number in range(300)]


async def test_an_event_that_is_a_record_goes_to_the_recorders_stream(connect: Connect) -> None:
    transport, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=[EVENTS_CHANNEL])
    bus = bus_on(transport)
    await bus.start()
    await bus.say(PodCreated(pod="p", namespace="default", uid="u"))
    await bus.close()
    (entry,) = await listener.range(EVENT_RECORDS, count=10)
    assert b' pod_created {"meta":{"id":"' in entry.payload
    assert (await heard.at_least(1))[0] == (EVENTS_CHANNEL, entry.payload)


async def test_through_a_kill_and_restart_of_the_server_nothing_is_lost_or_doubled(
    durable_redis: RedisServer, connect_to: ConnectTo, caplog: pytest.LogCaptureFixture
) -> None:
    transport = await connect_to(durable_redis)
    sender = sender_on(transport)
    said = [b"%d" % number for number in range(3000)]

    async def say_all() -> None:
        for number, line in enumerate(said):
            sender.add("c", line)
            if number % 5 == 0:
                await asyncio.sleep(0.001)

    saying = asyncio.create_task(say_all())
    await until(lambda: sender.sent > 200)
    durable_redis.kill()
    await until(lambda: "keeping" in caplog.text, within_s=10)
    await saying
    assert sender.kept > 0
    await asyncio.to_thread(durable_redis.start)
    await asyncio.wait_for(sender.drain(), 10)
    assert await lines_in(transport) == said
    assert caplog.text.count("keeping") == 1
    await sender.close(patience_s=1)


async def test_a_batch_whose_answer_was_lost_is_sent_again_and_appended_once(memory_server: MemoryServer) -> None:
    class Forgetful(MemoryTransport):
        answers_lost = 0

        async def append(
            self,
            stream: str,
            payload: bytes,
            *,
            identity: str,
            publish: Sequence[tuple[str, bytes]] = (),
            retention: Retention = DEFAULT_RETENTION,
            fence: Fence | None = None,
        ) -> bool:
            appended = await super().append(stream, payload, identity=identity, publish=publish, retention=retention)
            if self.answers_lost < 2:
                self.answers_lost += 1
                raise TransportUnavailableError("the answer was lost")
            return appended

    transport = Forgetful(memory_server)
    sender = sender_on(transport)
    sender.add("c", b"1")
    sender.add("c", b"2")
    await asyncio.wait_for(sender.drain(), 5)
    assert await lines_in(transport) == [b"1", b"2"]
    await sender.close(patience_s=1)


@pytest.mark.looptime
async def test_closing_says_how_many_records_the_server_never_took(
    memory_server: MemoryServer, memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    sender = sender_on(memory)
    memory_server.available = False
    for number in range(7):
        sender.add("c", b"%d" % number)
    assert await sender.close(patience_s=3) == 7
    assert "7 records for galileo/records/test were not taken by the server" in caplog.text


async def test_a_fault_of_the_sender_is_reported_at_once(
    memory_server: MemoryServer, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(MemoryTransport):
        async def append(self, stream: str, payload: bytes, **rest: object) -> bool:
            raise LookupError("WRONGTYPE")

    sender = sender_on(Broken(memory_server))
    sender.add("c", b"1")
    await until(lambda: "records galileo/records/test ended: LookupError: WRONGTYPE" in caplog.text)
    await sender.close(patience_s=0.01)
