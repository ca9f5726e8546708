"""When the latency observer reads its file, and when it says what is in it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from galileo_schemas.events import LatencyUpdate, Resync
from galileo_services.latency_observer.service import LatencyObserver

from tests.services.harness import House

pytestmark = pytest.mark.looptime

FILE = "galileo_context_latency_graph_json"


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "graph.json"
    path.parent.mkdir()
    write(path, 12.5)
    return path


def write(path: Path, ms: float | str) -> None:
    path.write_text(json.dumps({"zone-a": {"zone-b": ms}}))


def rename(path: Path, to: Path) -> None:
    path.rename(to)


def said(house: House) -> list[float]:
    return [event.latencies["zone-a"]["zone-b"] for event in house.said.of(LatencyUpdate)]


async def test_the_graph_is_said_at_the_start_and_each_interval(house: House, graph: Path) -> None:
    async with house.living(LatencyObserver, **{FILE: str(graph), "galileo_repeat_interval": "10"}):
        await asyncio.sleep(25.0)
    assert said(house) == [12.5, 12.5, 12.5]


async def test_a_file_that_changes_is_read_and_said_soon(house: House, graph: Path) -> None:
    async with house.living(LatencyObserver, **{FILE: str(graph)}):
        write(graph, 99.0)
        await asyncio.sleep(3.0)
    assert said(house) == [12.5, 99.0]


async def test_who_asks_is_answered_and_a_crowd_gets_one_answer_each_half_second(house: House, graph: Path) -> None:
    async with house.living(LatencyObserver, **{FILE: str(graph)}):
        await house.person.say(Resync(wants=["pods"]))
        await asyncio.sleep(1.0)
        assert len(said(house)) == 1, "nobody asked for latencies"
        for _ in range(20):
            await house.person.say(Resync(wants=["latencies"]))
        await house.person.say(Resync())
        await asyncio.sleep(2.0)
    assert 2 <= len(said(house)) <= 3


async def test_a_wrong_file_keeps_what_was_known_and_is_complained_of_once(
    house: House, graph: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.living(LatencyObserver, **{FILE: str(graph)}) as observer:
        write(graph, "near")
        await asyncio.sleep(10.0)
        assert observer.ready() == (
            f"{graph}: 'zone-a' to 'zone-b': expected round-trip milliseconds, a number of 0 or more, got 'near'"
        )
        await house.person.say(Resync())
        await asyncio.sleep(1.0)
        assert said(house) == [12.5, 12.5]
        write(graph, 50.0)
        await asyncio.sleep(3.0)
        assert observer.ready() is None
        assert said(house)[-1] == 50.0
    assert sum("stay in use" in record.getMessage() for record in caplog.records) == 1


async def test_a_file_that_was_away_and_is_back_is_no_trouble_any_more(house: House, graph: Path) -> None:
    async with house.living(LatencyObserver, **{FILE: str(graph)}) as observer:
        rename(graph.parent, graph.parent.with_suffix(".away"))
        await asyncio.sleep(3.0)
        assert observer.ready() == f"{graph}: cannot be read (No such file or directory)"
        rename(graph.parent.with_suffix(".away"), graph.parent)
        await asyncio.sleep(3.0)
        assert observer.ready() is None


async def test_without_a_file_it_says_nothing_and_tells_so(house: House, caplog: pytest.LogCaptureFixture) -> None:
    async with house.living(LatencyObserver) as observer:
        await house.person.say(Resync())
        await asyncio.sleep(31.0)
        assert observer.ready() is None
    assert house.said.of(LatencyUpdate) == []
    assert any(f"{FILE} is not set" in record.getMessage() for record in caplog.records)
