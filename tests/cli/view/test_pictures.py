"""Pictures of the view, for documents."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_cli.emulate.screenshot import ScreenshotProgress, picture

from tests.bus.hearing import until
from tests.cli.view.scene import Scene


async def test_a_picture_is_an_svg_that_needs_nothing_from_elsewhere() -> None:
    scene = Scene()
    scene.edge_cloud()
    drawn = await picture(scene.live, scene.run)
    assert drawn.lstrip().startswith("<svg")
    assert "edge-1" in drawn
    assert "@font-face" not in drawn
    assert "url(http" not in drawn
    assert len(drawn) < 300_000


async def test_it_is_taken_at_its_moment_while_plain_lines_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene()
    progress = ScreenshotProgress(scene.live, scene.run, file=tmp_path / "view.svg", at_s=0.3)
    scene.run.start = time.time()
    progress.begin()
    progress.line("join in:   source env")
    await until(lambda: (tmp_path / "view.svg").exists(), within_s=10)
    await progress.end()
    assert "join in:" in (tmp_path / "view.svg").read_text().replace("&#160;", " ")
    assert "join in:   source env" in capsys.readouterr().out.splitlines()


async def test_a_run_that_ends_before_says_that_there_is_no_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene()
    scene.run.start = None
    progress = ScreenshotProgress(scene.live, scene.run, file=tmp_path / "view.svg", at_s=60)
    progress.begin()
    await progress.end()
    assert "galileo: no picture was taken, the run ended before 60 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--at", "3"), "galileo: --at is the moment of a picture: expected --screenshot FILE.svg with it\n"),
        (("--screenshot", "no/folder/x.svg"), "galileo: --screenshot no/folder/x.svg: there is no folder no/folder\n"),
    ],
)
def test_a_picture_that_could_not_be_saved_is_refused_before_anything_starts(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["emulate", *words]) == 2
    assert capsys.readouterr().err == told
