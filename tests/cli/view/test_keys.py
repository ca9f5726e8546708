"""Every key of the view: what it opens, and what it says on the bus."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from galileo_bus.bus import Bus
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_cli.view.app import LiveApp
from galileo_cli.view.dialogs import ChooseScreen, NumberScreen, PageScreen
from galileo_cli.view.happened import Kind
from galileo_cli.view.listening import listening_bus
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
from galileo_schemas.frame import RawFrame
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from tests.bus.hearing import until
from tests.cli.view.scene import Scene

MAX, MIN = "schedule_scale_opt_max_threshold", "schedule_scale_opt_min_threshold"
ASKS = (ClientPause, ClientResume, ClientMove, Fault, FaultEnd, SettingChange)


@dataclass
class Shown:
    """A view on a bus where somebody answers each ask by a script."""

    scene: Scene
    app: LiveApp
    pilot: Pilot[None]
    asked: list[Event]
    quits: list[str]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until_told(self, text: str) -> None:
        """Waits until a line of the log begins with `text`."""
        await until(lambda: any(line.text.startswith(text) for line in self.scene.live.happened.since(0)))

    def on_screen(self, panel: str) -> str:
        """The text of a panel of the view itself."""
        return str(self.app.screen_stack[0].query_one(f"#{panel}", Static).visual)

    def listed(self) -> list[str]:
        """The lines of the list that is open."""
        options = self.app.screen.query_one(OptionList)
        return [str(options.get_option_at_index(number).prompt) for number in range(options.option_count)]


Answer = Callable[[Event], Event | None]


@asynccontextmanager
async def shown(answer: Answer = lambda _ask: None, *, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Shown]:
    scene = Scene()
    scene.edge_cloud()
    scene.status("pressure_calculator", figures={"max_threshold": 0.11, "min_threshold": 0.006})
    server = MemoryServer(asyncio.get_running_loop().time)
    asked: list[Event] = []
    quits: list[str] = []
    somebody = Bus(MemoryTransport(server), source="somebody", now=lambda: scene.now, rng=random.Random(1))
    bus = listening_bus(MemoryTransport(server), scene.live, source="view", now=lambda: scene.now)

    async def take(ask: Event, _frame: RawFrame) -> None:
        asked.append(ask)
        said = answer(ask)
        if said is not None and ask.meta is not None:
            await somebody.say(said, cause=[ask.meta.id])

    for kind in ASKS:
        somebody.listen(kind, take)
    await somebody.start()
    await bus.start()
    app = LiveApp(scene.live, scene.run, now=lambda: scene.now, quit_asked=lambda: quits.append("q"))
    app.bus = bus
    try:
        async with app.run_test(size=size) as pilot:
            app.redraw()
            await pilot.pause()
            yield Shown(scene, app, pilot, asked, quits)
    finally:
        await bus.close()
        await somebody.close()


def carried_out(ask: Event) -> Event | None:
    """What those would say who do what they are asked for."""
    match ask:
        case ClientPause() | ClientResume():
            return LoadPaused(fn=ask.fn, zone=ask.zone, paused=isinstance(ask, ClientPause))
        case ClientMove():
            return LoadMoved(fn="resnet", origin_zone=ask.origin_zone, dest_zone=ask.dest_zone, rps=20)
        case Fault():
            return FaultBegun(kind=ask.kind, node=ask.node)
        case FaultEnd():
            return FaultEnded(kind=ask.kind, node=ask.node)
        case SettingChange():
            return SettingChanged(service=ask.service, variable=ask.variable, value=ask.value)
    return None


async def test_p_pauses_the_load_and_p_again_lets_it_go_on() -> None:
    async with shown(carried_out) as view:
        await view.press("p")
        await view.until_told("answer: all clients send nothing now")
        view.app.redraw()
        assert "all clients paused" in view.on_screen("header")
        await view.press("p")
        await view.until_told("answer: all clients go on")
    assert [type(ask) for ask in view.asked] == [ClientPause, ClientResume]


async def test_m_moves_the_clients_of_a_function_from_a_zone_to_another() -> None:
    async with shown(carried_out) as view:
        await view.press("m")
        assert view.listed() == ["all functions", "resnet"]
        await view.press("down", "enter")
        assert [line.split()[0] for line in view.listed()] == ["zone-a", "zone-b"]
        await view.press("enter")
        assert view.listed() == ["zone-b"]
        await view.press("enter")
        await view.until_told("answer: clients of resnet move from zone-a to zone-b")
    (ask,) = view.asked
    assert isinstance(ask, ClientMove)
    assert (ask.fn, ask.origin_zone, ask.dest_zone) == ("resnet", "zone-a", "zone-b")


async def test_k_kills_a_node_of_the_list_and_restores_it_from_there() -> None:
    async with shown(carried_out) as view:
        await view.press("k")
        assert view.listed() == [
            "kill edge-1  in zone-a, 1 pod",
            "kill edge-2  in zone-a, 0 pods",
            "kill edge-10  in zone-a, 0 pods",
            "kill cloudlet-1  in zone-b, 0 pods",
            "kill client-zone-a  in zone-a, 1 pod",
            "kill gateway-zone-a  in zone-a, 1 pod",
            "kill client-zone-b  in zone-b, 1 pod",
            "kill gateway-zone-b  in zone-b, 1 pod",
        ], "workers first"
        await view.press("enter")
        await view.until_told("answer: fault: node edge-1 is down")
        view.app.redraw()
        assert "× edge-1 killed" in view.on_screen("zones")
        assert "node edge-1 is down" in view.on_screen("header")
        await view.press("k")
        assert view.listed()[0] == "restore edge-1  (down for 0 s)"
        await view.press("enter")
        await view.until_told("answer: fault ended: node edge-1 is down")
    first, second = view.asked
    assert isinstance(first, Fault)
    assert isinstance(second, FaultEnd)
    assert (first.kind, first.node, second.node) == ("kill_node", "edge-1", "edge-1")


@pytest.mark.parametrize(("keys", "variable"), [(("enter",), MAX), (("down", "enter"), MIN)])
async def test_t_changes_a_threshold(keys: tuple[str, ...], variable: str) -> None:
    async with shown(carried_out) as view:
        await view.press("t")
        assert view.listed()[0].endswith("(now 0.11)")
        await view.press(*keys)
        assert isinstance(view.app.screen, NumberScreen)
        await view.press("0", ".", "1", "enter")
        await view.until_told(f"answer: pressure_calculator: {variable} is 0.1 now")
        view.app.redraw()
        title = view.app.query_one("#pressure", Static).border_title
        assert title == (" pressure: max 0.1 min 0.006 " if variable == MAX else " pressure: max 0.11 min 0.1 ")
    (ask,) = view.asked
    assert isinstance(ask, SettingChange)
    assert (ask.service, ask.variable, ask.value) == ("pressure_calculator", variable, "0.1")


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("abc", "expected a number, such as 0.2"),
        ("inf", "expected a finite number"),
        ("0.001", "expected at least the min threshold, 0.006"),
    ],
)
async def test_a_threshold_that_cannot_be_is_not_asked_for(typed: str, wrong: str) -> None:
    async with shown(carried_out) as view:
        await view.press("t", "enter", *("full_stop" if letter == "." else letter for letter in typed), "enter")
        assert str(view.app.screen.query_one("#wrong", Static).visual) == wrong
        await view.press("escape")
        assert view.app.screen is view.app.screen_stack[0]
    assert view.asked == []


async def test_l_shows_the_whole_log_and_question_mark_the_keys() -> None:
    async with shown() as view:
        view.scene.live.happened.add(990.0, "join in:   source runs/x/env", Kind.RUN)
        await view.press("l")
        assert isinstance(view.app.screen, PageScreen)
        assert "join in:   source runs/x/env" in str(view.app.screen.query_one(Static).visual)
        await view.press("l")
        await view.press("question_mark")
        assert "kill a node, or restore one that was killed" in str(view.app.screen.query_one(Static).visual)
        await view.press("question_mark")
        assert view.app.screen is view.app.screen_stack[0]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_q_and_ctrl_c_ask_for_the_end_and_the_view_stays_until_it_is_closed(key: str) -> None:
    async with shown() as view:
        await view.press(key)
        assert view.quits == ["q"]
        view.app.redraw()
        assert "stopping …" in view.on_screen("header")
        assert view.app.is_running


async def test_ctrl_c_asks_for_the_end_from_within_a_dialog_too_and_other_keys_do_not_reach_the_view() -> None:
    async with shown() as view:
        await view.press("k", "p", "q", "t")
        assert isinstance(view.app.screen, ChooseScreen)
        assert (view.quits, view.asked) == ([], [])
        await view.press("ctrl+c")
        assert view.quits == ["q"]


@pytest.mark.parametrize("keys", [("k",), ("m",), ("m", "enter"), ("t",), ("t", "enter")])
async def test_escape_goes_back_without_asking(keys: tuple[str, ...]) -> None:
    async with shown(carried_out) as view:
        await view.press(*keys)
        await view.press("escape")
        assert view.app.screen is view.app.screen_stack[0]
    assert view.asked == []


async def test_an_ask_that_is_refused_tells_the_reason() -> None:
    async with shown(lambda _ask: AskRefused(ask="client_pause", reason="there is no load")) as view:
        await view.press("p")
        await view.until_told("answer: client_pause refused: there is no load")


async def test_an_ask_that_nobody_answers_is_told_after_three_seconds() -> None:
    async with shown() as view:
        await view.press("p")
        view.scene.now += 3.5
        view.app.redraw()
        assert "nobody answered within 3 s: pause all clients" in view.on_screen("log")


async def test_before_there_is_a_bus_nothing_is_asked_and_that_is_told() -> None:
    async with shown() as view:
        view.app.bus = None
        await view.press("p")
        view.app.redraw()
        assert "there is no bus yet: nothing was asked" in view.on_screen("log")
    assert view.asked == []


async def test_where_nothing_is_known_there_is_nothing_to_choose_from_and_that_is_told() -> None:
    scene = Scene()
    app = LiveApp(scene.live, scene.run, now=lambda: scene.now, quit_asked=lambda: None)
    async with app.run_test() as pilot:
        await pilot.press("k")
        await pilot.pause()
        assert scene.live.happened.since(0)[0].text == "kill or restore a node: nothing is known yet to choose from"
