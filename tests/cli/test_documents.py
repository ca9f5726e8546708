"""The pages that are written from the code are current, complete, and true; links in the others lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_cli.commands.config import SHARED, settings_of
from galileo_cli.documents.configuration import environment_example
from galileo_cli.documents.events import events_page
from galileo_cli.documents.pages import PAGES
from galileo_cli.environment import read_environment
from galileo_cli.service_table import SERVICES
from galileo_schemas.json_schema.event_schema import own_kinds

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def pages_by_hand() -> Iterator[Path]:
    yield from (ROOT / "docs").rglob("*.md")
    for folder in (ROOT, *(path for path in ROOT.iterdir() if path.is_dir())):
        yield from folder.glob("*.md")


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_would_be_written_now(name: str) -> None:
    assert (ROOT / name).read_text() == PAGES[name](), f"{name} is behind the code: run galileo docs --write"


def test_the_command_names_stale_pages_and_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "events.md").write_text("of yesterday")
    assert main(["docs", "--checkout", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert all(name in said for name in PAGES)
    assert main(["docs", "--checkout", str(tmp_path), "--write"]) == 0
    assert main(["docs", "--checkout", str(tmp_path)]) == 0
    assert (tmp_path / "docs" / "events.md").read_text() == events_page()


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--checkout", str(tmp_path), "--write"]) == 2
    assert "expected a checkout" in capsys.readouterr().err


def test_the_example_as_it_is_sets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text(environment_example())
    assert read_environment(path) == {}


def test_the_example_with_every_line_in_force_is_the_defaults(tmp_path: Path) -> None:
    lines = [line[1:] if re.match(r"#\w+=", line) else line for line in environment_example().splitlines()]
    path = tmp_path / "env"
    path.write_text("\n".join(lines))
    environ = read_environment(path)
    assert len(environ) > 60
    for settings in (*SHARED, *(found for name in SERVICES for found in settings_of(name))):
        assert settings.load(environ) == settings.load({})


def test_every_event_has_its_place_and_a_line_in_the_overview() -> None:
    page = events_page()
    for kind in own_kinds():
        assert page.count(f"\n### {kind.name}\n") == 1
        assert f"| [{kind.name}](#" in page


@pytest.mark.parametrize("page", list(pages_by_hand()), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not leads_somewhere(page, link)]
    assert broken == []


def leads_somewhere(page: Path, link: str) -> bool:
    if link.startswith(("https://", "http://")):
        return True
    name, _, heading = link.partition("#")
    target = page.parent / name if name else page
    return target.exists() and (not heading or heading in anchors(target))


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
