"""Which faults are in force, until when, and whether another one may begin. Plain state; the time is an argument.

Faults of one kind with one target do not stack: the second is refused. Different ones may overlap, such as latency
between two zones and between two of their nodes; their effects then add up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from galileo_schemas.events import AnyFault, Fault, FaultEnd
from galileo_schemas.fault_fields import is_meant, target_of, told, what_is_wrong


class FaultRefusedError(ValueError):
    """A fault cannot begin or end; one line that says why."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A fault and when it ends by itself, by the clock of whoever keeps the table; None: when somebody says so."""

    fault: Fault
    until: float | None


class FaultTable:
    """The faults in force, of the kinds that its keeper carries out. Times are seconds on any one clock."""

    def __init__(self, kinds: Collection[str]) -> None:
        self._kinds = frozenset(kinds)
        self._rows: dict[tuple[str, ...], InForce] = {}

    def keeps(self, fault: AnyFault) -> bool:
        """Whether faults of this kind belong here."""
        return fault.kind in self._kinds

    def begin(self, fault: Fault, *, now: float) -> None:
        """Takes a fault as begun. Raises `FaultRefusedError` when it is incomplete, or in force already."""
        wrong = what_is_wrong(fault)
        if wrong is not None:
            raise FaultRefusedError(wrong)
        if not 0 <= fault.duration_s < float("inf"):
            raise FaultRefusedError(f"duration_s is {fault.duration_s:g}; expected seconds, 0 for until it is ended")
        known = self._rows.get(target_of(fault))
        if known is not None:
            left = "until it is ended" if known.until is None else f"for {max(0.0, known.until - now):.0f} s more"
            raise FaultRefusedError(f"{told(known.fault)} already, {left}; end it first")
        until = now + fault.duration_s if fault.duration_s else None
        self._rows[target_of(fault)] = InForce(fault, until)

    def meant(self, end: FaultEnd) -> list[Fault]:
        """The faults that an ask to end means. Raises `FaultRefusedError` when there are none."""
        found = [row.fault for row in self._rows.values() if is_meant(row.fault, end)]
        if not found:
            there = "; ".join(told(row.fault) for row in self._rows.values() if row.fault.kind == end.kind)
            raise FaultRefusedError(f"no such fault is in force; of kind {end.kind} there is: {there or 'none'}")
        return found

    def end(self, fault: AnyFault) -> None:
        """Takes a fault as ended."""
        self._rows.pop(target_of(fault), None)

    def due(self, *, now: float) -> list[Fault]:
        """The faults whose time is over."""
        return [row.fault for row in self._rows.values() if row.until is not None and row.until <= now]

    def next_end(self) -> float | None:
        """When the next fault ends by itself."""
        return min((row.until for row in self._rows.values() if row.until is not None), default=None)

    def in_force(self, kind: str) -> list[Fault]:
        """The faults of a kind that are in force."""
        return [row.fault for row in self._rows.values() if row.fault.kind == kind]
