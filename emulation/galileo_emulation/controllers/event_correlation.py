"""Which of the events that a controller tells are written, and as what: a new one, a higher count, or none.

As the recorder of Kubernetes' controllers does: the same event again raises a count; more than ten events within ten
minutes that differ in nothing but their message become one "combined" event; and whoever tells more than 25 events
about one object at once is held to one in five minutes.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

SIMILAR = 10
SIMILAR_WITHIN_S = 600.0
BURST = 25
REFILL_S = 300.0
_REMEMBERED = 4096
_COMBINED = "(combined from similar events): "

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Telling:
    """An event as a controller tells it; `about` is the uid of its object."""

    component: str
    about: str
    type: str
    reason: str
    message: str


@dataclass(slots=True)
class Series:
    """An event that was written, and how often it was told."""

    name: str
    message: str
    first_at: float
    count: int = 1


@dataclass(slots=True)
class _Similar:
    messages: set[str] = field(default_factory=set)
    last_at: float = 0.0


@dataclass(slots=True)
class _Allowance:
    tokens: float = BURST
    at: float = 0.0


class _Recent(OrderedDict[tuple[str, ...], Value], Generic[Value]):
    """The keys used last; the oldest are forgotten."""

    def remember(self, key: tuple[str, ...], value: Value) -> Value:
        self[key] = value
        self.move_to_end(key)
        if len(self) > _REMEMBERED:
            self.popitem(last=False)
        return value


class EventCorrelation:
    """What was told before. Times are Unix seconds."""

    def __init__(self) -> None:
        self._series: _Recent[Series] = _Recent()
        self._similar: _Recent[_Similar] = _Recent()
        self._allowances: _Recent[_Allowance] = _Recent()

    def take(self, told: Telling, *, name: str, now: float) -> Series | None:
        """The series that the event belongs to (count 1: it is new, and is called `name`); None: not written."""
        kept = self._combined(told, now)
        key = (told.component, told.about, told.type, told.reason, kept or told.message)
        known = self._series.get(key)
        if not self._allowed(told, now):
            return None
        if known is None:
            message = f"{kept}{told.message}" if kept else told.message
            return self._series.remember(key, Series(name, message, now))
        known.count += 1
        if kept:
            known.message = f"{kept}{told.message}"
        return self._series.remember(key, known)

    def _combined(self, told: Telling, now: float) -> str:
        key = (told.component, told.about, told.type, told.reason)
        similar = self._similar.get(key)
        if similar is None or now - similar.last_at > SIMILAR_WITHIN_S:
            similar = _Similar()
        similar.last_at = now
        if len(similar.messages) < SIMILAR:
            similar.messages.add(told.message)
        self._similar.remember(key, similar)
        return "" if told.message in similar.messages else _COMBINED

    def _allowed(self, told: Telling, now: float) -> bool:
        key = (told.component, told.about)
        allowance = self._allowances.get(key) or _Allowance(at=now)
        allowance.tokens = min(BURST, allowance.tokens + (now - allowance.at) / REFILL_S)
        allowance.at = now
        self._allowances.remember(key, allowance)
        if allowance.tokens < 1:
            return False
        allowance.tokens -= 1
        return True
