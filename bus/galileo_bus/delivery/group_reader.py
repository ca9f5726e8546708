"""Reads streams as one of a consumer group: new entries, and those that a dead member left behind.

    read or claim → in work, touched again and again → acknowledge

The touching runs beside the reading, since whoever works on a batch may take longer than the others wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from functools import partial

from galileo_bus.election.authority import Anyone, Authority
from galileo_bus.transport import Fence, StreamEntry, Transport, TransportUnavailableError
from galileo_bus.transport.places import id_order

WAIT_S = 2.0
IDLE_S = 5.0
RETRY_S = 0.2

log = logging.getLogger(__name__)


class GroupReader:
    """One member of a group. What it was given and has not acknowledged is touched, so that nobody else claims it."""

    def __init__(
        self,
        transport: Transport,
        streams: Sequence[str],
        *,
        group: str,
        consumer: str,
        idle_s: float = IDLE_S,
        authority: Authority | None = None,
    ) -> None:
        """`authority`: by what right entries are acknowledged; anyone's if it is not given."""
        self._transport = transport
        self._streams = tuple(streams)
        self._group = group
        self._consumer = consumer
        self._idle_s = idle_s
        self._authority = authority or Anyone()
        self._in_work: dict[str, set[str]] = {stream: set() for stream in streams}
        self._acknowledging: set[tuple[str, str]] = set()
        self._claim_due = 0.0

    async def batches(self, *, count: int) -> AsyncGenerator[list[StreamEntry], None]:
        """Entries, at most `count` a stream at a time, for ever; while the server is away it tries again."""
        keeper = asyncio.get_running_loop().create_task(self._keep(), name=f"{self._consumer} keeps what it works on")
        warned = False
        try:
            while True:
                if keeper.done():
                    keeper.result()
                try:
                    entries = await self._next(count)
                    warned = False
                except TransportUnavailableError as error:
                    if not warned:
                        log.warning("%s: reading %s waits for the server: %s", self._group, self._streams[0], error)
                        warned = True
                    await asyncio.sleep(RETRY_S)
                    continue
                if entries:
                    for entry in entries:
                        self._in_work[entry.stream].add(entry.id)
                    yield entries
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def acknowledge(self, entries: Sequence[StreamEntry]) -> None:
        """These are done. While the server is away it tries again: an effect must not be repeated for want of it.

        Raises `FencedError` when the right to do so has ended.
        """
        for stream in {entry.stream for entry in entries}:
            ids = [entry.id for entry in entries if entry.stream == stream]
            marks = {(stream, entry_id) for entry_id in ids}
            self._acknowledging |= marks
            while True:
                try:
                    await self._authority.write(partial(self._acknowledge, stream, ids))
                    break
                except TransportUnavailableError:
                    await asyncio.sleep(RETRY_S)
            self._in_work[stream].difference_update(ids)
            self._acknowledging -= marks

    async def pending(self, stream: str) -> set[str]:
        """Ids of all that the group was given and has not acknowledged."""
        return {one.id for one in await self._transport.pending(stream, group=self._group)}

    async def earlier(self, entries: Sequence[StreamEntry]) -> list[StreamEntry]:
        """What the group was given before any of these, and that is neither acknowledged nor held by this reader.

        Also what this reader was given in an answer that was lost: it comes again when it is claimed. While the server
        is away it tries again.
        """
        found: list[StreamEntry] = []
        for stream in sorted({entry.stream for entry in entries}):
            last = max((entry.id for entry in entries if entry.stream == stream), key=id_order)
            while True:
                try:
                    found += await self._transport.entries(stream, await self._in_other_hands(stream, before=last))
                    break
                except TransportUnavailableError:
                    await asyncio.sleep(RETRY_S)
        return found

    async def _in_other_hands(self, stream: str, *, before: str) -> list[str]:
        counts = await self._transport.pending_counts(stream, group=self._group)
        mine = counts.pop(self._consumer, 0)
        acknowledging = sum(known == stream for known, _ in self._acknowledging)
        if not counts and mine <= len(self._in_work[stream]) - acknowledging:
            return []  # as a rule
        pending = await self._transport.pending(stream, group=self._group, before=before)
        return [one.id for one in pending if one.id not in self._in_work[stream]]

    async def _acknowledge(self, stream: str, ids: Sequence[str], fence: Fence | None) -> None:
        await self._transport.acknowledge(stream, group=self._group, ids=ids, fence=fence)

    async def backlog(self) -> int:
        """How many entries wait for the group: not read yet, or read and not acknowledged."""
        waiting = [await self._transport.backlog(stream, group=self._group) for stream in self._streams]
        return sum(waiting)

    async def _next(self, count: int) -> list[StreamEntry]:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._claim_due:
            self._claim_due = loop.time() + self._idle_s / 3
            claimed = await self._claim(count)
            if claimed:
                return claimed
        return await self._transport.read_group(
            self._streams, group=self._group, consumer=self._consumer, count=count, wait_s=min(WAIT_S, self._idle_s / 3)
        )

    async def _claim(self, count: int) -> list[StreamEntry]:
        claimed: list[StreamEntry] = []
        for stream in self._streams:
            claimed += await self._claim_forgotten(stream, count)
            left_behind = await self._transport.claim_idle(
                stream, group=self._group, consumer=self._consumer, idle_s=self._idle_s, count=count
            )
            known = self._in_work[stream] | {entry.id for entry in claimed}
            claimed += [entry for entry in left_behind if entry.id not in known]
        return claimed

    async def _claim_forgotten(self, stream: str, count: int) -> list[StreamEntry]:
        """What this reader was given in an answer that never arrived. Nothing is being read while this runs."""
        mine = await self._transport.pending(stream, group=self._group, consumer=self._consumer)
        ids = [one.id for one in mine if one.id not in self._in_work[stream]][:count]
        if not ids:
            return []
        return await self._transport.claim(stream, group=self._group, consumer=self._consumer, ids=ids)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._idle_s / 3)
            try:
                for stream, ids in self._in_work.items():
                    if ids:
                        await self._transport.touch(stream, group=self._group, consumer=self._consumer, ids=sorted(ids))
            except TransportUnavailableError:
                continue  # nobody can claim while the server is away; the reading says so
