"""Which files are written from the code, and whether those of a checkout are what would be written now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from galileo_cli.documents.configuration import configuration_page, environment_example
from galileo_cli.documents.events import events_page

PAGES: dict[str, Callable[[], str]] = {
    "docs/configuration.md": configuration_page,
    "docs/events.md": events_page,
    ".env.example": environment_example,
}


def stale_pages(checkout: Path) -> dict[Path, str]:
    """The files that are missing or differ, with the text that they should have."""
    wanted = {checkout / name: page() for name, page in PAGES.items()}
    return {path: text for path, text in wanted.items() if not path.is_file() or path.read_text() != text}
