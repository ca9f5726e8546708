"""Which handlers have not returned for too long: decided from looks at what is in hand, once a second.

    in hand now (which call, of which event) → how long has that call been seen? → hung, once → returned, once

Nothing is measured while an event is handed out: a look costs the same whether a thousand events pass or none.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

HANG_S = 10.0
LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Hang:
    """A handler of `event` that was called at `since` (in seconds of whoever looks) and has not returned."""

    event: str
    since: float


class HungHandlers:
    """Plain state of one service. `hang_s`: how long a handler may take."""

    def __init__(self, hang_s: float = HANG_S) -> None:
        self._hang_s = hang_s
        self._seen: dict[Hashable, Hang] = {}
        self._hung: dict[Hashable, Hang] = {}

    @property
    def hung(self) -> list[Hang]:
        """Handlers that hang, the longest first."""
        return sorted(self._hung.values(), key=lambda hang: hang.since)

    def look(self, in_hand: Mapping[Hashable, str], now: float) -> tuple[list[Hang], list[Hang]]:
        """Takes the calls in hand and their events' names; returns those newly hung, and those that returned."""
        self._seen = {call: self._seen.get(call, Hang(event, now)) for call, event in in_hand.items()}
        returned = [hang for call, hang in self._hung.items() if call not in in_hand]
        overdue = {call: hang for call, hang in self._seen.items() if now - hang.since >= self._hang_s}
        new = [hang for call, hang in overdue.items() if call not in self._hung]
        self._hung = overdue
        return new, returned


def why_hung(hung: list[Hang], now: float) -> list[str]:
    """In words, one a handler."""
    return [f"the handler of {hang.event} has not returned for {now - hang.since:.0f} s" for hang in hung]
