"""`galileo emulate` as a person starts it: a process of its own in a folder of its own, read from outside.

    folder/            working directory, so that runs/latest and the processes are this run's alone
    folder/out/        what the run writes: env, events.log, experiment.sqlite, report.json, …
    folder/said, told  standard output and standard error

At most `AT_ONCE` runs go on at a time, whoever starts them.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from galileo_cli.environment import read_environment
from galileo_experiments.report import Report, read_report_json
from galileo_experiments.scenario import Scenario
from galileo_experiments.scenario_writer import write_scenario
from galileo_schemas.frame import RawFrame, split_frame

from tests.end_to_end.processes import RunningProcess, left_after, processes_in

GALILEO = Path(sys.executable).parent / "galileo"
AT_ONCE = 3
START_LIMIT_S = 90.0
"""A start takes a few seconds; several at once on a busy machine take many more."""

ALL_PROCESSES = 9
"""The parent, Valkey, etcd, the world, ways to the bus, deciders, recorders, gateways, clients."""

_slots = threading.BoundedSemaphore(AT_ONCE)


class EmulatedRun:
    """One run. Use `emulated_run`, which also sees to it that nothing is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out"
        self._process: subprocess.Popen[bytes] | None = None

    # ------------------------------------------------------------ running

    def start(self, scenario: str, *options: str, environ: Mapping[str, str]) -> None:
        """Starts `galileo emulate SCENARIO --no-ui --out out …`."""
        command = [str(GALILEO), "emulate", scenario, "--no-ui", "--out", "out", *options]
        with (self.folder / "said").open("wb") as said, (self.folder / "told").open("wb") as told:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=said, stderr=told
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the run was not started"
        return self._process

    @property
    def said(self) -> str:
        """What it printed."""
        return (self.folder / "said").read_text()

    @property
    def told(self) -> str:
        """What it printed on standard error."""
        return (self.folder / "told").read_text()

    def wait(self, *, within_s: float) -> int:
        """Its exit status. Fails the test when it does not end in time."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the run did not end within {within_s:.0f} s\n{self.said}\n{self.told}") from None

    def until(self, condition: Callable[[], bool], *, what: str, within_s: float) -> None:
        """Waits for something that the run brings about. Fails the test when it ends before, or is late."""
        deadline = time.monotonic() + within_s
        while not condition():
            ended = self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                late = "the run has ended" if ended else f"not within {within_s:.0f} s"
                raise AssertionError(f"no {what}: {late}\n{self.said}\n{self.told}")
            time.sleep(0.05)

    def until_said(self, text: str, *, within_s: float) -> None:
        """Waits until the run has printed a text."""
        self.until(lambda: text in self.said, what=f"{text!r} was printed", within_s=within_s)

    def until_load(self) -> float:
        """Waits for the first request; returns the moment, by the monotonic clock."""
        self.until_said("first requests", within_s=START_LIMIT_S)
        return time.monotonic()

    def until_event(self, wanted: Callable[[RawFrame], bool], *, what: str, within_s: float) -> RawFrame:
        """Waits until an event is in the event log; returns the first such."""
        found: list[RawFrame] = []

        def look() -> bool:
            found[:] = [frame for frame in self.frames() if wanted(frame)][:1]
            return bool(found)

        self.until(look, what=what, within_s=within_s)
        return found[0]

    # ------------------------------------------------------------ its processes

    def signal(self, number: int) -> None:
        """To the parent process alone."""
        self.process.send_signal(number)

    def child(self, part: str) -> RunningProcess:
        """The one process of the run whose command line holds `part`."""
        found = [process for process in processes_in(self.folder) if part in process.command]
        assert len(found) == 1, f"expected one process with {part!r}, found {found}"
        return found[0]

    # ------------------------------------------------------------ what it leaves

    @property
    def env(self) -> dict[str, str]:
        """What it tells those who want to join in."""
        return read_environment(self.out / "env")

    @property
    def report(self) -> Report:
        return read_report_json(self.out / "report.json")

    def frames(self) -> list[RawFrame]:
        """The events recorded so far; each line of the log has to be a frame. A line half written is left out."""
        log = self.out / "events.log"
        if not log.exists():
            return []
        return [split_frame(line) for line in log.read_bytes().split(b"\n")[:-1]]

    def frames_named(self, *names: str) -> list[RawFrame]:
        return [frame for frame in self.frames() if frame.name in names]

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the experiment database."""
        uri = f"{(self.out / 'experiment.sqlite').as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            return database.execute(statement, values).fetchall()


@contextmanager
def emulated_run(
    folder: Path, scenario: Scenario | str, *options: str, environ: Mapping[str, str] | None = None
) -> Iterator[EmulatedRun]:
    """A run that has been started; whatever is left of it afterwards is killed. `folder` is made."""
    folder.mkdir(parents=True)
    name = scenario
    if isinstance(scenario, Scenario):
        (folder / "scenario.yaml").write_text(write_scenario(scenario))
        name = "scenario.yaml"
    assert isinstance(name, str)
    with _slots:
        run = EmulatedRun(folder)
        run.start(name, *options, environ={**plain_environment(), **(environ or {})})
        try:
            yield run
        finally:
            run.process.kill()
            run.process.wait()
            for process in left_after(folder, within_s=5.0):
                os.kill(process.pid, signal.SIGKILL)


def plain_environment() -> dict[str, str]:
    """This process's environment without settings of ours, which would reach the services."""
    ours = ("galileo_", "schedule_scale_opt_", "osmotic_lb_opt_", "pod_creator_", "event_recorder_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours) and name != "KUBECONFIG"}


def galileo(folder: Path, *words: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end in a folder; with the environment of nobody's run unless one is given."""
    return subprocess.run(
        [str(GALILEO), *words],
        cwd=folder,
        env={**plain_environment(), **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
