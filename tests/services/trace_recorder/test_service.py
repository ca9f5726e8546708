"""What the trace recorder writes, what it says of it, and what becomes of traces while the database is away."""

from __future__ import annotations

import asyncio

import pytest
from galileo_backends.database.errors import DatabaseError
from galileo_bus.delivery.streams import DEAD_LETTERS
from galileo_schemas.events import InputRejected, TraceWindow
from galileo_schemas.raw.trace_line import TRACES_CHANNEL, TRACES_STREAM
from galileo_services.trace_recorder.service import TraceRecorder

from tests.services.harness import UNIX_START, House, logged_by, until

pytestmark = pytest.mark.looptime

RECORDING = {"galileo_experiment_id": "exp-1"}


def line(request: str, *, rtt_s: float = 0.02, status: int = 200) -> bytes:
    times = f"{UNIX_START},{UNIX_START},{UNIX_START + rtt_s}"
    return f"{request},worker-1:resnet:1,resnet,{times},{status},node-1,exp-1,None,None".encode()


async def recorded(house: House) -> list[str]:
    return sorted(row.request_id for row in await house.database.traces("exp-1"))


def counted(house: House) -> int:
    return sum(row.count for window in house.said.of(TraceWindow) for row in window.rows)


async def backlog(house: House) -> int:
    return await house.transport.backlog(TRACES_STREAM, group="trace_recorder")


async def test_a_batch_of_the_stream_is_recorded_counted_and_acknowledged(house: House) -> None:
    async with house.living(TraceRecorder, **RECORDING) as recorder:
        await house.append(TRACES_STREAM, b"\n".join([line("r1"), line("r2", status=500)]))
        await house.append(TRACES_STREAM, line("r3"))
        await asyncio.sleep(2.5)
        assert recorder.figures() == {"recorded": 3.0, "not_recorded": 0.0}
        assert await backlog(house) == 0
    assert await recorded(house) == ["r1", "r2", "r3"]
    rows = [row for window in house.said.of(TraceWindow) for row in window.rows]
    assert [(row.fn, row.client, row.count, row.failed) for row in rows] == [("resnet", "worker-1", 3, 1)]


async def test_a_window_is_said_each_second_even_when_nobody_asked(house: House) -> None:
    async with house.living(TraceRecorder, trace_recorder_window="1"):
        await asyncio.sleep(5.5)
    windows = house.said.of(TraceWindow)
    assert [window.rows for window in windows] == [[]] * 5
    assert [later.start for later in windows[1:]] == [window.end for window in windows[:-1]], "without a gap"


