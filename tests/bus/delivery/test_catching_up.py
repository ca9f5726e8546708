"""A listener whose subscription was interrupted sees the decisions and records that it missed, each once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from galileo_bus.bus import Bus
from galileo_bus.delivery.catch_up import CatchUp
from galileo_bus.transport import TransportUnavailableError
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, PodCreated, ScaleSchedule
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame, split_frame
from galileo_schemas.registry import encode_frame, kind_of

from tests.bus.delivery.acting import bus_on, decision, unix_now
from tests.bus.hearing import until

pytestmark = pytest.mark.looptime


class Interruptible(MemoryTransport):
    """A way to the bus whose subscriptions can be cut off and made again."""

    def __init__(self, server: MemoryServer) -> None:
        super().__init__(server)
        self.deaf = False
        self.unreadable: Exception | None = None
        self._told: dict[str, Any] = {}

    async def subscribe(self, receive: Any, **rest: Any) -> Any:
        self._told = {name: rest.pop(name) for name in ("interrupted", "resumed")}
        return await super().subscribe(lambda *heard: None if self.deaf else receive(*heard), **rest)

    async def recent(self, stream: str, *, within_s: float) -> Any:
        if self.unreadable is not None:
            raise self.unreadable
        return await super().recent(stream, within_s=within_s)

    def interrupt(self) -> None:
        self.deaf = True
        self._told["interrupted"](asyncio.get_running_loop().time())

    def resume(self) -> None:
        self.deaf = False
        self._told["resumed"]()


class Seen:
    def __init__(self) -> None:
        self.names: list[str] = []

    async def __call__(self, event: Event, _frame: RawFrame) -> None:
        match event:
            case ScaleSchedule():
                self.names.append(event.pod_creation_request.pod_name)
            case PodCreated():
                self.names.append(event.pod)
            case ApiPressure():
                self.names.append(f"{event.value:.0f}")


@pytest.fixture
def way(memory_server: MemoryServer) -> Interruptible:
    return Interruptible(memory_server)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
async def listener(way: Interruptible, seen: Seen) -> Any:
    listener = bus_on(way, "listener")
    for kind in (ScaleSchedule, PodCreated, ApiPressure):
        listener.listen(kind, seen)
    await listener.start()
    yield listener
    await listener.close()


@pytest.fixture
async def speaker(memory: MemoryTransport) -> Any:
    speaker = bus_on(memory, "speaker")
    await speaker.start()
    yield speaker
    await speaker.close()


async def created(speaker: Bus, pod: str) -> None:
    await speaker.say(PodCreated(pod=pod, namespace="n", uid="u"))
    await speaker.records.drain()


async def test_missed_decisions_and_records_are_seen_once_and_in_order(
    way: Interruptible, seen: Seen, listener: Bus, speaker: Bus
) -> None:
    await speaker.say(decision("before"))
    await created(speaker, "record before")
    await until(lambda: len(seen.names) == 2)
    way.interrupt()
    for number in range(3):
        await speaker.say(decision(f"missed {number}"))
        await created(speaker, f"record missed {number}")
    way.resume()
    await speaker.say(decision("after"))
    await created(speaker, "record after")
    await until(lambda: len(seen.names) == 10)
    assert [name for name in seen.names if "record" not in name] == ["before", *_missed(""), "after"]
    assert [name for name in seen.names if "record" in name] == ["record before", *_missed("record "), "record after"]
    assert listener.inbox.caught_up == 6
    assert listener.inbox.interruptions == 1


def _missed(before: str) -> Iterator[str]:
    return (f"{before}missed {number}" for number in range(3))


async def test_what_is_heard_while_the_streams_are_read_waits_for_its_turn(
    way: Interruptible, seen: Seen, listener: Bus, speaker: Bus
) -> None:
    way.interrupt()
    await speaker.say(decision("missed"))
    way.unreadable = TransportUnavailableError("away")
    way.resume()
    await speaker.say(decision("heard meanwhile"))
    await speaker.say(ApiPressure(node="n", zone="z", value=7))
    await asyncio.sleep(1.0)
    assert seen.names == ["7"], "observations do not wait"
    way.unreadable = None
    await until(lambda: len(seen.names) == 3)
    assert seen.names[1:] == ["missed", "heard meanwhile"]


async def test_a_second_interruption_while_catching_up_begins_where_the_first_did(
    way: Interruptible, seen: Seen, listener: Bus, speaker: Bus
) -> None:
    way.interrupt()
    await speaker.say(decision("missed first"))
    way.unreadable = TransportUnavailableError("away")
    way.resume()
    await asyncio.sleep(5.0)
    way.interrupt()
    await speaker.say(decision("missed second"))
    way.unreadable = None
    await asyncio.sleep(5.0)
    assert seen.names == [], "nothing before the subscription is active, or something could still be missed"
    way.resume()
    await until(lambda: len(seen.names) == 2)
    assert seen.names == ["missed first", "missed second"]


async def test_a_message_that_takes_longer_than_the_reading_of_its_stream_is_not_seen_twice(
    way: Interruptible, seen: Seen, listener: Bus, speaker: Bus, memory: MemoryTransport
) -> None:
    way.interrupt()
    await speaker.say(decision("late"))
    way.resume()
    await until(lambda: seen.names == ["late"])
    (entry,) = await memory.range("galileo/journal/scale_schedule", count=9)
    memory.publish(EVENTS_CHANNEL, entry.payload)
    await speaker.say(decision("next"))
    await until(lambda: len(seen.names) == 2)
    assert seen.names == ["late", "next"]


async def test_what_was_said_before_it_listened_is_not_caught_up_behind_what_it_heard(
    way: Interruptible, memory: MemoryTransport, seen: Seen, speaker: Bus
) -> None:
    await speaker.say(decision("before its time"))
    listener = bus_on(way, "listener")
    listener.listen(ScaleSchedule, seen)
    await listener.start()
    await speaker.say(decision("heard"))
    way.interrupt()
    await speaker.say(decision("missed"))
    way.resume()
    await until(lambda: len(seen.names) >= 2)
    await listener.close()
    assert seen.names == ["heard", "missed"]


async def test_an_adopted_decision_that_was_heard_is_not_seen_again_from_the_journal(
    way: Interruptible, seen: Seen, listener: Bus, speaker: Bus, memory: MemoryTransport
) -> None:
    memory.publish(EVENTS_CHANNEL, encode_frame(unix_now(), decision("by hand")))
    await until(lambda: listener.adopted == 1)
    way.interrupt()
    await speaker.say(decision("missed"))
    way.resume()
    await until(lambda: "missed" in seen.names)
    assert seen.names == ["by hand", "missed"]


async def test_who_may_not_read_the_streams_goes_on_without_and_says_so(
    way: Interruptible, seen: Seen, listener: Bus, speaker: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    way.interrupt()
    await speaker.say(decision("missed"))
    way.unreadable = PermissionError("NOPERM")
    way.resume()
    await speaker.say(decision("after"))
    await until(lambda: seen.names == ["after"])
    assert "listener: what was missed cannot be read: PermissionError: NOPERM" in caplog.text


async def test_what_waits_is_bounded_and_the_dropped_are_counted(memory: MemoryTransport) -> None:
    handed: list[bytes] = []
    catch_up = CatchUp(memory, kinds=[], hand_out=lambda *heard: handed.append(heard[1]), most_held=3, name="x")
    catch_up.interrupted(0.0)
    for number in range(5):
        payload = b'1.0 scale_schedule {"meta":{"id":"%d"}}' % number
        assert not catch_up.passes(EVENTS_CHANNEL, payload, split_frame(payload), kind_of(ScaleSchedule))
    assert catch_up.dropped == 2
    catch_up.resumed()
    running = asyncio.create_task(catch_up.run())
    await until(lambda: len(handed) == 3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
