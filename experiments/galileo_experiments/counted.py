"""How many of something, in words: `1 pod`, `2 pods`, `0 pods`."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """`thing` is the word for one, of those whose plural ends in s."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
