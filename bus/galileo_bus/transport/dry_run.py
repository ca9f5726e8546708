"""A bus on which nothing is said: for services that are only to show what they would do.

    said → logged as "would say …"        read from a journal → read from here on, in no group, never acknowledged

What services say of themselves (`TOLD`) is said all the same, so that one can see how they are, and they may ask for
facts. A journal is read from the moment when reading begins: what others still have to act on stays theirs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from galileo_schemas.frame import FrameError, split_frame

from galileo_bus.transport.interface import (
    Fence,
    Pending,
    Receive,
    StreamEntry,
    Subscription,
    Transport,
    nothing_to_do,
)
from galileo_bus.transport.places import BEGINNING
from galileo_bus.transport.retention import DEFAULT_RETENTION, Retention

TOLD = frozenset({"service_status", "source_heartbeat", "setting_changed", "ask_refused", "resync"})
"""Events that are said in a dry run, too."""

_SHOWN = 500

log = logging.getLogger("galileo.dry_run")


class DryRunTransport(Transport):
    """Listens by way of `inner`, and writes nothing but `TOLD`."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._read_up_to: dict[str, str] = {}

    async def start(self) -> None:
        await self._inner.start()

    async def close(self) -> None:
        await self._inner.close()

    def publish(self, channel: str, payload: bytes) -> None:
        """Observations come all the time: they are logged for debugging only."""
        if not self._tell(channel, payload):
            log.debug("would publish on %s: %s", channel, _shown(payload))

    async def flush(self) -> None:
        await self._inner.flush()

    async def subscribe(
        self,
        receive: Receive,
        *,
        channels: Sequence[str] = (),
        patterns: Sequence[str] = (),
        interrupted: Callable[[float], None] = nothing_to_do,
        resumed: Callable[[], None] = nothing_to_do,
    ) -> Subscription:
        return await self._inner.subscribe(
            receive, channels=channels, patterns=patterns, interrupted=interrupted, resumed=resumed
        )

    async def append(
        self,
        stream: str,
        payload: bytes,
        *,
        identity: str,
        publish: Sequence[tuple[str, bytes]] = (),
        retention: Retention = DEFAULT_RETENTION,
        fence: Fence | None = None,
    ) -> bool:
        told = [self._tell(channel, message) for channel, message in publish]
        lines = [message for (_, message), was_told in zip(publish, told, strict=True) if not was_told]
        for line in lines if publish else payload.split(b"\n"):
            log.info("would say %s", _shown(_without_time(line)))
        return True

    async def read_group(
        self, streams: Sequence[str], *, group: str, consumer: str, count: int, wait_s: float
    ) -> list[StreamEntry]:
        for stream in streams:
            if stream not in self._read_up_to:
                newest = await self._inner.range(stream, count=1, newest_first=True)
                self._read_up_to[stream] = newest[0].id if newest else "0-0"
        after = {stream: self._read_up_to[stream] for stream in streams}
        entries = await self._inner.read_after(after, count=count, wait_s=wait_s)
        for entry in entries:
            self._read_up_to[entry.stream] = entry.id
        return entries

    async def read_after(self, after: Mapping[str, str], *, count: int, wait_s: float) -> list[StreamEntry]:
        return await self._inner.read_after(after, count=count, wait_s=wait_s)

    async def claim_idle(
        self, stream: str, *, group: str, consumer: str, idle_s: float, count: int
    ) -> list[StreamEntry]:
        return []

    async def claim(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> list[StreamEntry]:
        return []

    async def pending_counts(self, stream: str, *, group: str) -> dict[str, int]:
        """Of the group that it does not belong to, nobody is waited for."""
        return {}

    async def pending(
        self, stream: str, *, group: str, before: str | None = None, consumer: str | None = None
    ) -> list[Pending]:
        return []

    async def touch(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> None:
        return None

    async def acknowledge(self, stream: str, *, group: str, ids: Sequence[str], fence: Fence | None = None) -> None:
        return None

    async def backlog(self, stream: str, *, group: str) -> int:
        """Of the group that it does not belong to, nothing waits for it."""
        return 0

    async def forget(self, identities: Sequence[str]) -> None:
        return None

    async def range(
        self, stream: str, *, count: int, newest_first: bool = False, after: str = BEGINNING
    ) -> list[StreamEntry]:
        return await self._inner.range(stream, count=count, newest_first=newest_first, after=after)

    async def delete_entries(self, stream: str, ids: Sequence[str]) -> int:
        log.info("would delete %s of %s", ", ".join(ids), stream)
        return 0

    async def groups(self, stream: str) -> list[str]:
        return await self._inner.groups(stream)

    async def rewind(self, stream: str, *, group: str, after: str) -> int:
        log.info("would let %s read %s again after %s", group, stream, after)
        return 0

    async def server_time(self) -> float:
        return await self._inner.server_time()

    async def entries(self, stream: str, ids: Sequence[str]) -> list[StreamEntry]:
        return await self._inner.entries(stream, ids)

    async def recent(self, stream: str, *, within_s: float) -> list[StreamEntry]:
        return await self._inner.recent(stream, within_s=within_s)

    async def set_hash(self, key: str, fields: Mapping[str, str]) -> None:
        log.info("would set %s of %s", ", ".join(fields), key)

    async def get_hash(self, key: str) -> dict[str, str]:
        return await self._inner.get_hash(key)

    async def delete_hash_fields(self, key: str, fields: Sequence[str]) -> None:
        log.info("would delete %s of %s", ", ".join(fields), key)

    async def delete_key(self, key: str) -> None:
        log.info("would delete %s", key)

    @property
    def dropped(self) -> int:
        return self._inner.dropped

    @property
    def refused(self) -> int:
        return self._inner.refused

    @property
    def reconnects(self) -> int:
        return self._inner.reconnects

    @property
    def away_s(self) -> float:
        return self._inner.away_s

    def _tell(self, channel: str, payload: bytes) -> bool:
        try:
            told = split_frame(payload).name in TOLD
        except FrameError:
            return False  # raw telemetry or a trace; no event of ours
        if told:
            self._inner.publish(channel, payload)
        return told


def _without_time(line: bytes) -> bytes:
    return line.partition(b" ")[2] or line


def _shown(payload: bytes) -> str:
    text = payload[:_SHOWN].decode(errors="replace")
    return text if len(payload) <= _SHOWN else f"{text}…"
