"""Hears what is to be broken, has it done, and says what came of it.

    fault      → table (may it begin?) → act.begin → fault_begun, or ask_refused
    fault_end  → table (is it there?)  → act.end   → fault_ended, or ask_refused
    its time is over                   → act.end   → fault_ended

Each process that can break something has a desk of its own for the kinds of faults that it can carry out, and leaves
the others to theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from galileo_bus.bus import Bus
from galileo_emulation.fault_table import FaultRefusedError, FaultTable
from galileo_schemas.event import Event
from galileo_schemas.events import AnyFault, AskRefused, Fault, FaultBegun, FaultEnd, FaultEnded, FaultKind
from galileo_schemas.fault_fields import target_of
from galileo_schemas.frame import RawFrame


class Act(Protocol):
    """How faults of one kind are carried out."""

    async def begin(self, fault: Fault) -> None:
        """Breaks it. Raises `FaultRefusedError` or `LookupError` when it cannot be, in one line."""

    async def end(self, fault: Fault) -> None:
        """Mends it."""


class FaultDesk:
    """One process's desk. Make it before the bus starts; run it beside the process's work."""

    def __init__(self, bus: Bus, table: FaultTable, acts: Mapping[FaultKind, Act]) -> None:
        self.table = table
        self._bus = bus
        self._acts = dict(acts)
        self._loop = asyncio.get_running_loop()
        self._begun: dict[tuple[str, ...], str] = {}
        """By target, the id of the event that said that the fault has begun."""
        self._changed = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        bus.listen(Fault, self._hear)
        bus.listen(FaultEnd, self._hear)

    async def run(self) -> None:
        """Ends faults when their time is over, until cancelled."""
        while True:
            self._changed.clear()
            async with self._one_at_a_time:
                for fault in self.table.due(now=self._loop.time()):
                    await self._end(fault, cause=())
            at = self.table.next_end()
            try:
                async with asyncio.timeout_at(at):
                    await self._changed.wait()
            except TimeoutError:
                continue  # the next one is due

    async def _hear(self, event: Event, _frame: RawFrame) -> None:
        if not isinstance(event, AnyFault) or not self.table.keeps(event):
            return
        cause = (event.meta.id,) if event.meta is not None and event.meta.id else ()
        async with self._one_at_a_time:
            try:
                if isinstance(event, Fault):
                    await self._begin(event, cause)
                elif isinstance(event, FaultEnd):
                    for fault in self.table.meant(event):
                        await self._end(fault, cause)
            except (FaultRefusedError, LookupError) as error:
                reason = str(error.args[0]) if error.args else str(error)
                ask = "fault" if isinstance(event, Fault) else "fault_end"
                await self._bus.say(AskRefused(ask=ask, reason=reason), cause=cause)
        self._changed.set()

    async def _begin(self, fault: Fault, cause: tuple[str, ...]) -> None:
        self.table.begin(fault, now=self._loop.time())
        try:
            await self._acts[fault.kind].begin(fault)
        except BaseException:
            self.table.end(fault)
            raise
        begun = FaultBegun(**_fields(fault), duration_s=fault.duration_s)
        self._begun[target_of(fault)] = await self._bus.say(begun, cause=cause)

    async def _end(self, fault: Fault, cause: tuple[str, ...]) -> None:
        self.table.end(fault)
        await self._acts[fault.kind].end(fault)
        await self._bus.say(FaultEnded(**_fields(fault)), cause=(*cause, self._begun.pop(target_of(fault))))


def _fields(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in AnyFault.__struct_fields__ if name != "meta"}
