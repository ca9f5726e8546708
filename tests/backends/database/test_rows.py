"""What every experiment database promises: the same tests for the twin and the file."""

import pytest
from galileo_backends.database import (
    Counts,
    EventRow,
    ExperimentDatabase,
    TelemetryRow,
    TraceRow,
    UnknownExperiment,
)

from .conftest import trace

EXP = "202411301405-3fa9"


async def test_an_experiment_runs_until_it_is_finalized(database: ExperimentDatabase) -> None:
    metadata = {"scenario": "default", "seed": 7}
    assert await database.create_experiment(EXP, name="n", creator="c", start=10.0, metadata=metadata) is True
    running = await database.experiment(EXP)
    assert (running.name, running.creator, running.start, running.end) == ("n", "c", 10.0, None)
    assert running.status == "RUNNING"
    assert running.metadata == metadata
    await database.finalize_experiment(EXP, end=20.0, status="FINISHED")
    finished = await database.experiment(EXP)
    assert (finished.end, finished.status) == (20.0, "FINISHED")


async def test_an_experiment_that_is_there_stays_as_it_is(database: ExperimentDatabase) -> None:
    await database.create_experiment(EXP, name="first", creator="c", start=10.0, metadata={"a": 1})
    assert await database.create_experiment(EXP, name="second", creator="d", start=11.0, metadata={"b": 2}) is False
    assert (await database.experiment(EXP)).name == "first"
    assert (await database.experiment(EXP)).metadata == {"a": 1}


async def test_experiments_are_told_by_start(database: ExperimentDatabase) -> None:
    for exp_id, start in (("b", 2.0), ("c", 3.0), ("a", 1.0)):
        await database.create_experiment(exp_id, name=exp_id, creator="", start=start)
    assert [experiment.id for experiment in await database.experiments()] == ["a", "b", "c"]


async def test_an_experiment_that_nobody_knows_is_said_to_be_unknown(database: ExperimentDatabase) -> None:
    with pytest.raises(UnknownExperiment, match="no experiment 'nope'"):
        await database.experiment("nope")
    with pytest.raises(UnknownExperiment, match="no experiment 'nope'"):
        await database.finalize_experiment("nope", end=1.0, status="FAILED")


async def test_traces_read_back_as_written_by_the_time_they_were_due(database: ExperimentDatabase) -> None:
    failed = TraceRow("r:2", "client-2", "resnet", 0.5, -1.0, 0.6, -1)
    assert await database.write_traces(EXP, [trace("r:1"), failed]) == 2
    assert await database.traces(EXP) == [failed._replace(exp_id=EXP), trace("r:1")._replace(exp_id=EXP)]


async def test_a_batch_of_traces_twice_counts_once(database: ExperimentDatabase) -> None:
    batch = [trace(f"r:{number}") for number in range(100)]
    assert await database.write_traces(EXP, batch) == 100
    assert await database.write_traces(EXP, batch) == 0
    assert await database.write_traces(EXP, [*batch, trace("new"), trace("new")]) == 1
    assert (await database.counts(EXP)).traces == 101


async def test_the_first_delivery_of_a_trace_is_the_one_that_stays(database: ExperimentDatabase) -> None:
    await database.write_traces(EXP, [trace("r:1", created=1.0)])
    await database.write_traces(EXP, [trace("r:1", created=2.0)])
    assert [row.created for row in await database.traces(EXP)] == [1.0]


async def test_the_same_request_id_in_another_experiment_is_another_request(database: ExperimentDatabase) -> None:
    assert await database.write_traces(EXP, [trace("r:1")]) == 1
    assert await database.write_traces("other", [trace("r:1")]) == 1


async def test_an_event_with_an_id_is_kept_once(database: ExperimentDatabase) -> None:
    event = EventRow(1.0, "weight_update", '{"fn": "resnet"}', "id-1")
    assert await database.write_events(EXP, [event, event]) == 1
    assert await database.write_events(EXP, [event, event._replace(id="id-2")]) == 1
    assert await database.write_events("other", [event]) == 1
    assert (await database.counts(EXP)).events == 2


async def test_events_without_an_id_are_all_kept(database: ExperimentDatabase) -> None:
    event = EventRow(1.0, "warm-up-over")
    assert await database.write_events(EXP, [event, event]) == 2
    assert await database.events(EXP) == [event, event]


async def test_events_are_told_by_time_and_then_in_the_order_of_writing(database: ExperimentDatabase) -> None:
    rows = [EventRow(2.0, "c"), EventRow(1.0, "a", "{}"), EventRow(1.0, "b", "with 'quotes' and \n lines")]
    await database.write_events(EXP, rows)
    assert await database.events(EXP) == [rows[1], rows[2], rows[0]]


async def test_telemetry_reads_back_by_time(database: ExperimentDatabase) -> None:
    rows = [TelemetryRow(2.0, "cpu", "edge-1", 55.5), TelemetryRow(1.0, "rx", "edge-1", 7.0, "eth0")]
    assert await database.write_telemetry(EXP, rows) == 2
    assert await database.telemetry(EXP) == [rows[1], rows[0]]


async def test_the_newest_value_of_a_nodes_key_wins(database: ExperimentDatabase) -> None:
    assert await database.write_nodeinfo(EXP, "edge-1", {"arch": "arm64", "cpus": "4"}) == 2
    assert await database.write_nodeinfo(EXP, "edge-1", {"cpus": "8", "ram": "1"}) == 1
    await database.write_nodeinfo(EXP, "edge-2", {"arch": "amd64"})
    assert await database.nodeinfo(EXP) == {
        "edge-1": {"arch": "arm64", "cpus": "8", "ram": "1"},
        "edge-2": {"arch": "amd64"},
    }


async def test_counts_are_of_one_experiment(database: ExperimentDatabase) -> None:
    await database.write_traces(EXP, [trace("r:1")])
    await database.write_events(EXP, [EventRow(1.0, "a"), EventRow(2.0, "b")])
    await database.write_telemetry(EXP, [TelemetryRow(1.0, "cpu", "n", 1.0)] * 3)
    await database.write_nodeinfo(EXP, "n", {"a": "1", "b": "2", "c": "3", "d": "4"})
    assert await database.counts(EXP) == Counts(traces=1, events=2, telemetry=3, nodeinfo=4)
    assert await database.counts("other") == Counts(traces=0, events=0, telemetry=0, nodeinfo=0)


async def test_nothing_to_write_is_no_mistake(database: ExperimentDatabase) -> None:
    assert await database.write_traces(EXP, []) == 0
    assert await database.write_events(EXP, []) == 0
    assert await database.write_telemetry(EXP, []) == 0
    assert await database.write_nodeinfo(EXP, "n", {}) == 0
