"""What the telemetry ingester says of samples, and how it records them."""

from __future__ import annotations

import asyncio

import pytest
from galileo_backends.database.errors import DatabaseError
from galileo_bus.delivery.streams import DEAD_LETTERS
from galileo_schemas.events import InputRejected, TelemetryWindow
from galileo_schemas.raw.telemetry_sample import format_sample, sample_channel
from galileo_services.telemetry_ingester.service import TelemetryIngester

from tests.services.harness import House, unix_now

pytestmark = pytest.mark.looptime

RECORDING = {"galileo_experiment_id": "exp-1"}
CONTAINER = "0123456789abcdef"


def sample(house: House, metric: str, value: float, *, subsystem: str = "", node: str = "node-1") -> None:
    house.publish(sample_channel(node, metric, subsystem), format_sample(unix_now(), value))


async def test_a_second_of_samples_becomes_one_window_of_each_node(house: House) -> None:
    async with house.living(TelemetryIngester):
        await asyncio.sleep(0.5)
        for number in range(3):
            sample(house, "cpu", 10.0 * number)
            sample(house, "kubernetes_cgrp_cpu", number * 0.1 * 500e6, subsystem=CONTAINER)
            await asyncio.sleep(0.1)
        sample(house, "cpu", 50.0, node="node-2")
        await asyncio.sleep(3.0)
    first, second = house.said.of(TelemetryWindow)
    assert (first.node, first.metrics) == ("node-1", {"cpu": 10.0})
    assert first.containers[CONTAINER[:12]].cpu_millicores == pytest.approx(500.0)
    assert (second.node, second.metrics) == ("node-2", {"cpu": 50.0})
    assert 0.9 < first.end - first.start < 1.1


async def test_every_sample_is_recorded_once(house: House) -> None:
    async with house.living(TelemetryIngester, **RECORDING) as ingester:
        for number in range(10):
            sample(house, "ram", float(number))
            await asyncio.sleep(0.3)
        assert ingester.figures() == {"samples": 10.0, "samples_not_recorded": 0.0, "periods_missed": 0.0}
    rows = await house.database.telemetry("exp-1")
    assert [(row.node, row.metric, row.value, row.subsystem) for row in rows] == [
        ("node-1", "ram", float(number), None) for number in range(10)
    ]


async def test_while_the_database_is_away_samples_are_kept_and_windows_go_on(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.living(TelemetryIngester, **RECORDING):
        house.database.trouble = DatabaseError("disk full")
        for number in range(3):
            sample(house, "ram", float(number))
            await asyncio.sleep(1.0)
        assert len(house.said.of(TelemetryWindow)) >= 2
        house.database.trouble = None
        await asyncio.sleep(2.0)
    assert [row.value for row in await house.database.telemetry("exp-1")] == [0.0, 1.0, 2.0]
    assert sum("write failed: DatabaseError: disk full" in record.getMessage() for record in caplog.records) == 1


async def test_what_cannot_be_kept_any_longer_is_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galileo_services.telemetry_ingester.service.UNWRITTEN_LIMIT", 2)
    async with house.living(TelemetryIngester, **RECORDING) as ingester:
        for number in range(3):
            sample(house, "ram", float(number))
        assert ingester.figures()["samples_not_recorded"] == 1.0
    assert len(await house.database.telemetry("exp-1")) == 2


async def test_a_malformed_sample_is_told_and_the_others_count(house: House) -> None:
    async with house.living(TelemetryIngester):
        house.publish("telem/node-1/cpu", b"never")
        house.publish("telem/node-1", b"1700000000 1")
        sample(house, "cpu", 7.0)
        await asyncio.sleep(2.5)
    (window,) = house.said.of(TelemetryWindow)
    assert window.metrics == {"cpu": 7.0}
    assert len(await house.transport.range(DEAD_LETTERS, count=10)) == 2
    assert house.said.of(InputRejected)[0].kind == "telemetry"


async def test_a_node_whose_clock_is_off_is_reported_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with house.living(TelemetryIngester):
        for _ in range(3):
            house.publish("telem/node-1/cpu", format_sample(unix_now() - 3600, 5.0))
            await asyncio.sleep(1.0)
    assert house.said.of(TelemetryWindow)[0].metrics == {"cpu": 5.0}
    assert sum("its clock is 3600.0 s behind ours" in record.getMessage() for record in caplog.records) == 1


async def test_without_an_experiment_no_database_is_asked_for(house: House) -> None:
    async with house.living(TelemetryIngester) as ingester:
        assert ingester.requires() == ()
        sample(house, "ram", 1.0)
    assert await house.database.telemetry("") == []
