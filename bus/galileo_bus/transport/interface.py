"""What the bus asks of a transport: publish and subscribe, streams with consumer groups, and small shared state.

Publishing never blocks and may lose (newest wins). Appending is acknowledged: when the awaited call returns, the server
has the entry; it is safe to repeat, since an identity given with it de-duplicates.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from galileo_bus.transport.places import BEGINNING
from galileo_bus.transport.retention import DEFAULT_RETENTION, Retention

Receive = Callable[[str, bytes], None]
"""Called with (channel, payload) for each message, in order, on the loop; must not block; what it raises is logged."""

IDENTITY_LIFETIME_S = 600
"""How long an identity is remembered: repeats within ten minutes are one."""


class TransportUnavailableError(ConnectionError):
    """The server cannot be reached, or takes nothing now; the caller keeps what it has and tries again."""


class TransportRefusedError(TransportUnavailableError):
    """The server is there and refuses us: a wrong user or password, or no right, which somebody has to put right."""


class FencedError(Exception):
    """Whoever writes is not the leader any more: the server has a newer epoch, and nothing was written."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A leader's right to write: it holds while the hash at `key` has this `epoch` and `holder`."""

    key: str
    epoch: int
    holder: str

    @property
    def fields(self) -> tuple[str, str]:
        """What the hash at `key` has to hold as `epoch` and `holder`."""
        return str(self.epoch), self.holder


def fenced(fence: Fence, epoch: object, holder: object) -> FencedError:
    """What a leader is told whose fence does not hold: `epoch` and `holder` are those on the server."""
    return FencedError(f"{fence.key}: epoch {fence.epoch} is over, now it is epoch {epoch} of {holder}")


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry of a stream, given to a consumer. `deliveries` counts this one."""

    stream: str
    id: str
    payload: bytes
    deliveries: int = 1


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that a consumer of a group was given and has not acknowledged."""

    id: str
    consumer: str


def nothing_to_do(_sure_at: float = 0.0) -> None:
    """For who need not be told of interruptions."""


class Subscription(Protocol):
    """A running subscription."""

    async def close(self) -> None:
        """Ends it; no message is received after this returns."""


