"""What a service may ask of etcd, and the plain values that come back.

Keys are text, values are bytes. A prefix matches by characters and nothing else: ask for `zone-a/`, with the slash,
unless `zone-ab` is meant too. Revisions are etcd's: one number for the whole store that grows by one with every
write.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A key as it stands. `mod_revision` is the revision that wrote it last."""

    key: str
    value: bytes
    mod_revision: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All there is under a prefix at `revision`, by key. It replaces what its receiver knew before."""

    items: list[KeyValue]
    revision: int


@dataclass(frozen=True, slots=True)
class Put:
    """`key` was written at `revision`."""

    key: str
    value: bytes
    revision: int


@dataclass(frozen=True, slots=True)
class Delete:
    """`key` was deleted at `revision`."""

    key: str
    revision: int


Change = Snapshot | Put | Delete


class Etcd(Protocol):
    """An etcd, real or in memory. Every call raises EtcdUnavailable or EtcdRefused."""

    @property
    def cluster_id(self) -> str | None:
        """The identity of the cluster that answered last, or None before the first answer."""
        ...

    async def get(self, key: str) -> KeyValue | None:
        """The key as it stands now (a linearizable read), or None."""
        ...

    async def get_prefix(self, prefix: str) -> tuple[list[KeyValue], int]:
        """All keys that start with `prefix`, by key, and the revision at which that was so."""
        ...

    async def put(self, key: str, value: bytes) -> int:
        """Writes one key; returns the revision of the write."""
        ...

    async def put_all(self, items: Mapping[str, bytes]) -> int:
        """Writes all keys in one transaction (all or none, one revision); returns the revision.

        Etcd takes 128 keys a transaction unless its `--max-txn-ops` says otherwise; more raises EtcdRefused.
        """
        ...

    async def delete(self, key: str) -> bool:
        """Deletes one key; says whether it was there."""
        ...

    def watch_prefix(self, prefix: str) -> AsyncGenerator[Change, None]:
        """A Snapshot, then every Put and Delete after it, in order and without a gap, for as long as it is read.

        Whatever breaks the connection is survived: the watch backs off and goes on after the last revision that it
        gave out. Where that past is gone (compacted, or the store is another one), a new Snapshot follows. Raises
        EtcdRefused where etcd says no. Close it (`contextlib.aclosing`) when done; cancelling a read ends it as well.
        """
        ...

    async def close(self) -> None:
        """Lets go of all connections."""
        ...
