"""Publishing and subscribing, the same on every bus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from galileo_bus.transport import Transport
from galileo_bus.transport.redis_transport import RedisTransport

from tests.bus.hearing import Heard

Connect = Callable[[], Awaitable[Transport]]


async def test_a_message_reaches_everyone_who_subscribed_to_its_channel(connect: Connect) -> None:
    speaker, one, other = await connect(), await connect(), await connect()
    heard_one, heard_other = Heard(), Heard()
    await one.subscribe(heard_one, channels=["galileo/events", "telem/a"])
    await other.subscribe(heard_other, channels=["galileo/events"])
    speaker.publish("telem/a", b"1.0 5")
    speaker.publish("elsewhere", b"not for you")
    speaker.publish("galileo/events", b"1.0 warm-up-over")
    assert await heard_one.at_least(2) == [("telem/a", b"1.0 5"), ("galileo/events", b"1.0 warm-up-over")]
    assert await heard_other.at_least(1) == [("galileo/events", b"1.0 warm-up-over")]


async def test_a_subscription_is_active_when_subscribe_returns(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    for number in range(20):
        subscription = await listener.subscribe(heard, channels=[f"c{number}"])
        speaker.publish(f"c{number}", b"now")
        await heard.at_least(number + 1)
        await subscription.close()


@pytest.mark.parametrize(
    ("pattern", "channel", "matches"),
    [
        ("telem/*", "telem/node-1/cpu", True),
        ("galileo/events*", "galileo/events", True),
        ("galileo/events*", "galileo/events/cluster", True),
        ("telem/?/cpu", "telem/a/cpu", True),
        ("telem/?/cpu", "telem/ab/cpu", False),
        ("telem/[ab]/cpu", "telem/b/cpu", True),
        ("telem/[^ab]/cpu", "telem/b/cpu", False),
        ("telem/[^ab]/cpu", "telem/c/cpu", True),
        (r"telem/\*", "telem/*", True),
        (r"telem/\*", "telem/a", False),
        ("telem", "telem/a", False),
    ],
)
async def test_patterns_mean_what_redis_means_by_them(
    connect: Connect, pattern: str, channel: str, matches: bool
) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, patterns=[pattern], channels=["end"])
    speaker.publish(channel, b"x")
    speaker.publish("end", b"")
    messages = await heard.at_least(2 if matches else 1)
    assert messages == ([(channel, b"x")] if matches else []) + [("end", b"")]


async def test_messages_of_one_speaker_arrive_in_order_whatever_their_channel(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=["a", "b"])
    said = [b"%d" % number for number in range(5000)]
    for number, payload in enumerate(said):
        speaker.publish("ab"[number % 2], payload)
    await heard.at_least(len(said))
    assert heard.payloads == said


async def test_many_messages_given_at_once_keep_their_order_among_the_others(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=["a", "b"])
    speaker.publish("a", b"first")
    speaker.publish_all([("a", b"1"), ("b", b"2"), ("a", b"3")])
    speaker.publish_all([])
    speaker.publish("b", b"last")
    await speaker.flush()
    assert await heard.at_least(5) == [("a", b"first"), ("a", b"1"), ("b", b"2"), ("a", b"3"), ("b", b"last")]


async def test_payloads_are_bytes_and_arrive_unchanged(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=["ü"])
    said = [b"", b"\r\n*3\r\n$4\r\nPING", bytes(range(256)), b"x" * 1_000_000]
    for payload in said:
        speaker.publish("ü", payload)
    assert await heard.at_least(len(said)) == [("ü", payload) for payload in said]


async def test_nothing_is_heard_after_a_subscription_is_closed(connect: Connect) -> None:
    speaker, listener = await connect(), await connect()
    ended, lasting = Heard(), Heard()
    subscription = await listener.subscribe(ended, channels=["c"])
    await listener.subscribe(lasting, channels=["c"])
    speaker.publish("c", b"1")
    await ended.at_least(1)
    await subscription.close()
    speaker.publish("c", b"2")
    await lasting.at_least(2)
    assert ended.payloads == [b"1"]


async def test_a_receiver_that_raises_is_named_in_the_log_and_goes_on_hearing(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()

    def receive(channel: str, payload: bytes) -> None:
        heard(channel, payload)
        raise RuntimeError(f"cannot take {payload!r}")

    await listener.subscribe(receive, channels=["c"])
    speaker.publish("c", b"1")
    speaker.publish("c", b"2")
    await heard.at_least(2)
    assert "cannot take b'1'" in caplog.text
    assert listener.reconnects == 0


async def test_flush_returns_when_the_server_has_everything(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=["c"])
    for _ in range(3000):
        speaker.publish("c", b"x" * 1000)
    await speaker.flush()
    if isinstance(speaker, RedisTransport):  # nothing may be left on our side of the wire
        assert speaker._publisher.link._transport is not None
        speaker._publisher.link._transport.abort()
    assert len(await heard.at_least(3000)) == 3000
    assert speaker.dropped == 0


async def test_closing_sends_what_is_queued(connect: Connect) -> None:
    speaker, listener, heard = await connect(), await connect(), Heard()
    await listener.subscribe(heard, channels=["c"])
    for _ in range(2000):
        speaker.publish("c", b"x" * 1000)
    await speaker.close()
    await heard.at_least(2000)
