"""Every event is recorded once, in the database and in the log, by whichever way it came."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from galileo_backends.database.errors import DatabaseError
from galileo_bus.delivery.dead_letters import dead_entries
from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_bus.service import SettingError
from galileo_schemas.events import ApiPressure, PodCreated, PodCreationRequest, PodRunning, ScaleSchedule
from galileo_schemas.frame import split_frame
from galileo_services.event_recorder.service import EventRecorder

from tests.services.harness import House, until

pytestmark = pytest.mark.looptime

BY_HAND = (
    b'1700000000 scale_schedule {"fn":"resnet","origin_zone":"a","dest_zone":"b",'
    b'"pod_creation_request":{"pod_name":"by-hand-1"}}'
)


@pytest.fixture
def recording(tmp_path: Path) -> dict[str, str]:
    return {"galileo_experiment_id": "exp-1", "event_recorder_log": str(tmp_path / "events.log")}


def log_of(recording: dict[str, str]) -> bytes:
    return Path(recording["event_recorder_log"]).read_bytes()


def logged(recording: dict[str, str]) -> Counter[str]:
    return Counter(split_frame(line).name for line in log_of(recording).splitlines())


def cut_off(recording: dict[str, str]) -> None:
    """As a recorder leaves its log that was killed in the middle of a line."""
    Path(recording["event_recorder_log"]).write_bytes(log_of(recording) + b"1700000000 cut off in the mid")


async def recorded(house: House) -> Counter[str]:
    return Counter(row.name for row in await house.database.events("exp-1") if row.name != "source_heartbeat")


def decision(pod: str) -> ScaleSchedule:
    request = PodCreationRequest(pod_name=pod)
    return ScaleSchedule(fn="resnet", origin_zone="a", dest_zone="b", pod_creation_request=request)


async def say_one_of_each(house: House) -> Counter[str]:
    await house.person.say(PodCreated(pod="pod-1", namespace="default", uid="uid-1"))
    await house.person.say(decision("pod-1"))
    await house.person.say(ApiPressure(node="node-1", zone="zone-a", value=0.5))
    house.publish("galileo/events", b"1700000000 warm-up-over")
    house.publish("galileo/events", b'1700000000 note {"text": "by hand", "meta": [1]}')
    house.publish("galileo/events", b'1700000000 pod_failed {"pod":"p","namespace":"default","reason":"by hand"}')
    await asyncio.sleep(2.0)
    names = ("pod_created", "scale_schedule", "api_pressure", "warm-up-over", "note", "pod_failed")
    return Counter(dict.fromkeys(names, 1))


async def test_records_decisions_observations_and_peoples_own_events_are_each_recorded_once(
    house: House, recording: dict[str, str]
) -> None:
    async with house.living(EventRecorder, **recording) as recorder:
        expected = await say_one_of_each(house)
        assert recorder.figures() == {"recorded": 6.0, "not_recorded": 0.0}
    assert await recorded(house) == expected
    assert logged(recording) == expected


async def test_a_decision_published_by_hand_is_recorded_once_when_it_was_adopted(
    house: House, recording: dict[str, str]
) -> None:
    async with house.living(EventRecorder, **recording):
        house.person.inbox.receiver()("galileo/events", BY_HAND)  # somebody who hears it, journals it
        house.publish("galileo/events", BY_HAND)
        await asyncio.sleep(2.0)
    assert len(await house.transport.range(journal_of("scale_schedule"), count=10)) == 1
    assert await recorded(house) == {"scale_schedule": 1}
    assert logged(recording) == {"scale_schedule": 1}


async def test_what_is_merely_said_again_is_not_recorded(house: House, recording: dict[str, str]) -> None:
    async with house.living(EventRecorder, **recording):
        await house.person.say(PodRunning(pod_uid="u", name="pod-1"))
        await house.person.say(PodRunning(pod_uid="u", name="pod-1"), topic="cluster")
        await asyncio.sleep(2.0)
    assert await recorded(house) == {"pod/running": 1}


async def test_a_restarted_recorder_goes_on_where_the_other_stopped_and_doubles_nothing(
    house: House, recording: dict[str, str]
) -> None:
    house.database.lose_answers = 10_000
    async with house.living(EventRecorder, **recording):
        await house.person.say(PodCreated(pod="pod-1", namespace="default", uid="uid-1"))
        await asyncio.sleep(2.0)
    assert logged(recording) == {}
    assert await recorded(house) == {"pod_created": 1}
    house.database.lose_answers = 0
    async with house.living(EventRecorder, **recording):
        await house.person.say(decision("pod-1"))
        await asyncio.sleep(10.0)
        assert await house.transport.backlog(EVENT_RECORDS, group="event_recorder") == 0
    assert await recorded(house) == logged(recording) == {"pod_created": 1, "scale_schedule": 1}


async def test_an_entry_delivered_again_after_the_log_was_written_is_not_doubled(
    house: House, recording: dict[str, str]
) -> None:
    async with house.living(EventRecorder, **recording):
        await house.person.say(PodCreated(pod="pod-1", namespace="default", uid="uid-1"))
        await asyncio.sleep(2.0)
    (entry,) = await house.transport.range(EVENT_RECORDS, count=10)
    await house.append(EVENT_RECORDS, entry.payload)
    cut_off(recording)
    async with house.living(EventRecorder, **recording):
        await house.person.say(decision("pod-1"))
        await asyncio.sleep(2.0)
    assert await recorded(house) == logged(recording) == {"pod_created": 1, "scale_schedule": 1}


async def test_while_the_database_is_away_nothing_is_lost(
    house: House, recording: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with house.living(EventRecorder, **recording) as recorder:
        house.database.trouble = DatabaseError("/data/x.sqlite: disk full")
        expected = await say_one_of_each(house)
        await asyncio.sleep(10.0)
        assert recorder.ready() == "/data/x.sqlite: disk full"
        house.database.trouble = None
        await asyncio.sleep(5.0)
        assert recorder.ready() is None
    assert await recorded(house) == expected
    assert logged(recording) == expected
    assert sum("events are kept until they can be recorded" in record.getMessage() for record in caplog.records) == 1


async def test_what_was_heard_just_before_the_end_is_recorded(house: House, recording: dict[str, str]) -> None:
    async with house.living(EventRecorder, **recording, event_recorder_write_interval="60"):
        house.publish("galileo/events", b"1700000000 warm-up-over")
    assert await recorded(house) == {"warm-up-over": 1}


async def test_a_message_that_is_no_frame_goes_to_the_dead_letters(house: House, recording: dict[str, str]) -> None:
    async with house.living(EventRecorder, **recording):
        house.publish("galileo/events", b"now")
        await house.append(EVENT_RECORDS, b"\n".join([b"x y", b"1700000000 fine"]))
        await asyncio.sleep(3.0)
    letters = [found.letter for found in await dead_entries(house.transport)]
    assert sorted((letter.where, letter.message) for letter in letters if letter) == [
        ("galileo/events", b"now"),
        ("galileo/records/events", b"x y"),
    ]
    assert (await recorded(house))["fine"] == 1


async def test_a_line_of_the_log_is_one_frame_whatever_the_event_holds(house: House, recording: dict[str, str]) -> None:
    async with house.living(EventRecorder, **recording):
        house.publish("galileo/events", b"1700000000 note two\nlines \xff")
        await asyncio.sleep(1.0)
    assert log_of(recording) == "1700000000.000000 note two\\nlines \ufffd\n".encode()


async def test_without_an_experiment_the_log_alone_is_written(house: House, recording: dict[str, str]) -> None:
    async with house.living(EventRecorder, event_recorder_log=recording["event_recorder_log"]) as recorder:
        assert recorder.requires() == ()
        await house.person.say(decision("pod-1"))
        await until(lambda: recorder.recorded == 1)
    assert logged(recording) == {"scale_schedule": 1}


async def test_a_log_that_cannot_be_opened_is_one_line(house: House, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"event_recorder_log=.*: expected a file to append to"):
        async with house.living(EventRecorder, event_recorder_log=str(tmp_path)):
            pass


async def test_an_event_by_hand_that_does_not_validate_is_rejected_and_not_logged(
    house: House, recording: dict[str, str]
) -> None:
    async with house.living(EventRecorder, **recording):
        house.publish("galileo/events", b'1700000000 api_pressure {"node": 3}')
        house.publish("galileo/events", b'1700000000 api_pressure {"node": "n", "zone": "z", "value": 1}')
        await asyncio.sleep(2.0)
    assert logged(recording)["api_pressure"] == 1
    assert logged(recording)["input_rejected"] == 1


async def test_observations_that_it_missed_are_counted_by_name_and_by_heartbeat(house: House) -> None:
    numbered = b'1700000000 api_pressure {"meta":{"id":"i%d","source":"s/1","seq":%d},"node":"n","zone":"z","value":1}'
    async with house.living(EventRecorder) as recorder:
        for seq in (4, 5, 9):
            house.publish("galileo/events", numbered % (seq, seq))
        assert recorder.bus.losses.lost == 3
        heartbeat = b'1700000000 source_heartbeat {"meta":{"source":"s/1"},"last":{"api_pressure":11}}'
        house.publish("galileo/events/runtime", heartbeat)
        house.publish("galileo/events/runtime", heartbeat)
        assert recorder.bus.losses.lost == 5
        house.publish("galileo/events", b'1700000000 note {"meta": "mine", "seq": 7}')
        assert recorder.bus.losses.lost == 5
