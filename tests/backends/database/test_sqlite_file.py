"""The file: what is in it, who else may read it, and what it survives."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from galileo_backends.database import DatabaseError, EventRow, SqliteDatabase, TelemetryRow

from .conftest import trace

EXP = "202411301405-3fa9"
BATCH = 50

COLUMNS = {
    "experiments": ["EXP_ID", "NAME", "CREATOR", "START", "END", "CREATED", "STATUS"],
    "metadata": ["EXP_ID", "DATA"],
    "nodeinfo": ["EXP_ID", "NODE", "INFO_KEY", "INFO_VALUE"],
    "telemetry": ["EXP_ID", "TIMESTAMP", "METRIC", "SUBSYSTEM", "NODE", "VALUE"],
    "events": ["EXP_ID", "TIMESTAMP", "NAME", "VALUE"],
    "traces": [
        *("REQUEST_ID", "CLIENT", "SERVICE", "CREATED", "SENT", "DONE", "STATUS"),
        *("RESPONSE", "HEADERS", "SERVER", "EXP_ID"),
    ],
}

WRITER = f"""
import asyncio, sys
from galileo_backends.database import EventRow, SqliteDatabase, TraceRow

async def write() -> None:
    async with SqliteDatabase(sys.argv[1]) as database:
        for batch in range(1_000_000):
            rows = [TraceRow(f"{{batch}}:{{i}}", "c", "s", 1.0, 1.0, 2.0, 200) for i in range({BATCH})]
            await database.write_traces("{EXP}", rows)
            await database.write_events("{EXP}", [EventRow(1.0, "e", None, str(i)) for i in range(batch * 2)])
            print(batch, flush=True)

asyncio.run(write())
"""


@pytest.mark.parametrize("table", COLUMNS)
async def test_the_tables_are_those_of_galileo_db(tmp_path: Path, table: str) -> None:
    async with SqliteDatabase(tmp_path / "db"):
        reader = sqlite3.connect(tmp_path / "db")
        found = [row[1] for row in reader.execute(f"PRAGMA table_info({table})")]
        reader.close()
    assert found == COLUMNS[table]


async def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    for number in range(2):
        async with SqliteDatabase(tmp_path / "db") as database:
            await database.write_traces(EXP, [trace(f"r:{number}")])
            assert (await database.counts(EXP)).traces == number + 1


async def test_a_writer_that_is_killed_leaves_whole_batches(tmp_path: Path) -> None:
    path = tmp_path / "db"
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, str(path), stdout=subprocess.PIPE)
    assert writer.stdout is not None
    said = [await writer.stdout.readline() for _ in range(10)]
    writer.kill()
    said += [line async for line in writer.stdout]
    await writer.wait()
    acknowledged = max(int(line) for line in said if line.endswith(b"\n"))

    async with SqliteDatabase(path) as database:
        counts = await database.counts(EXP)
        assert counts.traces % BATCH == 0
        assert counts.traces >= (acknowledged + 1) * BATCH
        assert counts.events >= acknowledged * 2
        assert await database.write_traces(EXP, [trace("after")]) == 1


async def test_a_write_that_is_cancelled_is_whole_or_absent_and_the_next_one_works(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "db") as database:
        for number in range(20):
            rows = [trace(f"{number}:{i}") for i in range(200)]
            writing = asyncio.ensure_future(database.write_traces(EXP, rows))
            for _ in range(number):
                await asyncio.sleep(0)
            writing.cancel()
            await asyncio.wait([writing])
            assert await database.write_traces("next", [trace(f"after {number}")]) == 1
            assert (await database.counts(EXP)).traces % 200 == 0


async def test_a_batch_with_one_impossible_row_leaves_nothing_of_itself(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "db") as database:
        rows = [TelemetryRow(1.0, "cpu", "n", 1.0), TelemetryRow(2.0, "cpu", "n", float("nan"))]
        with pytest.raises(DatabaseError, match=r"telemetry\.VALUE"):
            await database.write_telemetry(EXP, rows)
        assert (await database.counts(EXP)).telemetry == 0


async def test_two_writers_of_one_file_keep_an_event_once(tmp_path: Path) -> None:
    rows = [EventRow(1.0, "e", None, str(number)) for number in range(200)]
    async with SqliteDatabase(tmp_path / "db") as one, SqliteDatabase(tmp_path / "db") as two:
        new = await asyncio.gather(*(database.write_events(EXP, rows) for database in (one, two, one, two)))
        assert sum(new) == 200
        assert (await one.counts(EXP)).events == 200


async def test_a_reader_sees_what_was_committed_while_the_writer_goes_on(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "db") as writer, SqliteDatabase(tmp_path / "db") as reader:
        await writer.write_traces(EXP, [trace("r:1")])
        assert len(await reader.traces(EXP)) == 1


async def test_a_hundred_thousand_traces_are_kept_in_under_five_seconds(tmp_path: Path) -> None:
    batches = [[trace(f"{batch}:{i}", created=float(i)) for i in range(1000)] for batch in range(100)]
    async with SqliteDatabase(tmp_path / "db") as database:
        began_s = time.perf_counter()
        for batch in batches:
            await database.write_traces(EXP, batch)
        assert time.perf_counter() - began_s < 5.0
        assert (await database.counts(EXP)).traces == 100_000


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 100)
    with pytest.raises(DatabaseError, match=r"notes\.txt: file is not a database"):
        await SqliteDatabase(tmp_path / "notes.txt").open()


async def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="unable to open"):
        await SqliteDatabase(tmp_path / "nowhere" / "db").open()


async def test_an_old_file_with_a_request_twice_is_refused_in_words(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "db")
    old.execute(f"CREATE TABLE traces ({', '.join(COLUMNS['traces'])})")
    old.executemany("INSERT INTO traces (EXP_ID, REQUEST_ID) VALUES (?, ?)", [("e", "r"), ("e", "r")])
    old.commit()
    old.close()
    with pytest.raises(DatabaseError, match="holds the same row twice"):
        await SqliteDatabase(tmp_path / "db").open()


async def test_a_database_that_is_closed_says_so(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "db")
    with pytest.raises(DatabaseError, match=r"not open: call open\(\) first"):
        await database.counts(EXP)
    await database.open()
    with pytest.raises(DatabaseError, match="open already"):
        await database.open()
    await database.close()
    await database.close()
