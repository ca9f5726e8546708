"""A recorder that died leaves a log that its next life continues: no event twice, no line that runs into another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_schemas.frame import split_frame
from galileo_services.event_recorder.service import EventRecorder

from tests.services.harness import House, until

LOST_ACKNOWLEDGEMENT = b'1.000000 pod_deleted {"meta":{"id":"a1"},"pod":"web","namespace":"default"}'
HALF_WRITTEN = b'2.000000 pod_deleted {"meta":{"id":"b2"},"pod":"worker","namespace":"default"}'


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.open()
    yield house
    await house.close()


async def test_what_comes_again_is_written_once_and_a_half_line_is_replaced(house: House, tmp_path: Path) -> None:
    log = tmp_path / "events.log"
    log.write_bytes(LOST_ACKNOWLEDGEMENT + b"\n" + HALF_WRITTEN[:30])
    for frame in (LOST_ACKNOWLEDGEMENT, HALF_WRITTEN):
        await house.append(EVENT_RECORDS, frame)
    async with house.living(EventRecorder, event_recorder_log=str(log)):
        await until(lambda: b'"b2"' in log.read_bytes())
    lines = log.read_bytes().splitlines()
    deletions = [line for line in lines if split_frame(line).name == "pod_deleted"]
    assert deletions == [LOST_ACKNOWLEDGEMENT, HALF_WRITTEN]
