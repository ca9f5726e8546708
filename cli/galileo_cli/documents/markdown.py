"""Tables and code as Markdown writes them."""

from __future__ import annotations

from collections.abc import Sequence


def code(text: str) -> str:
    """Text as it stands, for names and values."""
    return f"`{text}`"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
