"""The bus on Redis or Valkey: pub/sub and appending on our own links, reading of streams through redis-py."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import hiredis
from redis import exceptions as redis_errors

from galileo_bus.transport.interface import (
    Fence,
    Pending,
    Receive,
    StreamEntry,
    Subscription,
    Transport,
    TransportRefusedError,
    TransportUnavailableError,
    nothing_to_do,
)
from galileo_bus.transport.places import BEGINNING
from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_client import redis_client
from galileo_bus.transport.redis_commands import ConnectionBrokeError, RedisCommands, is_error
from galileo_bus.transport.redis_link import HEARTBEAT_S, RedisLink, Reply
from galileo_bus.transport.redis_pubsub import RedisPublisher, RedisSubscriber
from galileo_bus.transport.redis_rewind import rewind_group
from galileo_bus.transport.redis_scripts import (
    ACKNOWLEDGE,
    APPEND,
    APPEND_SHA,
    append_words,
    checked,
    identity_key,
    rights,
)
from galileo_bus.transport.redis_sentinel import close_sentinels
from galileo_bus.transport.retention import DEFAULT_RETENTION, Retention

FIELD = b"f"
START_TIMEOUT_S = 10.0
COMMAND_TIMEOUT_S = 5.0
PAGE = 500
"""Entries that are read at a time, of those of which there may be very many."""
REWIND_TIMEOUT_S = 60.0
"""What is read again is counted, which takes a while for a long stream."""

# What a server answers that is there and cannot do it now: full, not a master, not able to save.
_NOT_NOW = (redis_errors.OutOfMemoryError, redis_errors.ReadOnlyError, redis_errors.MasterDownError)
_NOT_NOW_WORDS = ("MISCONF ", "NOREPLICAS ", "BUSY ", "OOM ", "READONLY ", "MASTERDOWN ")
# Valkey's and Redis 7's words for what a script may not do for want of its user's rights.
_NO_RIGHT_IN_A_SCRIPT = ("ACL failure in script", "The user executing the script can't")
# What it answers when a stream or its group is gone: it lost its data, or somebody deleted the stream.
_GONE_WORDS = ("NOGROUP", "UNBLOCKED", "no such key")

T = TypeVar("T")
Row = tuple[bytes, dict[bytes, bytes]]


class RedisTransport(Transport):
    """One process's connections to one server: to publish, to append, one per subscription, a pool for the rest."""

    def __init__(
        self,
        address: RedisAddress,
        *,
        rng: random.Random,
        heartbeat_s: float = HEARTBEAT_S,
        start_timeout_s: float = START_TIMEOUT_S,
    ) -> None:
        """A peer that stopped answering is noticed within three heartbeats."""
        self.address = address
        self._start_timeout_s = start_timeout_s
        self._rng = rng
        self._heartbeat_s = heartbeat_s
        self._publisher = RedisPublisher(address, rng=rng, heartbeat_s=heartbeat_s)
        self._subscribers: list[RedisSubscriber] = []
        self._client = redis_client(address)
        self._commands = RedisCommands(address, rng=rng, heartbeat_s=heartbeat_s)
        self._known_groups: set[tuple[str, str]] = set()

    async def start(self) -> None:
        try:
            await self._publisher.start(self._start_timeout_s)
            await self._commands.start(self._start_timeout_s)
            await self._call(self._client.ping())
        except TimeoutError:
            await self.close()
            asked = (
                "is the server running there, and does it speak TLS?" if self.address.tls else "is it running there?"
            )
            raise TransportUnavailableError(
                f"no answer from {self.address.shown} within {self._start_timeout_s:.0f} s: "
                f"{asked} (galileo_redis_host, galileo_redis_port, galileo_redis_url)"
            ) from None
        except TransportUnavailableError:
            await self.close()
            raise

    async def close(self) -> None:
        with contextlib.suppress(TimeoutError):  # a server that stopped answering: observations may be lost
            async with asyncio.timeout(1.0):
                await self._publisher.flush()
        subscribers = [subscriber.close() for subscriber in self._subscribers]
        await asyncio.gather(self._publisher.close(), self._commands.close(), *subscribers)
        await self._client.aclose()
        await close_sentinels(self._client)

    def publish(self, channel: str, payload: bytes) -> None:
        self._publisher.publish(channel, payload)

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        self._publisher.publish_all(messages)

    async def flush(self) -> None:
        await self._publisher.flush()

    async def subscribe(
        self,
        receive: Receive,
        *,
        channels: Sequence[str] = (),
        patterns: Sequence[str] = (),
        interrupted: Callable[[float], None] = nothing_to_do,
        resumed: Callable[[], None] = nothing_to_do,
    ) -> Subscription:
        subscriber = RedisSubscriber(
            self.address,
            receive,
            channels=channels,
            patterns=patterns,
            interrupted=interrupted,
            resumed=resumed,
            rng=self._rng,
            heartbeat_s=self._heartbeat_s,
        )
        self._subscribers.append(subscriber)
        try:
            await subscriber.start(self._start_timeout_s)
        except (TimeoutError, TransportRefusedError) as error:
            await subscriber.close()
            self._subscribers.remove(subscriber)
            if isinstance(error, TransportRefusedError):
                raise
            raise TransportUnavailableError(f"{self.address.shown} did not confirm a subscription") from None
        return subscriber

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
        keys = [stream, identity_key(identity), *([] if fence is None else [fence.key])]
        words = append_words(payload, retention, fence, publish)
        try:
            return bool(checked(fence, await self._call(self._run_append(keys, words))))
        except TransportRefusedError as error:
            raise TransportRefusedError(f"no right to append to {stream}: {error}") from None

    async def _run_append(self, keys: Sequence[str], words: Sequence[str | bytes | int]) -> Reply:
        """Asks again when the connection broke before the answer: the identity makes one of it."""
        while True:
            try:
                reply = await self._commands.call("EVALSHA", APPEND_SHA, len(keys), *keys, *words)
                if is_error(reply, "NOSCRIPT"):  # a server that was restarted knows no script
                    reply = await self._commands.call("EVAL", APPEND, len(keys), *keys, *words)
                break
            except ConnectionBrokeError:
                continue
        if isinstance(reply, hiredis.ReplyError):
            raise _as_redis_py_says_it(str(reply))
        return reply

    async def read_group(
        self, streams: Sequence[str], *, group: str, consumer: str, count: int, wait_s: float
    ) -> list[StreamEntry]:
        for stream in streams:
            await self._ensure_group(stream, group)
        block_ms = max(1, int(wait_s * 1000))
        nothing: list[tuple[bytes, list[Row]]] = []
        found = await self._unless_gone(
            self._client.xreadgroup(group, consumer, dict.fromkeys(streams, ">"), count=count, block=block_ms),
            nothing,
            timeout_s=wait_s + COMMAND_TIMEOUT_S,
        )
        return _entries(found or nothing)

    async def claim_idle(
        self, stream: str, *, group: str, consumer: str, idle_s: float, count: int
    ) -> list[StreamEntry]:
        await self._ensure_group(stream, group)
        idle_ms = int(idle_s * 1000)
        nothing: list[dict[str, Any]] = []
        pending = await self._unless_gone(
            self._client.xpending_range(stream, group, min="-", max="+", count=count, idle=idle_ms), nothing
        )
        deliveries = {bytes(row["message_id"]): int(row["times_delivered"]) for row in pending}
        if not deliveries:
            return []
        none: list[Row] = []
        rows = await self._unless_gone(self._client.xclaim(stream, group, consumer, idle_ms, list(deliveries)), none)
        return [
            StreamEntry(stream, entry_id.decode(), fields[FIELD], deliveries[entry_id] + 1)
            for entry_id, fields in rows
            if fields
        ]

    async def claim(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> list[StreamEntry]:
        none: list[Row] = []
        rows = await self._unless_gone(self._client.xclaim(stream, group, consumer, 0, list(ids)), none)
        nothing: list[dict[str, Any]] = []
        deliveries = {}
        for entry_id, _ in rows:
            told = self._client.xpending_range(stream, group, min=entry_id, max=entry_id, count=1)
            for row in await self._unless_gone(told, nothing):
                deliveries[entry_id] = int(row["times_delivered"])
        return [
            StreamEntry(stream, entry_id.decode(), fields[FIELD], deliveries.get(entry_id, 1))
            for entry_id, fields in rows
            if fields
        ]

    async def pending_counts(self, stream: str, *, group: str) -> dict[str, int]:
        await self._ensure_group(stream, group)
        nothing: dict[str, Any] = {"consumers": []}
        told = await self._unless_gone(self._client.xpending(stream, group), nothing)
        return {bytes(row["name"]).decode(): int(row["pending"]) for row in told["consumers"]}

    async def pending(
        self, stream: str, *, group: str, before: str | None = None, consumer: str | None = None
    ) -> list[Pending]:
        await self._ensure_group(stream, group)
        found: list[Pending] = []
        first, last = "-", "+" if before is None else f"({before}"
        nothing: list[dict[str, Any]] = []
        while True:
            rows = await self._unless_gone(
                self._client.xpending_range(stream, group, min=first, max=last, count=PAGE, consumername=consumer),
                nothing,
            )
            found += [Pending(bytes(row["message_id"]).decode(), bytes(row["consumer"]).decode()) for row in rows]
            if len(rows) < PAGE:
                return found
            first = f"({found[-1].id}"

    async def touch(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> None:
        none: list[bytes] = []
        await self._unless_gone(self._client.xclaim(stream, group, consumer, 0, list(ids), justid=True), none)

    async def acknowledge(self, stream: str, *, group: str, ids: Sequence[str], fence: Fence | None = None) -> None:
        if fence is None:
            await self._call(self._client.xack(stream, group, *ids))
        else:
            keys, arguments = [stream, fence.key], [*rights(fence), group, *ids]
            checked(fence, await self.run_script(ACKNOWLEDGE, keys=keys, arguments=arguments))

    async def backlog(self, stream: str, *, group: str) -> int:
        await self._ensure_group(stream, group)
        nothing: list[dict[str, Any]] = []
        for row in await self._unless_gone(self._client.xinfo_groups(stream), nothing):
            if bytes(row["name"]).decode() == group:
                return int(row["pending"]) + int(row["lag"] or 0)
        return 0

    async def forget(self, identities: Sequence[str]) -> None:
        await self._call(self._client.delete(*(identity_key(identity) for identity in identities)))

    async def range(
        self, stream: str, *, count: int, newest_first: bool = False, after: str = BEGINNING
    ) -> list[StreamEntry]:
        read = self._client.xrevrange if newest_first else self._client.xrange
        rows = cast(list[Row], await self._call(read(stream, min=f"({after}", max="+", count=count)))
        return [StreamEntry(stream, entry_id.decode(), fields[FIELD]) for entry_id, fields in rows]

    async def delete_entries(self, stream: str, ids: Sequence[str]) -> int:
        return int(await self._call(self._client.xdel(stream, *ids))) if ids else 0

    async def groups(self, stream: str) -> list[str]:
        nothing: list[dict[str, Any]] = []
        return [
            bytes(row["name"]).decode() for row in await self._unless_gone(self._client.xinfo_groups(stream), nothing)
        ]

    async def rewind(self, stream: str, *, group: str, after: str) -> int:
        return await self._call(
            rewind_group(self._client, stream, group=group, after=after), timeout_s=REWIND_TIMEOUT_S
        )

    async def server_time(self) -> float:
        seconds, microseconds = await self._call(self._client.time())
        return int(seconds) + int(microseconds) / 1e6

    async def read_after(self, after: Mapping[str, str], *, count: int, wait_s: float) -> list[StreamEntry]:
        block_ms = max(1, int(wait_s * 1000))
        reading = self._client.xread(dict(after), count=count, block=block_ms)
        nothing: list[tuple[bytes, list[Row]]] = []
        found = await self._unless_gone(reading, nothing, timeout_s=wait_s + COMMAND_TIMEOUT_S)
        return _entries(found or nothing)

    async def entries(self, stream: str, ids: Sequence[str]) -> list[StreamEntry]:
        found: list[StreamEntry] = []
        for entry_id in ids:
            rows = cast(list[Row], await self._call(self._client.xrange(stream, min=entry_id, max=entry_id)))
            found += [StreamEntry(stream, entry_id, fields[FIELD]) for _, fields in rows]
        return found

    async def recent(self, stream: str, *, within_s: float) -> list[StreamEntry]:
        seconds, microseconds = await self._call(self._client.time())
        first = str(max(0, seconds * 1000 + microseconds // 1000 - int(within_s * 1000)))
        found: list[StreamEntry] = []
        while True:
            rows = cast(list[Row], await self._call(self._client.xrange(stream, min=first, count=PAGE)))
            found += [StreamEntry(stream, entry_id.decode(), fields[FIELD]) for entry_id, fields in rows]
            if len(rows) < PAGE:
                return found
            first = f"({found[-1].id}"

    async def set_hash(self, key: str, fields: Mapping[str, str]) -> None:
        await self._call(cast(Awaitable[int], self._client.hset(key, mapping=dict(fields))))

    async def get_hash(self, key: str) -> dict[str, str]:
        found = await self._call(cast(Awaitable[dict[bytes, bytes]], self._client.hgetall(key)))
        return {name.decode(): value.decode("utf-8", "replace") for name, value in found.items()}

    async def delete_hash_fields(self, key: str, fields: Sequence[str]) -> None:
        await self._call(cast(Awaitable[int], self._client.hdel(key, *fields)))

    async def delete_key(self, key: str) -> None:
        await self._call(self._client.delete(key))

    @property
    def dropped(self) -> int:
        return self._publisher.dropped

    @property
    def refused(self) -> int:
        return self._publisher.refused

    @property
    def reconnects(self) -> int:
        return sum(max(0, link.connections - 1) for link in self._links)

    @property
    def _links(self) -> list[RedisLink]:
        return [self._publisher.link, self._commands.link, *(subscriber.link for subscriber in self._subscribers)]

    async def run_script(self, script: str, *, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
        """What a Lua script answers. Raises `TransportUnavailableError`."""
        return await self._call(self._client.register_script(script)(keys=list(keys), args=list(arguments)))

    @property
    def away_s(self) -> float:
        return max(
            link.away_s
            for link in (self._publisher.link, self._commands.link, *(one.link for one in self._subscribers))
        )

    async def _ensure_group(self, stream: str, group: str) -> None:
        if (stream, group) in self._known_groups:
            return
        try:
            await self._call(self._client.xgroup_create(stream, group, id="0", mkstream=True))
        except redis_errors.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise
        self._known_groups.add((stream, group))

    async def _unless_gone(self, command: Awaitable[T], nothing: T, *, timeout_s: float = COMMAND_TIMEOUT_S) -> T:
        """Calls; `nothing` when the stream or the group is gone, which is then made again by the next call."""
        try:
            return await self._call(command, timeout_s=timeout_s)
        except redis_errors.ResponseError as error:
            if not any(word in str(error) for word in _GONE_WORDS):
                raise
            self._known_groups.clear()
            return nothing

    async def _call(self, command: Awaitable[T], *, timeout_s: float = COMMAND_TIMEOUT_S) -> T:
        try:
            async with asyncio.timeout(timeout_s):
                return await command
        except TransportUnavailableError:
            raise
        except (redis_errors.AuthenticationError, redis_errors.NoPermissionError) as error:
            raise TransportRefusedError(f"{self.address.shown} refuses us: {error}") from None
        except (redis_errors.ConnectionError, redis_errors.TimeoutError, OSError, TimeoutError) as error:
            raise TransportUnavailableError(
                f"{self.address.shown} does not answer: {error or type(error).__name__}"
            ) from error
        except redis_errors.ResponseError as error:
            if not isinstance(error, _NOT_NOW) and not str(error).startswith(_NOT_NOW_WORDS):
                raise
            raise TransportUnavailableError(f"{self.address.shown} takes nothing now: {error}") from error


def _entries(found: list[tuple[bytes, list[Row]]]) -> list[StreamEntry]:
    return [
        StreamEntry(stream.decode(), entry_id.decode(), fields[FIELD])
        for stream, rows in found
        for entry_id, fields in rows
    ]


def _as_redis_py_says_it(reply: str) -> redis_errors.RedisError:
    """An error that came over our own link, as one of those that `_call` knows."""
    if reply.startswith(("NOAUTH", "WRONGPASS")):
        return redis_errors.AuthenticationError(reply)
    if reply.startswith("NOPERM") or any(words in reply for words in _NO_RIGHT_IN_A_SCRIPT):
        return redis_errors.NoPermissionError(reply)
    if reply.startswith("LOADING"):
        return redis_errors.BusyLoadingError(reply)
    return redis_errors.ResponseError(reply)
