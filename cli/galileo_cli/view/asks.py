"""What the view asked for on the bus, and whether anybody answered.

    asked → the record that answers (load_paused, load_moved, fault_begun, …) or ask_refused → answered
          → three seconds without → nobody answered

An answer that names the ask's id as its cause belongs to it; one without a cause belongs to the oldest ask that it
fits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

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
from galileo_schemas.registry import kind_of

from galileo_cli.view.wording import ask_text

PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Ask:
    """One that is not answered yet; `at` in unix seconds."""

    event: Event
    id: str
    at: float

    @property
    def text(self) -> str:
        return ask_text(self.event)


class Asks:
    """Those in the air, and the ids of those that were answered of late: one ask may have several answers."""

    def __init__(self) -> None:
        self._open: list[Ask] = []
        self._answered: deque[str] = deque(maxlen=20)

    def asked(self, event: Event, event_id: str, now: float) -> Ask:
        """Notes what was asked for."""
        ask = Ask(event, event_id, now)
        self._open.append(ask)
        return ask

    def answered(self, event: Event) -> bool:
        """Whether an event answers an ask of ours, which is done then."""
        causes = event.meta.cause if event.meta is not None else ()
        for ask in self._open:
            if ask.id in causes or (not causes and fits(event, ask.event)):
                self._open.remove(ask)
                self._answered.append(ask.id)
                return True
        return any(cause in self._answered for cause in causes)

    def unanswered(self, now: float) -> Sequence[Ask]:
        """Those that nobody answered in time, each once."""
        late = [ask for ask in self._open if now - ask.at > PATIENCE_S]
        self._open = [ask for ask in self._open if ask not in late]
        return late


def fits(answer: Event, ask: Event) -> bool:
    """Whether a record tells of what was asked for."""
    match ask, answer:
        case _, AskRefused():
            return answer.ask == kind_of(ask).name
        case ((ClientPause() | ClientResume()), LoadPaused()):
            meant = (ask.fn in ("", answer.fn), ask.zone in ("", answer.zone))
            return all(meant) and answer.paused is isinstance(ask, ClientPause)
        case ClientMove(), LoadMoved():
            zones = (answer.origin_zone, answer.dest_zone) == (ask.origin_zone, ask.dest_zone)
            return zones and ask.fn in ("", answer.fn)
        case Fault(), FaultBegun():
            return (answer.kind, answer.node, answer.service) == (ask.kind, ask.node, ask.service)
        case FaultEnd(), FaultEnded():
            return (answer.kind, answer.node, answer.service) == (ask.kind, ask.node, ask.service)
        case SettingChange(), SettingChanged():
            return (answer.service, answer.variable) == (ask.service, ask.variable)
    return False
