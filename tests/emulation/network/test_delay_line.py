"""One direction of a relay, in virtual time."""

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from galileo_emulation.network.delay_line import HIGH_WATER_BYTES, DelayLine

pytestmark = pytest.mark.looptime


class End:
    """One side of the line: writes down what it is told, and when."""

    def __init__(self) -> None:
        self.said: list[tuple[float, object]] = []

    def write(self, data: bytes) -> None:
        self._note(data)

    def write_eof(self) -> None:
        self._note("eof")

    def pause_reading(self) -> None:
        self._note("pause")

    def resume_reading(self) -> None:
        self._note("resume")

    def is_closing(self) -> bool:
        return False

    def _note(self, what: object) -> None:
        self.said.append((round(asyncio.get_running_loop().time(), 3), what))

    @property
    def transport(self) -> asyncio.Transport:
        return cast(asyncio.Transport, self)


def line(source: End, delay_s: Callable[[], float]) -> DelayLine:
    made = DelayLine(delay_s=delay_s, ended=lambda: source.said.append((-1.0, "ended")))
    made.begin(source.transport)
    return made


async def test_bytes_arrive_in_order_each_after_its_delay() -> None:
    source, target = End(), End()
    delayed = line(source, lambda: 0.1)
    delayed.attach(target.transport)
    delayed.feed(b"a")
    await asyncio.sleep(0.05)
    delayed.feed(b"b")
    delayed.feed_end()
    await asyncio.sleep(1)
    assert target.said == [(0.1, b"a"), (0.15, b"b"), (0.15, "eof")]
    assert source.said == [(-1.0, "ended")]


async def test_without_delay_bytes_arrive_at_once() -> None:
    source, target = End(), End()
    delayed = line(source, lambda: 0.0)
    delayed.attach(target.transport)
    delayed.feed(b"a")
    assert target.said == [(0.0, b"a")]


async def test_a_shorter_delay_never_lets_bytes_overtake() -> None:
    source, target = End(), End()
    delays = iter([0.3, 0.1])
    delayed = line(source, lambda: next(delays))
    delayed.attach(target.transport)
    delayed.feed(b"slow")
    delayed.feed(b"fast")
    await asyncio.sleep(1)
    assert target.said == [(0.3, b"slowfast")]


async def test_bytes_wait_for_a_target_that_comes_later() -> None:
    source, target = End(), End()
    delayed = line(source, lambda: 0.1)
    delayed.feed(b"a")
    await asyncio.sleep(0.5)
    delayed.attach(target.transport)
    assert target.said == [(0.5, b"a")]


async def test_a_full_target_stops_the_line_and_a_full_line_stops_the_source() -> None:
    source, target = End(), End()
    delayed = line(source, lambda: 0.1)
    delayed.attach(target.transport)
    delayed.hold(full=True)
    delayed.feed(b"x" * (HIGH_WATER_BYTES + 1))
    await asyncio.sleep(0.5)
    assert target.said == []
    delayed.hold(full=False)
    assert [at for at, _ in target.said] == [0.5]
    assert source.said == [(0.0, "pause"), (0.5, "resume")]
