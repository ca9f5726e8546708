"""What a check has found: something that is wrong, or merely a hint."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One line for the author: what, where, and what to do."""

    text: str
    is_hint: bool = False
