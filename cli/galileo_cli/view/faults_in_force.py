"""What is broken now, from what was said of faults that began and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from galileo_schemas.event import Event
from galileo_schemas.events import FaultBegun, FaultEnded

_TARGETS = ("node", "origin", "destination", "service")


@dataclass(frozen=True, slots=True)
class FaultInForce:
    """One fault; `since` in unix seconds."""

    fault: FaultBegun
    since: float


class FaultsInForce:
    """Plain state."""

    def __init__(self) -> None:
        self._faults: list[FaultInForce] = []

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts`."""
        match event:
            case FaultBegun():
                self._faults = [known for known in self._faults if _target(known.fault) != _target(event)]
                self._faults.append(FaultInForce(event, ts))
            case FaultEnded():
                self._faults = [known for known in self._faults if not _ends(event, known.fault)]

    def all(self) -> Sequence[FaultInForce]:
        """In the order in which they began."""
        return tuple(self._faults)

    def killed_nodes(self) -> dict[str, float]:
        """The nodes that were made to fail, and since when (unix seconds)."""
        return {known.fault.node: known.since for known in self._faults if known.fault.kind == "kill_node"}


def _target(fault: FaultBegun) -> tuple[str, ...]:
    return (fault.kind, *(getattr(fault, name) for name in _TARGETS))


def _ends(ended: FaultEnded, fault: FaultBegun) -> bool:
    """Empty fields match any fault of the kind."""
    if ended.kind != fault.kind:
        return False
    return all(getattr(ended, name) in ("", getattr(fault, name)) for name in _TARGETS)
