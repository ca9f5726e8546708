"""`galileo report`: a run's report from its folder, also of a run that was cut off."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from galileo_cli.__main__ import main
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.run_record import RunRecord
from galileo_cli.emulate.run_report import LoadCounts
from galileo_experiments.report import read_report_json
from galileo_experiments.scenario_file import load_scenario
from galileo_experiments.scenario_writer import write_scenario
from galileo_schemas import events
from galileo_schemas.registry import encode_frame

START = 1_700_000_000.0
COLUMNS = "REQUEST_ID, CLIENT, SERVICE, CREATED, SENT, DONE, STATUS, RESPONSE, HEADERS, SERVER, EXP_ID"


def write_traces(path: Path, count: int) -> None:
    rows = [
        (
            f"r{index}",
            "galileo-worker-zone-a-abcde:resnet:0",
            "resnet",
            START + index,
            START + index,
            START + index + 0.5,
            200 if index else -1,
            None,
            None,
            None,
            "e1",
        )
        for index in range(count)
    ]
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"CREATE TABLE traces ({COLUMNS})")
        database.execute("CREATE TABLE experiments (EXP_ID, START)")
        database.execute("INSERT INTO experiments VALUES ('e1', 1)")
        database.executemany(f"INSERT INTO traces VALUES ({', '.join('?' * 11)})", rows)
        database.commit()


def interrupted(path: Path, *, requests: int = 10) -> RunFolder:
    """What a run leaves that was killed: no counts, no end, and a line of the event log half written."""
    folder = RunFolder(path)
    folder.scenario.write_text(write_scenario(load_scenario()))
    write_traces(folder.database, requests)
    RunRecord(experiment="e1", began=START - 3).write(folder)
    status = encode_frame(START + 9, events.LoadStatus(experiment="e1", sent=12, succeeded=10, failed=1))
    folder.event_log.write_bytes(status + b"\n" + status[:20])
    return folder


def test_a_run_that_was_cut_off_has_a_report_that_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    interrupted(tmp_path)
    assert main(["report", str(tmp_path)]) == 0
    report = read_report_json(tmp_path / "report.json")
    assert (report.requests.sent, report.requests.succeeded, report.requests.failed) == (12, 10, 1)
    assert report.requests.recorded == 10
    assert report.measured_s == 9.5
    assert report.losses.lines_unreadable == 0
    assert "first request 3.0 s after the start" in report.remarks
    assert "the run had not ended: it goes on, or was cut off" in report.notes
    assert any("the clients left no counts" in note for note in report.notes)
    assert "cut off" in (tmp_path / "report.html").read_text()
    assert str(tmp_path / "report.html") in capsys.readouterr().out


def test_the_clients_own_counts_win_when_the_run_has_ended(tmp_path: Path) -> None:
    folder = interrupted(tmp_path)
    counts = LoadCounts(start=START, end=START + 20, sent=10, succeeded=8, failed=2, failed_by_reason={"timeout": 2})
    folder.load_counts.write_bytes(msgspec.json.encode(counts))
    RunRecord(experiment="e1", began=START - 3, ended=START + 21, dead_letters=4).write(folder)
    assert main(["report", str(tmp_path)]) == 0
    report = read_report_json(tmp_path / "report.json")
    assert (report.requests.sent, report.requests.succeeded, report.measured_s) == (10, 8, 20)
    assert report.losses.dead_letters == 4
    assert report.remarks == ["first request 3.0 s after the start"]
    assert report.notes[:1] == ["failed requests: 2 timeout"]
    assert not any("cut off" in note for note in report.notes)


def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that is said."""
    assert main(["report", str(folder)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert not (folder / "report.json").exists()
    return line


def test_a_folder_that_holds_no_run_is_refused_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(tmp_path, capsys) == (
        f"galileo: {tmp_path} holds no run: scenario.yaml and experiment.sqlite missing; expected a folder that "
        "`galileo emulate` has made, such as runs/latest"
    )
    assert "there is no such folder" in refused(tmp_path / "none", capsys)


def test_a_run_without_a_request_and_one_that_cannot_be_read_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = interrupted(tmp_path, requests=0)
    assert "no request was sent in this run" in refused(tmp_path, capsys)
    folder.database.write_bytes(b"no database, only some text that is long enough")
    assert "the run that it holds cannot be read" in refused(tmp_path, capsys)
