"""Ctrl-C ends a run within five seconds wherever it is, with its report; and no process outlives its parent."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.harness import ALL_PROCESSES, GALILEO, START_LIMIT_S, EmulatedRun, emulated_run
from tests.end_to_end.processes import left_after, processes_in
from tests.end_to_end.variants import people_move

pytestmark = pytest.mark.timeout(300)
ALONE = True
STOP_LIMIT_S = 5.0
STAGES = {
    "its environment": ("env", 0),
    "the gateways": ("logs/edge.log", 1),
}
"""What a run has written, of what size, when it comes to each stage of its start."""


def interrupt(run: EmulatedRun) -> int:
    """SIGINT; its exit status. Fails the test when it does not end within five seconds."""
    run.signal(signal.SIGINT)
    return run.wait(within_s=STOP_LIMIT_S)


def await_answers(run: EmulatedRun) -> None:
    run.until_load()
    run.until(lambda: (run.out / "experiment.sqlite").exists(), what="database", within_s=10.0)
    run.until(lambda: recorded(run) > 50, what="recorded requests", within_s=20.0)


def recorded(run: EmulatedRun) -> int:
    ((count,),) = run.query("SELECT count(*) FROM traces")
    return int(count)


@pytest.mark.parametrize("after", STAGES)
def test_ctrl_c_while_it_starts(tmp_path: Path, after: str) -> None:
    with emulated_run(tmp_path / "run", "default") as run:
        name, at_least_bytes = STAGES[after]
        sign = run.out / name
        run.until(lambda: sign.exists() and sign.stat().st_size >= at_least_bytes, what=after, within_s=START_LIMIT_S)
        assert interrupt(run) == 0
        assert processes_in(run.folder) == []
        assert "galileo: stopped before the " in run.said.splitlines()[-1]
        assert run.told == ""
        assert (run.folder / "runs" / "latest").exists() == run.out.exists(), "what is left can be found, and only that"


def test_ctrl_c_before_anything_runs_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with emulated_run(tmp_path / "run", "default") as run:
        run.until((run.out / "run.json").exists, what="folder", within_s=START_LIMIT_S)
        assert interrupt(run) == 0
        assert run.said.splitlines()[1:] == ["galileo: stopped before the run was ready; nothing is kept of it"]
        assert run.told == ""
        assert not run.out.exists()
        assert not (run.folder / "runs" / "latest").is_symlink()


def test_ctrl_c_before_the_command_is_loaded_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "importtime", str(GALILEO), "emulate", "--plain"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "galileo_schemas" in line:  # in the middle of what the command needs
                process.send_signal(signal.SIGINT)
                break
        said += process.stderr.readlines()
        assert process.wait(10) == 130
    assert [line for line in said if not line.startswith("import time:")] == ["galileo: stopped before the run began\n"]
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_in_mid_run_writes_the_report(tmp_path: Path) -> None:
    with emulated_run(tmp_path / "run", "default") as run:
        await_answers(run)
        assert interrupt(run) == 0
        assert processes_in(run.folder) == []
        assert run.told == ""
        requests = run.report.requests
        assert requests.sent == requests.succeeded + requests.failed == requests.recorded > 50
        assert run.report.measured_s < run.report.duration_s
        assert (run.out / "report.html").stat().st_size > 10_000


def test_an_impatient_second_ctrl_c_loses_nothing(tmp_path: Path) -> None:
    with emulated_run(tmp_path / "run", "default") as run:
        await_answers(run)
        run.signal(signal.SIGINT)
        time.sleep(0.3)  # a person's second thought
        assert interrupt(run) == 0
        assert processes_in(run.folder) == []
        assert run.told == ""
        requests = run.report.requests
        assert requests.sent == requests.succeeded + requests.failed == requests.recorded > 50


def test_no_process_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    with emulated_run(tmp_path / "run", "default") as run:
        await_answers(run)
        assert len(processes_in(run.folder)) == ALL_PROCESSES
        run.signal(signal.SIGKILL)
        run.wait(within_s=1.0)
        assert left_after(run.folder, within_s=STOP_LIMIT_S) == []


def test_no_process_outlives_a_parent_that_was_killed_while_it_started(tmp_path: Path) -> None:
    with emulated_run(tmp_path / "run", "default") as run:
        run.until((run.out / "kubeconfig").exists, what="kubeconfig", within_s=START_LIMIT_S)
        run.signal(signal.SIGKILL)
        run.wait(within_s=1.0)
        assert left_after(run.folder, within_s=STOP_LIMIT_S) == []


def test_ctrl_c_while_clients_and_gateways_wait_for_pods_that_nobody_places(tmp_path: Path) -> None:
    scenario = people_move(duration_s=10.0, move_s=5.0, without=("scheduler_binder",))
    with emulated_run(tmp_path / "run", scenario) as run:
        log = run.out / "logs" / "control.log"
        run.until(lambda: log.exists() and "running" in log.read_text(), what="control", within_s=START_LIMIT_S)
        assert interrupt(run) == 0
        assert processes_in(run.folder) == []
        assert run.told == ""