async def test_while_the_database_is_away_nothing_is_lost_and_no_window_tells_of_silence(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.living(TraceRecorder, **RECORDING) as recorder:
        await asyncio.sleep(1.5)
        house.database.trouble = DatabaseError("/data/x.sqlite: disk full")
        await house.append(TRACES_STREAM, line("r1"))
        await asyncio.sleep(1.0)
        windows = len(house.said.of(TraceWindow))
        await house.append(TRACES_STREAM, line("r2"))
        house.publish(TRACES_CHANNEL, line("r3"))
        await asyncio.sleep(20.0)
        assert recorder.ready() == "/data/x.sqlite: disk full"
        assert len(house.said.of(TraceWindow)) == windows
        assert await backlog(house) == 2
        house.database.trouble = None
        await asyncio.sleep(5.0)
        assert recorder.ready() is None
        assert await backlog(house) == 0
    assert await recorded(house) == ["r1", "r2", "r3"]
    assert counted(house) == 3
    assert sum("traces are kept until they can be recorded" in record.getMessage() for record in caplog.records) == 1


async def test_a_write_whose_answer_was_lost_is_recorded_and_counted_once(house: House) -> None:
    house.database.lose_answers = 1
    async with house.living(TraceRecorder, **RECORDING):
        await house.append(TRACES_STREAM, line("r1"))
        await asyncio.sleep(5.0)
    assert await recorded(house) == ["r1"]
    assert counted(house) == 1


async def test_what_one_recorder_could_not_acknowledge_the_next_one_records(house: House) -> None:
    house.database.trouble = DatabaseError("disk full")
    async with house.living(TraceRecorder, **RECORDING):
        await house.append(TRACES_STREAM, line("r1"))
        await asyncio.sleep(2.0)
    house.database.trouble = None
    async with house.living(TraceRecorder, **RECORDING):
        await asyncio.sleep(10.0)
        assert await backlog(house) == 0
    assert await recorded(house) == ["r1"]


async def test_lines_that_others_merely_publish_are_recorded_once(house: House) -> None:
    async with house.living(TraceRecorder, **RECORDING):
        for _ in range(2):
            house.publish(TRACES_CHANNEL, line("r1"))
        await asyncio.sleep(4.0)
    assert await recorded(house) == ["r1"]
    assert counted(house) == 1


async def test_our_own_lines_which_come_both_ways_are_recorded_once_however_late_the_stream(house: House) -> None:
    async with house.living(TraceRecorder, **RECORDING):
        house.publish(TRACES_CHANNEL, line("r1"))
        await house.append(TRACES_STREAM, line("r1"))
        house.publish(TRACES_CHANNEL, line("r2"))
        await asyncio.sleep(4.0)
        await house.append(TRACES_STREAM, line("r2"))
        await house.append(TRACES_STREAM, line("r2"))
        await asyncio.sleep(4.0)
    assert await recorded(house) == ["r1", "r2"]
    assert counted(house) == 2


async def test_lines_published_just_before_the_end_are_recorded(house: House) -> None:
    async with house.living(TraceRecorder, **RECORDING):
        await asyncio.sleep(1.1)
        house.publish(TRACES_CHANNEL, line("r1"))
    assert await recorded(house) == ["r1"]


async def test_published_lines_that_cannot_be_recorded_at_the_end_are_not_passed_over(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.database.trouble = DatabaseError("disk full")
    async with house.living(TraceRecorder, **RECORDING):
        house.publish(TRACES_CHANNEL, line("r1"))
    assert any("1 published traces were not recorded: disk full" in record.getMessage() for record in caplog.records)


async def test_a_malformed_line_costs_nothing_but_itself_and_is_told_once(house: House) -> None:
    with logged_by("galileo_bus.delivery.rejections") as logged:
        async with house.living(TraceRecorder, **RECORDING):
            await house.append(TRACES_STREAM, b"\n".join([line("r1"), b"r2,what", line("r3")]))
            house.publish(TRACES_CHANNEL, b"r4,ever")
            house.publish(TRACES_CHANNEL, b"\xff\xfe")
            await asyncio.sleep(4.0)
    assert await recorded(house) == ["r1", "r3"]
    assert len(await house.transport.range(DEAD_LETTERS, count=10)) == 3
    rejected = house.said.of(InputRejected)
    assert [(event.channel, event.kind) for event in rejected[:1]] == [(TRACES_CHANNEL, "trace")]
    assert "eleven comma-joined fields" in rejected[0].reason
    assert sum("rejected on" in message for message in logged) == 1


async def test_without_an_experiment_traces_are_counted_and_not_recorded(house: House) -> None:
    async with house.living(TraceRecorder) as recorder:
        assert recorder.requires() == ()
        await house.append(TRACES_STREAM, line("r1"))
        await until(lambda: counted(house) == 1)
        await asyncio.sleep(0.1)
        assert await backlog(house) == 0
    assert await recorded(house) == []


async def test_the_bus_may_be_away_for_a_while(house: House) -> None:
    async with house.living(TraceRecorder, **RECORDING):
        house.server.available = False
        await asyncio.sleep(5.0)
        house.server.available = True
        await house.append(TRACES_STREAM, line("r1"))
        await asyncio.sleep(3.0)
    assert await recorded(house) == ["r1"]
