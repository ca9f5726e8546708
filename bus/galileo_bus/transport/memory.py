"""A bus inside one process, for tests and simulations. It passes the same behaviour suite as Redis and Valkey.

All transports made from one `MemoryServer` share it. Delivery is synchronous: a message is received before `publish`
returns, unless the server is paused.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from galileo_bus.transport.channel_pattern import compile_pattern
from galileo_bus.transport.interface import (
    IDENTITY_LIFETIME_S,
    Fence,
    Pending,
    Receive,
    StreamEntry,
    Subscription,
    Transport,
    TransportUnavailableError,
    fenced,
    nothing_to_do,
)
from galileo_bus.transport.memory_stream import HandedOut, MemoryGroup, MemoryStream
from galileo_bus.transport.places import BEGINNING, id_order, just_before
from galileo_bus.transport.retention import DEFAULT_RETENTION, Retention

log = logging.getLogger(__name__)


class MemoryServer:
    """The state that memory transports share; `now` gives seconds, and may be virtual."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.available = True
        self.streams: dict[str, MemoryStream] = {}
        self.hashes: dict[str, dict[str, str]] = {}
        self.leases: dict[str, tuple[str, float]] = {}
        """By key, who holds a lease and until when; see `galileo_bus.election.memory`."""
        self._identities: dict[str, float] = {}
        self._subscriptions: list[_MemorySubscription] = []
        self._appended = asyncio.Event()

    def deliver(self, channel: str, payload: bytes) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.offer(channel, payload)

    def add(self, subscription: _MemorySubscription) -> None:
        self._subscriptions.append(subscription)

    def remove(self, subscription: _MemorySubscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def first_time(self, identity: str) -> bool:
        now = self.now()
        until = self._identities.get(identity)
        if until is not None and until > now:
            return False
        self._identities[identity] = now + IDENTITY_LIFETIME_S
        return True

    def forget(self, identity: str) -> None:
        self._identities.pop(identity, None)

    def append(self, stream: str, payload: bytes, retention: Retention) -> None:
        state = self.streams.setdefault(stream, MemoryStream())
        state.append(payload, now=self.now())
        state.trim(retention, now=self.now())
        self._appended.set()
        self._appended = asyncio.Event()

    async def wait_for_append(self, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await self._appended.wait()
        except TimeoutError:
            return False
        return True


class _MemorySubscription:
    def __init__(
        self, server: MemoryServer, receive: Receive, channels: Sequence[str], patterns: Sequence[str]
    ) -> None:
        self._server = server
        self._receive = receive
        self._channels = frozenset(channels)
        self._patterns = tuple(compile_pattern(pattern) for pattern in patterns)

    def offer(self, channel: str, payload: bytes) -> None:
        times = int(channel in self._channels) + sum(1 for one in self._patterns if one.fullmatch(channel))
        for _ in range(times):
            try:
                self._receive(channel, payload)
            except Exception:  # a receiver's fault is neither the speaker's nor the other receivers'
                log.exception("a receiver failed on a message of %s", channel)

    async def close(self) -> None:
        self._server.remove(self)


class MemoryTransport(Transport):
    """One participant's door to a `MemoryServer`."""

    def __init__(self, server: MemoryServer) -> None:
        self._server = server
        self._dropped = 0

    @property
    def server(self) -> MemoryServer:
        """What it is a door to."""
        return self._server

    async def start(self) -> None:
        self._check()

    async def close(self) -> None:
        return None

    def publish(self, channel: str, payload: bytes) -> None:
        if self._server.available:
            self._server.deliver(channel, payload)
        else:
            self._dropped += 1

    async def flush(self) -> None:
        await asyncio.sleep(0)

    async def subscribe(
        self,
        receive: Receive,
        *,
        channels: Sequence[str] = (),
        patterns: Sequence[str] = (),
        interrupted: Callable[[float], None] = nothing_to_do,
        resumed: Callable[[], None] = nothing_to_do,
    ) -> Subscription:
        self._check()
        subscription = _MemorySubscription(self._server, receive, channels, patterns)
        self._server.add(subscription)
        return subscription

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
        await asyncio.sleep(0)
        self._check()
        self._check_fence(fence)
        if not self._server.first_time(identity):
            return False
        self._server.append(stream, payload, retention)
        for channel, message in publish:
            self._server.deliver(channel, message)
        return True

    async def read_group(
        self, streams: Sequence[str], *, group: str, consumer: str, count: int, wait_s: float
    ) -> list[StreamEntry]:
        self._check()
        deadline = self._server.now() + wait_s
        while True:
            found = [entry for stream in streams for entry in self._take_new(stream, group, consumer, count)]
            left = deadline - self._server.now()
            if found or left <= 0 or not await self._server.wait_for_append(left):
                return found
            self._check()

    def _take_new(self, stream: str, group: str, consumer: str, count: int) -> list[StreamEntry]:
        state = self._server.streams.setdefault(stream, MemoryStream())
        members = state.groups.setdefault(group, MemoryGroup())
        taken = state.after(members.read_up_to)[:count]
        for entry_id, _ in taken:
            members.read_up_to = entry_id
            members.pending[entry_id] = HandedOut(consumer, self._server.now(), 1)
        return [StreamEntry(stream, entry_id, payload) for entry_id, payload in taken]

    async def claim_idle(
        self, stream: str, *, group: str, consumer: str, idle_s: float, count: int
    ) -> list[StreamEntry]:
        self._check()
        state = self._stream(stream)
        if group not in state.groups:
            return []
        now = self._server.now()
        claimed: list[StreamEntry] = []
        for entry_id, pending in list(state.groups[group].pending.items()):
            if len(claimed) == count or now - pending.since < idle_s:
                continue
            payload = state.find(entry_id)
            if payload is None:
                del state.groups[group].pending[entry_id]
                continue
            pending.consumer, pending.since, pending.deliveries = consumer, now, pending.deliveries + 1
            claimed.append(StreamEntry(stream, entry_id, payload, pending.deliveries))
        return claimed

    async def claim(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> list[StreamEntry]:
        self._check()
        state, known = self._stream(stream), self._pending(stream, group)
        claimed: list[StreamEntry] = []
        for entry_id in ids:
            pending, payload = known.get(entry_id), state.find(entry_id)
            if pending is None or payload is None:
                continue
            pending.consumer, pending.since, pending.deliveries = consumer, self._server.now(), pending.deliveries + 1
            claimed.append(StreamEntry(stream, entry_id, payload, pending.deliveries))
        return claimed

    async def pending_counts(self, stream: str, *, group: str) -> dict[str, int]:
        self._check()
        return dict(Counter(pending.consumer for pending in self._pending(stream, group).values()))

    async def pending(
        self, stream: str, *, group: str, before: str | None = None, consumer: str | None = None
    ) -> list[Pending]:
        self._check()
        rows = sorted(self._pending(stream, group).items(), key=lambda row: id_order(row[0]))
        return [
            Pending(entry_id, pending.consumer)
            for entry_id, pending in rows
            if consumer in (None, pending.consumer) and (before is None or id_order(entry_id) < id_order(before))
        ]

    async def touch(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> None:
        self._check()
        known = self._pending(stream, group)
        for entry_id in ids:
            if (pending := known.get(entry_id)) is not None:
                pending.consumer, pending.since = consumer, self._server.now()

    async def acknowledge(self, stream: str, *, group: str, ids: Sequence[str], fence: Fence | None = None) -> None:
        self._check()
        self._check_fence(fence)
        known = self._pending(stream, group)
        for entry_id in ids:
            known.pop(entry_id, None)

    def _pending(self, stream: str, group: str) -> dict[str, HandedOut]:
        """What the group has in hand; nothing when the stream was deleted meanwhile."""
        state = self._server.streams.get(stream)
        return state.groups[group].pending if state is not None and group in state.groups else {}

    async def backlog(self, stream: str, *, group: str) -> int:
        self._check()
        state = self._server.streams.get(stream)
        if state is None:
            return 0
        members = state.groups.get(group, MemoryGroup())
        return len(members.pending) + len(state.after(members.read_up_to))

    async def forget(self, identities: Sequence[str]) -> None:
        self._check()
        for identity in identities:
            self._server.forget(identity)

    async def range(
        self, stream: str, *, count: int, newest_first: bool = False, after: str = BEGINNING
    ) -> list[StreamEntry]:
        self._check()
        entries = self._stream(stream).after(after)
        chosen = entries[::-1][:count] if newest_first else entries[:count]
        return [StreamEntry(stream, entry_id, payload) for entry_id, payload in chosen]

    async def delete_entries(self, stream: str, ids: Sequence[str]) -> int:
        self._check()
        return self._stream(stream).delete(ids)

    async def groups(self, stream: str) -> list[str]:
        self._check()
        return list(self._stream(stream).groups)

    async def rewind(self, stream: str, *, group: str, after: str) -> int:
        self._check()
        state = self._stream(stream)
        if group not in state.groups:
            raise LookupError(f"{stream} has no group {group}")
        was = state.groups[group].read_up_to
        if id_order(was) <= id_order(after):
            return 0
        state.groups[group].read_up_to = after
        return len(state.after(after)) - len(state.after(was))

    async def server_time(self) -> float:
        self._check()
        return self._server.now()

    def _stream(self, stream: str) -> MemoryStream:
        """One to look at; an empty one where there is none."""
        return self._server.streams.get(stream, MemoryStream())

    async def read_after(self, after: Mapping[str, str], *, count: int, wait_s: float) -> list[StreamEntry]:
        self._check()
        deadline = self._server.now() + wait_s
        while True:
            found = [
                StreamEntry(stream, entry_id, payload)
                for stream, last in after.items()
                for entry_id, payload in self._stream(stream).after(last)[:count]
            ]
            left = deadline - self._server.now()
            if found or left <= 0 or not await self._server.wait_for_append(left):
                return found
            self._check()

    async def entries(self, stream: str, ids: Sequence[str]) -> list[StreamEntry]:
        self._check()
        state = self._stream(stream)
        found = [(entry_id, state.find(entry_id)) for entry_id in ids]
        return [StreamEntry(stream, entry_id, payload) for entry_id, payload in found if payload is not None]

    async def recent(self, stream: str, *, within_s: float) -> list[StreamEntry]:
        self._check()
        since = just_before(self._server.now() - within_s)
        return [StreamEntry(stream, entry_id, payload) for entry_id, payload in self._stream(stream).after(since)]

    async def set_hash(self, key: str, fields: Mapping[str, str]) -> None:
        self._check()
        self._server.hashes.setdefault(key, {}).update(fields)

    async def get_hash(self, key: str) -> dict[str, str]:
        self._check()
        return dict(self._server.hashes.get(key, {}))

    async def delete_hash_fields(self, key: str, fields: Sequence[str]) -> None:
        self._check()
        kept = {name: value for name, value in self._server.hashes.pop(key, {}).items() if name not in fields}
        if kept:
            self._server.hashes[key] = kept

    async def delete_key(self, key: str) -> None:
        self._check()
        self._server.hashes.pop(key, None)
        self._server.streams.pop(key, None)

    @property
    def dropped(self) -> int:
        return self._dropped

    @property
    def refused(self) -> int:
        return 0

    @property
    def reconnects(self) -> int:
        return 0

    def _check_fence(self, fence: Fence | None) -> None:
        if fence is not None:
            found = self._server.hashes.get(fence.key, {})
            if (found.get("epoch"), found.get("holder")) != fence.fields:
                raise fenced(fence, found.get("epoch", "no"), found.get("holder", "nobody"))

    def _check(self) -> None:
        if not self._server.available:
            raise TransportUnavailableError("the in-memory server is switched off")
