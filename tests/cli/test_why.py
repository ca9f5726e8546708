"""`galileo why`: each line of a chain says what it is about, and a decision says why it was made."""

from __future__ import annotations

from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_schemas.event import Event, Meta
from galileo_schemas.events import (
    ContainerRecommendation,
    NodeUpdate,
    PodCreated,
    PodCreationRequest,
    Resources,
    ScaleSchedule,
    VpaRecommendation,
    VpaUpdate,
)
from galileo_schemas.registry import encode_frame

MIB = 1024 * 1024


class EventLog:
    """An event log in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: list[bytes] = []

    def add(self, event: Event, identity: str, *, cause: tuple[str, ...] = ()) -> None:
        event.meta = Meta(id=identity, source="somebody/1", cause=cause)
        self.add_line(encode_frame(1000.0 + len(self._lines), event))

    def add_line(self, line: bytes) -> None:
        self._lines.append(line)
        self.path.write_bytes(b"\n".join(self._lines))


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    return EventLog(tmp_path / "events.log")


def decision(more: dict[str, object]) -> ScaleSchedule:
    event = ScaleSchedule(
        fn="resnet",
        origin_zone="zone-a",
        dest_zone="zone-b",
        pod_creation_request=PodCreationRequest(pod_name="resnet-1"),
    )
    for name, value in more.items():
        setattr(event, name, value)
    return event


def told(log: EventLog, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What is told of each event's name."""
    assert main(["why", "resnet-1", "--log", str(log.path)]) == 0
    lines = (line.split(None, 3) for line in capsys.readouterr().out.splitlines())
    return {words[1]: words[3] if len(words) > 3 else "" for words in lines}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"value": 0.354, "threshold": 0.11}, "one pod more in zone-b, pressure 0.35 over 0.11 in zone-a"),
        ({"value": 0.0031, "threshold": 0.006, "delete": True}, "pressure 0.0031 under 0.006 in zone-a"),
        ({"reason": "0 of at least 1 pods are there"}, "one pod more in zone-b, 0 of at least 1 pods are there"),
        ({"delete": True, "threshold": 0.006}, "remove a pod in zone-b, no traffic in zone-a"),
        ({}, "one pod more in zone-b, as asked for"),
    ],
)
def test_a_decision_says_why_it_was_made(
    log: EventLog, capsys: pytest.CaptureFixture[str], more: dict[str, object], expected: str
) -> None:
    log.add(decision(more), "d")
    assert expected in told(log, capsys)["scale_schedule"]


def test_a_node_that_led_to_a_decision_is_named(log: EventLog, capsys: pytest.CaptureFixture[str]) -> None:
    log.add(NodeUpdate(name="edge-1", zone="zone-a", ready=False), "n")
    log.add(decision({"reason": "0 of at least 1 pods are there"}), "d", cause=("n",))
    assert told(log, capsys)["node_update"] == "edge-1 in zone-a: not ready"


def test_what_is_done_about_a_pods_resources_is_told(log: EventLog, capsys: pytest.CaptureFixture[str]) -> None:
    amount = Resources(cpu_millicores=410, memory_bytes=180 * MIB)
    wanted = ContainerRecommendation(target=amount, lower_bound=amount, upper_bound=amount, uncapped_target=amount)
    log.add(VpaRecommendation(fn="resnet", namespace="default", containers={"fn": wanted}), "r")
    update = VpaUpdate(pod="resnet-1", namespace="default", mode="in_place", result="in_progress", after={"fn": amount})
    log.add(update, "u", cause=("r",))
    lines = told(log, capsys)
    assert lines["vpa_recommendation"] == "resnet should request: fn cpu 410m, memory 180Mi"
    assert lines["vpa_update"] == "resnet-1: cpu none → 410m, memory none → 180Mi, in progress"


def test_a_line_that_fits_no_schema_is_shown_as_it_is(log: EventLog, capsys: pytest.CaptureFixture[str]) -> None:
    log.add_line(b'1000.0 pod_created {"pod": "resnet-1", "note": "by hand", "meta": {"source": "me/1"}}')
    log.add_line(b'1001.0 my_own {"pod": "resnet-1", "meta": {"source": "me/1"}}')
    lines = told(log, capsys)
    assert lines["pod_created"] == '{"pod":"resnet-1","note":"by hand"}'
    assert lines["my_own"] == '{"pod":"resnet-1"}'


def test_an_action_is_told(log: EventLog, capsys: pytest.CaptureFixture[str]) -> None:
    log.add(PodCreated(pod="resnet-1", namespace="default", uid="u-1"), "c")
    assert told(log, capsys)["pod_created"] == "resnet-1 (u-1)"
