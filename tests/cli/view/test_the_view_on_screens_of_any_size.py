"""What is on the screen, at the sizes that terminals have."""

from __future__ import annotations

import itertools
import sys

import pytest
from galileo_cli.view.app import LiveApp
from galileo_schemas.events import ApiPressure, FaultBegun, FaultEnded, LoadStatus, VpaUpdate
from textual.widgets import Footer, Static

from tests.cli.view.scene import Scene


@pytest.fixture
def scene() -> Scene:
    made = Scene()
    made.edge_cloud()
    made.status("pressure_calculator", figures={"max_threshold": 0.11, "min_threshold": 0.006})
    made.tell(ApiPressure(node="gateway-zone-a", zone="zone-a", value=0.17, max=0.34))
    made.tell(LoadStatus(experiment="x", sent=100, succeeded=99, failed=1, rates={"zone-a": 40.0}))
    made.scale_up("resnet-2")
    made.tell(FaultBegun(kind="kill_node", node="edge-2"))
    made.tell(VpaUpdate(pod="resnet-1", namespace="default", mode="in_place", result="resized"))
    return made


def app_on(scene: Scene) -> LiveApp:
    return LiveApp(scene.live, scene.run, now=lambda: scene.now, quit_asked=lambda: None)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (200, 60)])
async def test_all_subjects_are_on_the_screen(scene: Scene, size: tuple[int, int]) -> None:
    app = app_on(scene)
    async with app.run_test(size=size) as pilot:
        app.redraw()
        await pilot.pause()
        text = screen_text(app)
    for expected in (
        "people-move, seed 1",
        "requests 100 sent  99 ok  1 failed",
        "zone-a  resnet 1",
        "● edge-1 1p",
        "× edge-2 killed",
        "pressure: max 0.11 min 0.006",
        "zone-a 0.34 mean 0.17 ━",
        "zone-a   40/s",
        "scale up resnet in zone-b ← pressure 0.35",
        "1 of 1 ready",
        "node edge-2 is",
        "resnet-1",
        "fault: node edge-2 is down",
        "q quit",
    ):
        assert expected in text, f"{expected!r} is not on the screen:\n{text}"


async def test_where_it_is_narrow_whole_words_are_left_out_and_none_is_cut(scene: Scene) -> None:
    scene.tell(FaultEnded(kind="kill_node", node="edge-2"))
    app = app_on(scene)
    async with app.run_test(size=(70, 24)) as pilot:
        app.redraw()
        await pilot.pause()
        lines = [line.strip("─ ") for line in screen_text(app).splitlines()]
    assert "requests 100 sent  99 ok  1 failed   decisions 1 up 0 down" in lines
    assert any(line.startswith("pressure: max 0.11 ─") for line in lines), lines
    assert any("zone-a 0.34 ━" in line for line in lines), lines
    assert any(line.startswith("0 s up resnet in zone-b ← pressure 0.35  ") for line in lines), lines
    assert lines[-1].endswith("l log  ? help  q quit")


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (60, 18), (20, 5)])
async def test_panels_lie_within_the_screen_and_below_one_another(scene: Scene, size: tuple[int, int]) -> None:
    app = app_on(scene)
    async with app.run_test(size=size) as pilot:
        app.redraw()
        await pilot.pause()
        rows = [app.query_one(f"#{name}").region for name in ("header", "zones", "pressure", "decisions", "log")]
        assert all(above.bottom <= below.y for above, below in itertools.pairwise(rows))
        assert all(region.right <= size[0] for region in rows)
        if size[1] >= 18:
            assert rows[-1].bottom == app.query_one(Footer).region.y


async def test_another_size_is_drawn_anew(scene: Scene) -> None:
    app = app_on(scene)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(140, 50)
        await pilot.pause()
        await pilot.pause()
        assert app.query_one("#zones").region.width == 140
        assert app.query_one("#log").region.bottom == 49


async def test_what_is_printed_meanwhile_is_in_the_log_and_not_on_the_screen(scene: Scene) -> None:
    app = app_on(scene)
    async with app.run_test(size=(100, 30)) as pilot:
        sys.stdout.write("printed by somebody\n")
        await pilot.pause()
        app.redraw()
        assert "printed by somebody" in str(app.query_one("#log", Static).visual)


def screen_text(app: LiveApp) -> str:
    """All characters on the screen, a line each."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(line.text for line in lines)
