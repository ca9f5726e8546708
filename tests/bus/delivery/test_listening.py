"""Hearing events: typed, in order, bounded, and with the lost ones counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from galileo_bus.transport.memory import MemoryTransport
from galileo_schemas.event import Event
from galileo_schemas.events import ApiPressure, CpuUsagePressure, Resync
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame, join_frame
from galileo_schemas.registry import encode_frame

from tests.bus.delivery.acting import bus_on
from tests.bus.hearing import until

pytestmark = pytest.mark.looptime


def pressure(value: float) -> ApiPressure:
    return ApiPressure(node="n", zone="z", value=value)


class Values:
    """A handler that keeps the pressures it is given."""

    def __init__(self, act: Callable[[float], Awaitable[None]] | None = None) -> None:
        self.values: list[float] = []
        self.frames: list[RawFrame] = []
        self._act = act

    async def __call__(self, event: Event, frame: RawFrame) -> None:
        assert isinstance(event, ApiPressure)
        self.values.append(event.value)
        self.frames.append(frame)
        if self._act is not None:
            await self._act(event.value)


async def test_events_reach_the_handlers_of_their_type_in_order(memory: MemoryTransport) -> None:
    speaker, listener, values = bus_on(memory, "speaker"), bus_on(memory, "listener"), Values()
    listener.listen(ApiPressure, values)
    await listener.start()
    for value in range(100):
        await speaker.say(pressure(float(value)))
        await speaker.say(Resync())
    await until(lambda: len(values.values) == 100)
    assert values.values == [float(value) for value in range(100)]
    assert values.frames[0].name == "api_pressure"
    assert listener.heard == {"api_pressure": 100}
    await listener.close()


async def test_a_handler_that_raises_is_named_and_neither_stops_the_others_nor_itself(
    memory: MemoryTransport, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(value: float) -> None:
        raise ZeroDivisionError(f"cannot take {value}")

    speaker, listener, failing, other = bus_on(memory, "speaker"), bus_on(memory, "listener"), Values(fail), Values()
    listener.listen(ApiPressure, failing)
    listener.listen(ApiPressure, other)
    await listener.start()
    await speaker.say(pressure(1))
    await speaker.say(pressure(2))
    await until(lambda: other.values == [1.0, 2.0])
    assert failing.values == [1.0, 2.0]
    assert "listener: the handler of api_pressure failed" in caplog.text
    assert "cannot take 1.0" in caplog.text
    await listener.close()


async def test_a_slow_handler_loses_the_oldest_and_the_loss_is_counted(memory: MemoryTransport) -> None:
    go_on = asyncio.Event()

    async def wait(_value: float) -> None:
        await go_on.wait()

    speaker, values = bus_on(memory, "speaker"), Values(wait)
    listener = bus_on(memory, "listener")
    listener.inbox._queue_limit = 10
    listener.listen(ApiPressure, values)
    await listener.start()
    await speaker.say(pressure(0))
    await until(lambda: values.values == [0.0])
    for value in range(1, 31):
        await speaker.say(pressure(float(value)))
    go_on.set()
    await until(lambda: values.values[-1] == 30.0)
    assert values.values == [0.0] + [float(value) for value in range(21, 31)]
    assert listener.inbox.queue_dropped == 20
    assert listener.losses.lost == 20
    await listener.close()


async def test_observations_lost_on_the_way_are_counted_from_their_running_numbers(memory: MemoryTransport) -> None:
    speaker, listener, values = bus_on(memory, "speaker"), bus_on(memory, "listener"), Values()
    listener.listen(ApiPressure, values)
    await listener.start()
    await speaker.say(pressure(1))
    memory._server.available = False
    for _ in range(3):
        await speaker.say(pressure(0))
    memory._server.available = True
    await speaker.say(pressure(2))
    await until(lambda: len(values.values) == 2)
    assert listener.losses.lost == 3
    await listener.close()


async def test_a_lost_tail_shows_with_the_next_heartbeat_even_when_nothing_was_heard_before(
    memory: MemoryTransport,
) -> None:
    speaker, listener, values = bus_on(memory, "speaker"), bus_on(memory, "listener"), Values()
    listener.listen(ApiPressure, values)
    await speaker.start()
    await listener.start()
    memory._server.available = False
    await speaker.say(pressure(0))
    memory._server.available = True
    await asyncio.sleep(1.5)
    assert listener.losses.lost == 0, "what was said before the first thing heard is nobody's loss"
    memory._server.available = False
    await speaker.say(pressure(0))
    await speaker.say(pressure(0))
    memory._server.available = True
    await asyncio.sleep(1.0)
    assert listener.losses.lost == 2
    await asyncio.sleep(5.0)
    assert listener.losses.lost == 2
    await speaker.close()
    await listener.close()


async def test_what_nobody_here_listens_to_is_no_loss(memory: MemoryTransport) -> None:
    speaker, listener, values = bus_on(memory, "speaker"), bus_on(memory, "listener"), Values()
    listener.listen(ApiPressure, values)
    await speaker.start()
    await listener.start()
    for _ in range(3):
        await speaker.say(CpuUsagePressure(fn="f", running_pods=1, cpu_mean=1, zone="z"))
        await asyncio.sleep(1.5)
    assert listener.losses.lost == 0
    await speaker.close()
    await listener.close()


async def test_a_frame_that_a_person_wrote_is_heard_like_any_other(memory: MemoryTransport) -> None:
    listener, values = bus_on(memory, "listener"), Values()
    listener.listen(ApiPressure, values)
    await listener.start()
    memory.publish(EVENTS_CHANNEL, b'1700000000 api_pressure {"node": "n", "zone": "z", "value": 3, "extra": [1]}')
    memory.publish(EVENTS_CHANNEL, b'1700000000 api_pressure {"node": "n", "zone": "z", "mean": 4}')
    await until(lambda: values.values == [3.0, 4.0])
    await listener.close()


async def test_nothing_is_handed_out_after_listening_stopped_and_speaking_still_works(memory: MemoryTransport) -> None:
    listener, values = bus_on(memory, "listener"), Values()
    listener.listen(ApiPressure, values)
    await listener.start()
    await listener.stop_listening()
    memory.publish(EVENTS_CHANNEL, encode_frame(1.0, pressure(1)))
    await asyncio.sleep(1.0)
    assert values.values == []
    await listener.say(pressure(2))
    assert listener.said == {"api_pressure": 1}
    await listener.close()


async def test_a_bus_that_hears_nothing_still_says_heartbeats(memory: MemoryTransport) -> None:
    heard: list[bytes] = []
    await memory.subscribe(lambda _channel, payload: heard.append(payload), channels=[f"{EVENTS_CHANNEL}/runtime"])
    speaker = bus_on(memory, "speaker")
    await speaker.start()
    await asyncio.sleep(3.5)
    assert heard == [], "there is nothing to tell yet"
    await speaker.say(pressure(1))
    await asyncio.sleep(2.0)
    assert [b'"last":{"api_pressure":1}' in payload for payload in heard] == [True, True]
    await speaker.close()


def test_a_user_event_is_a_frame_like_any_other() -> None:
    assert join_frame(1.5, "warm-up-over") == b"1.500000 warm-up-over"
