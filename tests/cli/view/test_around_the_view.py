"""Lines and logs around the view: shown in it, printed after it, and plain where there is no view."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from galileo_cli.emulate.progress import PlainProgress, new_progress
from galileo_cli.view import app as view_app
from galileo_cli.view.terminal import TerminalView
from textual.app import App

from tests.bus.hearing import until
from tests.cli.view.scene import Scene


class Printed:
    """Takes what would be printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.begun = 0

    def line(self, text: str) -> None:
        self.lines.append(text)

    def begin(self) -> None:
        self.begun += 1

    async def end(self) -> None:
        return


@pytest.fixture
async def without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The view draws into nothing, as there is no terminal in tests; nothing is left running."""
    run_async = App.run_async

    async def headless(self: App[None], **_options: object) -> None:
        await run_async(self, headless=True, size=(100, 30))

    monkeypatch.setattr(App, "run_async", headless)
    yield
    left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, f"left running: {left}"


def view_on(scene: Scene, printed: Printed) -> TerminalView:
    return TerminalView(scene.live, scene.run, now=lambda: scene.now, quit_asked=lambda: None, otherwise=printed)


async def until_open(view: TerminalView) -> view_app.LiveApp:
    await until(lambda: view._app is not None and view._app.ready.is_set())
    assert view._app is not None
    return view._app


async def test_lines_said_in_the_view_are_in_its_log_and_printed_when_it_has_closed(without_a_terminal: None) -> None:
    scene, printed = Scene(), Printed()
    view = view_on(scene, printed)
    view.line("galileo: a run")
    view.begin()
    await until_open(view)
    view.line("join in:   source env")
    assert printed.lines == ["galileo: a run"]
    await view.end()
    view.line("report:    report.html")
    assert printed.lines == ["galileo: a run", "join in:   source env", "report:    report.html"]
    assert [line.text for line in scene.live.happened.since(0)] == printed.lines


async def test_logs_of_this_process_go_the_same_way_and_back_again(
    without_a_terminal: None, caplog: pytest.LogCaptureFixture
) -> None:
    scene, printed = Scene(), Printed()
    before = logging.getLogger().handlers[:]
    caplog.set_level(logging.WARNING)
    view = view_on(scene, printed)
    view.begin()
    await until_open(view)
    logging.getLogger("galileo.somewhere").warning("the bus was away for %d s", 3)
    await view.end()
    assert len(printed.lines) == 1
    assert "the bus was away for 3 s" in printed.lines[0]
    assert logging.getLogger().handlers == before


async def test_a_run_that_ends_while_the_view_is_still_being_loaded_opens_none(without_a_terminal: None) -> None:
    scene, printed = Scene(), Printed()
    view = view_on(scene, printed)
    view.begin()
    await view.end()
    assert view._app is None


async def test_a_run_that_never_began_has_no_view_to_close() -> None:
    await view_on(Scene(), Printed()).end()


async def test_a_view_that_falls_over_is_told_and_plain_lines_take_its_place(
    without_a_terminal: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_self: object) -> None:
        raise ZeroDivisionError("a fault in a panel")

    scene, printed = Scene(), Printed()
    view = view_on(scene, printed)
    view.begin()
    app = await until_open(view)
    monkeypatch.setattr(view_app.LiveApp, "redraw", broken)
    app.call_later(app.redraw)
    await until(lambda: printed.begun == 1)
    assert "galileo: the view has closed by itself; plain lines follow" in printed.lines
    await view.end()
    assert "a fault in a panel" in capsys.readouterr().err


def test_without_a_terminal_or_when_asked_for_lines_are_plain() -> None:
    scene = Scene()
    made = new_progress(scene.live, scene.run, plain=False, quit_asked=lambda: None)
    assert isinstance(made, PlainProgress), "the output of tests is captured"


@pytest.mark.parametrize(
    ("term", "plain", "expected"),
    [("xterm", False, TerminalView), ("xterm", True, PlainProgress), ("dumb", False, PlainProgress)],
)
async def test_a_terminal_gets_the_view_unless_it_cannot_be_drawn_on(
    term: str, plain: bool, expected: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    monkeypatch.setenv("TERM", term)
    scene = Scene()
    assert type(new_progress(scene.live, scene.run, plain=plain, quit_asked=lambda: None)) is expected
