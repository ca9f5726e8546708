"""Asks, their answers, and what is told when nobody answers."""

from __future__ import annotations

import pytest
from galileo_cli.view.happened import Kind
from galileo_schemas.event import Event
from galileo_schemas.events import (
    AskRefused,
    ClientMove,
    ClientPause,
    ClientResume,
    Fault,
    FaultBegun,
    FaultEnd,
    FaultEnded,
    LoadMoved,
    LoadPaused,
    SettingChange,
    SettingChanged,
)

from tests.cli.view.scene import Scene

MAX = "schedule_scale_opt_max_threshold"


@pytest.fixture
def scene() -> Scene:
    return Scene()


def lines(scene: Scene) -> list[tuple[Kind, str]]:
    return [(line.kind, line.text) for line in scene.live.happened.since(0)]


ANSWERED: list[tuple[Event, Event, str, str]] = [
    (ClientPause(), LoadPaused(paused=True), "pause all clients", "all clients send nothing now"),
    (ClientResume(), LoadPaused(paused=False), "resume all clients", "all clients go on"),
    (
        ClientPause(fn="resnet"),
        LoadPaused(fn="resnet", zone="zone-a", paused=True),
        "pause clients of resnet",
        "clients of resnet in zone-a send nothing now",
    ),
    (
        ClientMove(fn="", origin_zone="zone-a", dest_zone="zone-b"),
        LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20),
        "move all clients from zone-a to zone-b",
        "clients of resnet move from zone-a to zone-b (20 requests/s)",
    ),
    (
        Fault(kind="kill_node", node="edge-1"),
        FaultBegun(kind="kill_node", node="edge-1"),
        "kill node edge-1",
        "fault: node edge-1 is down",
    ),
    (
        FaultEnd(kind="kill_node", node="edge-1"),
        FaultEnded(kind="kill_node", node="edge-1"),
        "restore node edge-1",
        "fault ended: node edge-1 is down",
    ),
    (
        SettingChange(service="pressure_calculator", variable=MAX, value="0.2"),
        SettingChanged(service="pressure_calculator", variable=MAX, value="0.2", before="0.11"),
        f"set {MAX} of pressure_calculator to 0.2",
        f"pressure_calculator: {MAX} is 0.2 now, was 0.11",
    ),
    (
        ClientPause(),
        AskRefused(ask="client_pause", reason="there is no load"),
        "pause all clients",
        "client_pause refused: there is no load",
    ),
]


@pytest.mark.parametrize(("ask", "answer", "asked", "told"), ANSWERED, ids=lambda value: getattr(value, "fn", None))
def test_an_ask_and_the_record_that_answers_it_are_told(
    scene: Scene, ask: Event, answer: Event, asked: str, told: str
) -> None:
    scene.live.asked(ask, "ask-1", scene.now)
    scene.now += 0.5
    scene.tell(answer)
    scene.live.tick(scene.now + 10)
    assert lines(scene) == [(Kind.ASKED, f"asked: {asked}"), (Kind.ANSWER, f"answer: {told}")]


@pytest.mark.parametrize(
    "other",
    [
        LoadPaused(paused=False),
        LoadMoved(fn="resnet", origin_zone="zone-a", dest_zone="zone-b", rps=20),
        AskRefused(ask="client_resume", reason="nobody is paused"),
    ],
)
def test_what_does_not_fit_is_no_answer(scene: Scene, other: Event) -> None:
    scene.live.asked(ClientPause(), "ask-1", scene.now)
    scene.tell(other)
    assert Kind.ANSWER not in [kind for kind, _ in lines(scene)]


def test_an_answer_that_names_its_ask_belongs_to_that_one_alone(scene: Scene) -> None:
    for number, node in enumerate(("edge-1", "edge-2")):
        scene.live.asked(Fault(kind="kill_node", node=node), f"ask-{number}", scene.now)
    scene.tell(AskRefused(ask="fault", reason="it is down already"), cause=["ask-1"])
    scene.tell(AskRefused(ask="fault", reason="for somebody else"), cause=["of-another"])
    scene.live.tick(scene.now + 4)
    assert lines(scene)[2:] == [
        (Kind.ANSWER, "answer: fault refused: it is down already"),
        (Kind.TROUBLE, "fault refused: for somebody else"),
        (Kind.TROUBLE, "nobody answered within 3 s: kill node edge-1"),
    ]


def test_an_ask_for_all_functions_may_have_an_answer_for_each(scene: Scene) -> None:
    scene.live.asked(ClientMove(origin_zone="zone-a", dest_zone="zone-b"), "ask-1", scene.now)
    for fn in ("resnet", "mobilenet"):
        scene.tell(LoadMoved(fn=fn, origin_zone="zone-a", dest_zone="zone-b", rps=20), cause=["ask-1"])
    assert [kind for kind, _ in lines(scene)] == [Kind.ASKED, Kind.ANSWER, Kind.ANSWER]


def test_three_seconds_without_an_answer_are_told_once(scene: Scene) -> None:
    scene.live.asked(ClientPause(), "ask-1", scene.now)
    scene.live.tick(scene.now + 2.9)
    assert len(lines(scene)) == 1
    scene.live.tick(scene.now + 3.1)
    scene.live.tick(scene.now + 4)
    assert lines(scene)[1:] == [(Kind.TROUBLE, "nobody answered within 3 s: pause all clients")]


def test_the_same_that_nobody_here_asked_for_is_told_as_an_event(scene: Scene) -> None:
    scene.tell(LoadPaused(paused=True))
    assert lines(scene) == [(Kind.EVENT, "all clients send nothing now")]
