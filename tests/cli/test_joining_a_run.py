"""Commands that join a run say in one line that it has ended, instead of waiting for its servers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_cli.emulate.run_folder import RunFolder
from galileo_cli.emulate.run_record import RunRecord
from galileo_cli.environment import LATEST_RUN, effective_environment, write_environment
from galileo_cli.joined_run import RUN_VARIABLE, joining_environment, leave_joined_run

COMMANDS = (
    "services",
    "watch --plain",
    "events tail",
    "events say warm-up-over",
    "fault kill-node edge-1",
    "load pause",
    "set pressure_calculator schedule_scale_opt_max_threshold 0.3",
    "run pod_creator",
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run's folder, as `runs/latest` leads to it, whose bus does not answer; it has not ended as far as it says."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("galileo_redis_")]:
        monkeypatch.delenv(name)
    folder = RunFolder(tmp_path / "runs" / "20260101-people-move-1")
    folder.create()
    write_environment(folder.env, {"galileo_redis_host": "127.0.0.1", "galileo_redis_port": "1"})
    RunRecord(experiment="x", began=1000.0).write(folder)
    folder.remember_as_latest()
    return folder


def end(run: RunFolder) -> None:
    RunRecord(experiment="x", began=1000.0, ended=1060.0).write(run)


def complaint(capsys: pytest.CaptureFixture[str], words: str) -> str:
    assert main(words.split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("words", COMMANDS)
def test_a_run_that_has_ended_is_one_line(run: RunFolder, capsys: pytest.CaptureFixture[str], words: str) -> None:
    end(run)
    line = complaint(capsys, words)
    assert line.startswith("galileo: the run in runs/latest (20260101-people-move-1) has ended (")
    assert "start one with `make emulate`" in line


def test_a_run_that_was_cut_off_is_one_line(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert "runs/latest (20260101-people-move-1) does not answer" in complaint(capsys, "events say warm-up-over")


def test_a_run_that_is_named_is_looked_at_as_well(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    end(run)
    line = complaint(capsys, f"events say warm-up-over --env-file {run.env}")
    assert line.startswith(f"galileo: the run in {run.path} has ended (")


def test_whoever_names_a_bus_is_not_told_of_runs(
    run: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    end(run)
    monkeypatch.setenv("galileo_redis_url", "redis://127.0.0.1:1")
    assert complaint(capsys, "events say hello").startswith("galileo: no answer from redis://127.0.0.1:1")


def test_a_shell_that_has_sourced_a_run_that_is_no_more_is_told_so(
    run: RunFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("galileo_redis_url", "redis://127.0.0.1:1")
    monkeypatch.setenv(RUN_VARIABLE, str(run.path))
    said = complaint(capsys, "events say hello")
    assert said.endswith(f"this shell has sourced {run.path}/env, of a run that has ended or was cut off")


def test_a_file_beside_no_run_is_joined(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("probe=1\n")
    assert joining_environment("mine")["probe"] == "1"


def test_a_shell_that_sources_a_runs_variables_finds_our_programs_after_its_own(tmp_path: Path) -> None:
    programs = tmp_path / "with space" / "bin"
    programs.mkdir(parents=True)
    write_environment(tmp_path / "env", {"probe": "1"}, programs=programs)
    sourced = subprocess.run(
        ["sh", "-c", f'. {tmp_path / "env"}; printf "%s" "$PATH"'],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert sourced.stdout == f"/usr/bin:/bin:{programs}"


def test_that_path_is_not_taken_over_by_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_environment(tmp_path / "env", {"probe": "1"}, programs=tmp_path)
    monkeypatch.delenv("PATH")
    found = effective_environment(str(tmp_path / "env"))
    assert found["probe"] == "1"
    assert "PATH" not in found


def test_the_file_is_where_a_run_writes_it(run: RunFolder) -> None:
    assert LATEST_RUN.resolve() == run.env


def test_a_run_of_its_own_takes_nothing_over_from_the_one_that_a_shell_has_joined(run: RunFolder) -> None:
    write_environment(run.env, {"galileo_redis_port": "1", "schedule_scale_opt_max_threshold": "0.3"})
    environ = {
        RUN_VARIABLE: str(run.path),
        "galileo_redis_port": "1",
        "schedule_scale_opt_max_threshold": "0.5",  # set since
        "HOME": "/home/me",
    }
    assert leave_joined_run(environ) == f"what this shell has sourced of {run.path}/env does not hold for this run"
    assert environ == {"schedule_scale_opt_max_threshold": "0.5", "HOME": "/home/me"}
    assert leave_joined_run(environ) is None


def test_a_run_that_was_joined_and_is_gone_is_named(run: RunFolder) -> None:
    environ = {RUN_VARIABLE: str(run.path / "gone"), "galileo_redis_port": "1"}
    assert "which is gone" in str(leave_joined_run(environ))
    assert environ == {"galileo_redis_port": "1"}


@pytest.mark.parametrize("out", ["a-file", "a-file/below"])
def test_a_folder_that_cannot_be_made_is_one_line(run: RunFolder, out: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a-file").write_text("")
    assert main(["emulate", "--plain", "--out", out]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"galileo: {out}: no folder can be made there (Not a directory); choose another"
    ]
