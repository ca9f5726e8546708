"""A run made up for the report's tests: what the default scenario leaves behind when all goes as it should.

People move at 60 s; resnet is answered in zone-b from 71 s on, mobilenet from 73 s on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from galileo_experiments.event_log import read_event_log
from galileo_experiments.recorded_run import RecordedRun, RunFacts, recorded_run
from galileo_experiments.report import Report
from galileo_experiments.scenario import Scenario
from galileo_experiments.scenario_file import load_scenario
from galileo_experiments.summary import summarise
from galileo_schemas import events
from galileo_schemas.event import Event
from galileo_schemas.labels import FUNCTION, ZONE
from galileo_schemas.raw.trace_line import Trace
from galileo_schemas.registry import encode_frame

START = 1_700_000_000.0
REACTIONS_S = {"resnet": 71.0, "mobilenet": 73.0}


@dataclass
class MadeUpRun:
    """Frames and traces, to be filled by hand; times in seconds after the start."""

    scenario: Scenario
    frames: list[bytes] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)

    def say(self, t_s: float, event: Event) -> None:
        self.frames.append(encode_frame(START + t_s, event))

    def pod(self, t_s: float, kind: type[events.PodState], name: str, *, fn: str, node: str, ip: str) -> None:
        zone = next(known.zone for known in self.scenario.nodes if known.name == node)
        labels = {FUNCTION: fn, ZONE: zone, "type": "fn"}
        self.say(t_s, kind(pod_uid=f"uid-{name}", name=name, node_name=node, pod_ip=ip, labels=labels))

    def request(
        self,
        t_s: float,
        *,
        fn: str,
        zone: str,
        ip: str,
        ms: float = 50.0,
        status: int = 200,
        via: str = "10.9.9.9:8080, 10.9.9.8",
    ) -> None:
        headers = f'{{"x-final-host": "{via}:8080, {ip}:8080"}}' if status == 200 else None
        self.traces.append(
            Trace(
                request_id=f"r{len(self.traces)}",
                client=f"galileo-worker-{zone}-abcde:{fn}:0",
                service=fn,
                created=START + t_s,
                sent=START + t_s,
                done=START + t_s + ms / 1000.0,
                status=status,
                headers=headers,
            )
        )

    def facts(self) -> RunFacts:
        succeeded = sum(trace.succeeded for trace in self.traces)
        sent = len(self.traces)
        return RunFacts(
            start=START,
            end=START + self.scenario.duration_s,
            sent=sent,
            succeeded=succeeded,
            failed=sent - succeeded,
        )

    def recorded(self, facts: RunFacts | None = None) -> RecordedRun:
        return recorded_run(self.scenario, facts or self.facts(), read_event_log(self.frames), self.traces)

    def report(self) -> Report:
        return summarise(self.recorded(), events_path="events.log")


@pytest.fixture
def made_up_run() -> MadeUpRun:
    """A run of the default scenario in which nothing has happened yet."""
    return MadeUpRun(load_scenario())


@pytest.fixture
def moved_run(made_up_run: MadeUpRun) -> MadeUpRun:
    """A whole run of the default scenario."""
    run = made_up_run
    _pods(run)
    _pressures(run)
    _requests(run, Random(7))
    return run


def _pods(run: MadeUpRun) -> None:
    for name, fn, node, ip in (
        ("r1", "resnet", "edge-1", "10.0.0.1"),
        ("r2", "resnet", "edge-2", "10.0.0.2"),
        ("m1", "mobilenet", "edge-3", "10.0.0.3"),
    ):
        run.pod(-5, events.PodCreate, name, fn=fn, node=node, ip="")
        run.pod(-3, events.PodRunning, name, fn=fn, node=node, ip=ip)
    for fn, ip in (("resnet", "10.0.1.1"), ("mobilenet", "10.0.1.2")):
        at_s = REACTIONS_S[fn] - 4
        _scaling(run, at_s, fn, delete=False)
        run.say(at_s + 0.2, events.PodCreated(pod=f"{fn}-b", namespace="default", fn=fn, uid=f"uid-{fn}-b"))
        run.say(
            at_s + 0.4,
            events.PodBound(
                pod=f"{fn}-b", namespace="default", uid="u", node="cloudlet-1", zone="zone-b", scheduler="galileo"
            ),
        )
        run.pod(at_s + 2.5, events.PodRunning, f"{fn}-b", fn=fn, node="cloudlet-1", ip=ip)
        run.say(at_s + 3, events.WeightUpdate(fn=fn, zone="zone-b", weights=events.Weights(ips=[ip], weights=[90])))
    _scaling(run, 82, "resnet", delete=True)
    run.say(82.3, events.PodDeleted(pod="r2", namespace="default", fn="resnet"))
    run.pod(82.3, events.PodShutdown, "r2", fn="resnet", node="edge-2", ip="10.0.0.2")
    run.pod(84, events.PodDelete, "r2", fn="resnet", node="edge-2", ip="10.0.0.2")


def _scaling(run: MadeUpRun, t_s: float, fn: str, *, delete: bool) -> None:
    run.say(
        t_s,
        events.ScaleSchedule(
            fn=fn,
            origin_zone="zone-a",
            dest_zone="zone-a" if delete else "zone-b",
            value=0.01 if delete else 0.31,
            threshold=0.05 if delete else 0.25,
            delete=delete,
            pod_creation_request=events.PodCreationRequest(pod_name="p"),
        ),
    )


def _pressures(run: MadeUpRun) -> None:
    for round_s in range(5, 120, 5):
        moved = round_s > 60
        for fn in ("resnet", "mobilenet"):
            answered = round_s > REACTIONS_S[fn]
            client, zone = ("gateway-zone-b" if moved else "gateway-zone-a"), ("zone-b" if answered else "zone-a")
            gateway = f"gateway-{zone}"
            far = moved and not answered
            run.say(
                round_s,
                events.PressureReq(
                    value=1.0, weight=200, utilization=200, client=client, gateway=gateway, zone=zone, fn=fn
                ),
            )
            run.say(
                round_s + 0.001,
                events.PressureRttLog(
                    value=0.99 if far else 0.5, distance=100, client=client, gateway=gateway, zone=zone, fn=fn
                ),
            )
            run.say(round_s + 0.002, events.CpuUsagePressure(fn=fn, running_pods=2, cpu_mean=0.31, zone=zone))
            run.say(round_s + 0.003, events.ApiPressure(node=gateway, zone=zone, value=0.3))


def _requests(run: MadeUpRun, rng: Random) -> None:
    for fn, near_ms, ip_a, ip_b in (
        ("resnet", 38.0, "10.0.0.1", "10.0.1.1"),
        ("mobilenet", 20.0, "10.0.0.3", "10.0.1.2"),
    ):
        for index in range(2400):
            t_s = index / 20.0
            moved, answered = t_s >= 60, t_s >= REACTIONS_S[fn]
            ms = rng.gauss(near_ms, near_ms * 0.2) + (60 if moved and not answered else 0)
            run.request(
                t_s,
                fn=fn,
                zone="zone-b" if moved else "zone-a",
                ip=ip_b if answered else ip_a,
                ms=max(ms, 5.0),
                status=-1 if index % 400 == 399 else 200,
            )