class Transport(ABC):
    """A connection to one bus."""

    @abstractmethod
    async def start(self) -> None:
        """Connects. Raises `TransportUnavailableError` when no connection can be made in time, and its subclass
        `TransportRefusedError` when the server does not let us in.
        """

    @abstractmethod
    async def close(self) -> None:
        """Sends what is queued, then disconnects."""

    @abstractmethod
    def publish(self, channel: str, payload: bytes) -> None:
        """Queues a message for all present subscribers. While the server is away the oldest are dropped and counted."""

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Queues messages, (channel, payload) each, in order; at once where that is cheaper than one by one."""
        for channel, payload in messages:
            self.publish(channel, payload)

    @abstractmethod
    async def flush(self) -> None:
        """Returns when the server has taken all that was published so far, or it was dropped."""

    @abstractmethod
    async def subscribe(
        self,
        receive: Receive,
        *,
        channels: Sequence[str] = (),
        patterns: Sequence[str] = (),
        interrupted: Callable[[float], None] = nothing_to_do,
        resumed: Callable[[], None] = nothing_to_do,
    ) -> Subscription:
        """Starts to receive; active when this returns. After a lost connection it is made again by itself.

        `interrupted(t)` is called when messages may be missing, none of those published before the loop's time `t`;
        `resumed()` when it is active again, before the first message that is received then.
        """

    @abstractmethod
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
        """Appends an entry and publishes messages in one atomic step, unless `identity` was seen before.

        What the stream keeps no longer is dropped. Returns whether it was appended now. Raises
        `TransportUnavailableError`; the call may then be repeated. Raises `FencedError` when the fence does not hold,
        in the same atomic step.
        """

    @abstractmethod
    async def read_group(
        self, streams: Sequence[str], *, group: str, consumer: str, count: int, wait_s: float
    ) -> list[StreamEntry]:
        """New entries for this consumer, at most `count` of each stream, waiting up to `wait_s` for the first.

        Groups are created at the streams' beginning when they do not exist.
        """

    @abstractmethod
    async def claim_idle(
        self, stream: str, *, group: str, consumer: str, idle_s: float, count: int
    ) -> list[StreamEntry]:
        """Takes over entries that another consumer was given and has neither acknowledged nor touched for `idle_s`."""

    @abstractmethod
    async def claim(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> list[StreamEntry]:
        """Takes over entries at once, whoever has them; those that are acknowledged or gone are left out."""

    @abstractmethod
    async def pending_counts(self, stream: str, *, group: str) -> dict[str, int]:
        """How many entries each consumer of the group was given and has not acknowledged; none are left out."""

    @abstractmethod
    async def pending(
        self, stream: str, *, group: str, before: str | None = None, consumer: str | None = None
    ) -> list[Pending]:
        """What the group was given and has not acknowledged, in the stream's order, by `consumer` or by anyone."""

    @abstractmethod
    async def touch(self, stream: str, *, group: str, consumer: str, ids: Sequence[str]) -> None:
        """Says that these entries are still in work, so that nobody claims them."""

    @abstractmethod
    async def acknowledge(self, stream: str, *, group: str, ids: Sequence[str], fence: Fence | None = None) -> None:
        """These entries are done. Raises `FencedError` when the fence does not hold."""

    @abstractmethod
    async def backlog(self, stream: str, *, group: str) -> int:
        """How many entries the group has not acknowledged or not read yet; 0 for a stream that does not exist."""

    @abstractmethod
    async def forget(self, identities: Sequence[str]) -> None:
        """These identities were not seen: what comes with one of them is appended again."""

    @abstractmethod
    async def range(
        self, stream: str, *, count: int, newest_first: bool = False, after: str = BEGINNING
    ) -> list[StreamEntry]:
        """Entries as they lie in the stream after that place (see `places`), outside any group."""

    @abstractmethod
    async def delete_entries(self, stream: str, ids: Sequence[str]) -> int:
        """Deletes entries; says how many were there."""

    @abstractmethod
    async def groups(self, stream: str) -> list[str]:
        """The names of the groups that read a stream; none for a stream that does not exist."""

    @abstractmethod
    async def rewind(self, stream: str, *, group: str, after: str) -> int:
        """Takes a group back to that place, so that it reads again what comes after it; says how many entries.

        A group that has not come so far stays where it is. Raises `LookupError` when the stream has no such group.
        """

    @abstractmethod
    async def server_time(self) -> float:
        """What the clock says by which entries are taken, in unix seconds."""

    @abstractmethod
    async def read_after(self, after: Mapping[str, str], *, count: int, wait_s: float) -> list[StreamEntry]:
        """Entries after an id of each stream, outside any group, at most `count` each, waiting up to `wait_s`."""

    @abstractmethod
    async def entries(self, stream: str, ids: Sequence[str]) -> list[StreamEntry]:
        """Entries by their ids, outside any group; those that are gone are left out."""

    @abstractmethod
    async def recent(self, stream: str, *, within_s: float) -> list[StreamEntry]:
        """Entries appended in the last `within_s` seconds by the server's clock, oldest first, outside any group."""

    @abstractmethod
    async def set_hash(self, key: str, fields: Mapping[str, str]) -> None:
        """Sets fields of a hash, leaving its other fields."""

    @abstractmethod
    async def get_hash(self, key: str) -> dict[str, str]:
        """All fields of a hash; empty when there is none."""

    @abstractmethod
    async def delete_hash_fields(self, key: str, fields: Sequence[str]) -> None:
        """Deletes fields of a hash, leaving its others; a hash without fields is gone."""

    @abstractmethod
    async def delete_key(self, key: str) -> None:
        """Deletes a key."""

    @property
    @abstractmethod
    def dropped(self) -> int:
        """How many published messages were dropped while the server was away."""

    @property
    @abstractmethod
    def refused(self) -> int:
        """How many published messages the server would not take from us."""

    @property
    @abstractmethod
    def reconnects(self) -> int:
        """How many times a connection was lost and made again."""

    @property
    def away_s(self) -> float:
        """For how many seconds the server has not been there for one of the connections that are kept; 0 when it is."""
        return 0.0
