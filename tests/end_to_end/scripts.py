"""Runs from beginning to end without anyone asking in between: what is done to each, and what it is like afterwards.

Tests name the scripts whose outcome they look at, and read the outcome; the runs themselves go on in the background.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from galileo_bus.delivery.streams import EVENT_RECORDS, journal_of
from galileo_experiments.random_scenario import random_scenario
from galileo_experiments.scenario import Scenario, ScheduledFault
from galileo_schemas.events import Fault, PodRunning
from galileo_schemas.frame import RawFrame, split_frame
from galileo_schemas.labels import TYPE_FUNCTION, type_of, zone_of
from galileo_schemas.raw.trace_line import TRACES_STREAM
from galileo_schemas.registry import decode_frame

from tests.end_to_end.cluster_calls import create_config_map, get_config_map, get_pods, watch_config_maps
from tests.end_to_end.conversation import EVENTS, bus, deliver_again
from tests.end_to_end.harness import GALILEO, START_LIMIT_S, EmulatedRun, emulated_run, galileo, plain_environment
from tests.end_to_end.measurements import etcd_comes_to_agree
from tests.end_to_end.processes import RunningProcess, processes_in
from tests.end_to_end.variants import people_move, things_break

END_LIMIT_S = 60.0
RECORDED_STREAMS = {
    TRACES_STREAM: "trace_recorder",
    EVENT_RECORDS: "event_recorder",
    journal_of("scale_schedule"): "event_recorder",
}
BROKEN_S = 15.5
BROKEN = (
    ScheduledFault(
        at_s=1.5, fault=Fault(kind="add_latency", origin="zone-a", destination="zone-a", latency_ms=60, duration_s=2.5)
    ),
    ScheduledFault(at_s=5.5, fault=Fault(kind="cut_bus", service="event_recorder", duration_s=2.5)),
    ScheduledFault(at_s=5.5, fault=Fault(kind="cut_bus", service="trace_recorder", half_open=True, duration_s=2.0)),
    ScheduledFault(at_s=9.5, fault=Fault(kind="kill_node", node="edge-1", duration_s=1.5)),
)
"""A run in which much is broken for a short time; edge-1 carries all the pods."""

CONTROL_MOVE_S, CONTROL_S = 10.0, 32.0
"""The negative controls: when people move, and the whole length."""


@dataclass(frozen=True)
class Outcome:
    """A run that has ended: its exit status, the processes still there right then, and what its script saw."""

    run: EmulatedRun
    status: int
    left: list[RunningProcess]
    seen: dict[str, Any] = field(default_factory=dict)


Script = Callable[[Path], Outcome]


def _undisturbed(folder: Path, scenario: Scenario | str, *options: str, **environ: str) -> Outcome:
    with emulated_run(folder, scenario, *options, environ=environ) as run:
        run.until_load()
        return _ended(run, within_s=run_length_s(run) + END_LIMIT_S)


def run_length_s(run: EmulatedRun) -> float:
    """The length that the run says it has: `galileo: NAME, seed N, S s, into …`."""
    return float(run.said.split(" s, into", 1)[0].rsplit(" ", 1)[1])


def _ended(run: EmulatedRun, *, within_s: float, **seen: object) -> Outcome:
    status = run.wait(within_s=within_s)
    return Outcome(run, status, processes_in(run.folder), seen)


def default_run(folder: Path, *, seed: int = 1, duration_s: float = 44.0) -> Outcome:
    """The default scenario; towards the end etcd is compared with what was said."""
    with emulated_run(folder, "default", "--duration", f"{duration_s:g}", "--seed", str(seed)) as run:
        began = run.until_load()
        time.sleep(max(0.0, began + duration_s - 8.0 - time.monotonic()))
        difference = etcd_comes_to_agree(run, within_s=5.0)
        return _ended(run, within_s=8.0 + END_LIMIT_S, etcd_difference=difference)


def _control(folder: Path, *, without: tuple[str, ...] = (), **settings: str) -> Outcome:
    scenario = people_move(duration_s=CONTROL_S, move_s=CONTROL_MOVE_S, without=without, settings=settings)
    return _undisturbed(folder, scenario)


def without_pod_creator(folder: Path) -> Outcome:
    return _control(folder, without=("pod_creator",))


def static_strategy(folder: Path) -> Outcome:
    return _control(folder, schedule_scale_opt_strategy="static")


def frozen_weights(folder: Path) -> Outcome:
    return _control(folder, osmotic_lb_opt_strategy="frozen")


def random_run(folder: Path, *, seed: int, duration_s: float) -> Outcome:
    return _undisturbed(folder, random_scenario(seed, duration_s=duration_s))


def single_address(folder: Path) -> Outcome:
    return _undisturbed(folder, "default", "--duration", "12", galileo_emulation_single_address="true")


def resumed(folder: Path) -> Outcome:
    """A world that is kept in a file is killed under load, and goes on in another run."""
    world = ("--world", str(folder / "kept.world"))
    with emulated_run(folder / "first", "default", "--duration", "60", *world) as first:
        first.until_load()
        kept = create_config_map(first, "kept")
        written = lambda: b'"name":"kept"' in (folder / "kept.world").read_bytes()  # noqa: E731
        first.until(written, what="config map in the file", within_s=5.0)
        os.kill(first.child("galileo_cli.emulate.world_process").pid, signal.SIGKILL)
        killed = first.wait(within_s=END_LIMIT_S)
    with emulated_run(folder / "second", "default", "--duration", "6", *world) as second:
        second.until_load()
        again = get_config_map(second, "kept")
        stale = watch_config_maps(second, since=kept["metadata"]["resourceVersion"])
        pods = get_pods(second)
        seen = {"kept": kept, "again": again, "stale": stale, "pods": pods, "first": first, "killed": killed}
        return _ended(second, within_s=6.0 + END_LIMIT_S, **seen)


def with_kills(folder: Path) -> Outcome:
    """`control` dies the moment it has decided, the gateways once a new pod serves, the recorders a little later.

    In the end the recorders are given everything once more, as a bus that forgot what was acknowledged does.
    """
    killed: dict[str, float] = {}

    def kill(run: EmulatedRun, name: str, part: str) -> None:
        child = run.child(part)
        killed[name] = time.time()
        os.kill(child.pid, signal.SIGKILL)
        run.until_said(f"{name} ended with status -9 and is started again", within_s=5.0)

    only_up = {"schedule_scale_opt_min_threshold": "0"}
    with emulated_run(folder, people_move(duration_s=54.0, move_s=10.0, settings=only_up)) as run:
        run.until_load()
        _await_decision(run)
        kill(run, "control", "galileo_cli run cluster_observer")
        run.until_event(_serves_in_zone_b, what="pod that runs in zone-b", within_s=30.0)
        time.sleep(3.0)
        kill(run, "edge", "galileo_cli.emulate.edge_process")
        time.sleep(4.0)
        kill(run, "recorders", "galileo_cli run telemetry_ingester")
        time.sleep(8.0)  # they are back, and have claimed what their earlier life left
        for stream, group in RECORDED_STREAMS.items():
            deliver_again(run, stream, group=group)
        return _ended(run, within_s=54.0 + END_LIMIT_S, killed=killed)


def _await_decision(run: EmulatedRun) -> None:
    """Returns within a few milliseconds of the first `scale_schedule`."""
    with bus(run) as client, client.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(EVENTS)
        deadline = time.monotonic() + 40.0
        while time.monotonic() < deadline:
            message = channel.get_message(timeout=1.0)
            if message is not None and split_frame(message["data"]).name == "scale_schedule":
                return
    raise AssertionError(f"nothing was decided\n{run.said}")


def _serves_in_zone_b(frame: RawFrame) -> bool:
    pod = decode_frame(frame)
    if not isinstance(pod, PodRunning) or not pod.ready:
        return False
    return zone_of(pod.labels) == "zone-b" and type_of(pod.labels) == TYPE_FUNCTION


def calculator_alone(folder: Path) -> Outcome:
    """The run has no pressure_calculator; one runs beside it, as a person would start it."""
    with emulated_run(folder, people_move(duration_s=40.0, move_s=10.0, without=("pressure_calculator",))) as run:
        run.until_load()
        with (folder / "alone").open("wb") as output:
            alone = subprocess.Popen(
                [str(GALILEO), "run", "pressure_calculator", "--env-file", "out/env"],
                cwd=folder,
                env=plain_environment(),
                stdout=output,
                stderr=output,
            )
        try:
            run.until_event(_serves_in_zone_b, what="pod that runs in zone-b", within_s=START_LIMIT_S)
            alone.send_signal(signal.SIGTERM)
            status = alone.wait(10.0)
        finally:
            alone.kill()
            alone.wait()
        return _ended(run, within_s=40.0 + END_LIMIT_S, alone=status)


def things_break_and_people_pause(folder: Path) -> Outcome:
    """What the scenario breaks, and meanwhile somebody who asks for this and that at a terminal."""
    scenario = things_break(duration_s=BROKEN_S, faults=BROKEN)
    asked: list[tuple[str, int, str, str]] = []
    with emulated_run(folder, scenario) as run:
        began = run.until_load()

        def ask(at_s: float, words: str) -> None:
            time.sleep(max(0.0, began + at_s - time.monotonic()))
            answer = galileo(run.folder, *words.split(), "--env-file", "out/env")
            asked.append((words, answer.returncode, answer.stdout, answer.stderr))

        ask(5.8, "load pause")
        ask(7.5, "load resume")
        ask(8.2, "set pressure_calculator schedule_scale_opt_max_threshold 0.5")
        ask(8.6, "fault kill-node edge-9")
        return _ended(run, within_s=BROKEN_S + END_LIMIT_S, asked=asked)


def _random(seed: int, duration_s: float) -> Script:
    return lambda folder: random_run(folder, seed=seed, duration_s=duration_s)


def _seeded(seed: int) -> Script:
    return lambda folder: default_run(folder, seed=seed, duration_s=120.0)


SHORT_RANDOM = tuple(f"random-{seed}-short" for seed in range(1, 5))
LONG_RANDOM = tuple(f"random-{seed}" for seed in range(1, 21))
LONG_DEFAULT = tuple(f"default-120-{seed}" for seed in range(1, 4))
SCRIPTS: dict[str, Script] = {
    # The longest first: they are begun in this order.
    **{name: _seeded(seed) for seed, name in enumerate(LONG_DEFAULT, start=1)},
    "with_kills": with_kills,
    "default": default_run,
    "calculator_alone": calculator_alone,
    "resumed": resumed,
    "without_pod_creator": without_pod_creator,
    "static_strategy": static_strategy,
    "frozen_weights": frozen_weights,
    **{name: _random(seed, 20.0) for seed, name in enumerate(LONG_RANDOM, start=1)},
    "things_break_and_people_pause": things_break_and_people_pause,
    "single_address": single_address,
    **{name: _random(seed, 7.0) for seed, name in enumerate(SHORT_RANDOM, start=1)},
}
