"""Etcd's twin in memory: the same promises, no server. For tests and for simulations in virtual time.

Each watcher has a queue of its own that is filled in the same step as the store is changed, so that a watch has no
gap. There is no history: a watch here never has to resume.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping

from galileo_backends.etcd.errors import EtcdRefused
from galileo_backends.etcd.interface import Change, Delete, KeyValue, Put, Snapshot

MAX_TRANSACTION_KEYS = 128  # etcd's --max-txn-ops


class MemoryEtcd:
    """An `Etcd` that lives in this process."""

    def __init__(self, *, cluster_id: str = "memory") -> None:
        self._cluster_id = cluster_id
        self._keys: dict[str, KeyValue] = {}
        self._revision = 1
        self._watchers: list[tuple[str, asyncio.Queue[Put | Delete]]] = []

    @property
    def cluster_id(self) -> str | None:
        """The name given to the constructor."""
        return self._cluster_id

    async def get(self, key: str) -> KeyValue | None:
        """See Etcd.get."""
        return self._keys.get(key)

    async def get_prefix(self, prefix: str) -> tuple[list[KeyValue], int]:
        """See Etcd.get_prefix."""
        return self._under(prefix), self._revision

    async def put(self, key: str, value: bytes) -> int:
        """See Etcd.put."""
        return await self.put_all({key: value})

    async def put_all(self, items: Mapping[str, bytes]) -> int:
        """See Etcd.put_all."""
        if len(items) > MAX_TRANSACTION_KEYS:
            raise EtcdRefused(400, "etcdserver: too many operations in txn request", request="put_all")
        if "" in items:
            raise EtcdRefused(400, "etcdserver: key is not provided", request="put_all")
        if items:
            self._revision += 1
        for key, value in items.items():
            self._keys[key] = KeyValue(key, bytes(value), self._revision)
            self._tell(Put(key, bytes(value), self._revision))
        return self._revision

    async def delete(self, key: str) -> bool:
        """See Etcd.delete."""
        if self._keys.pop(key, None) is None:
            return False
        self._revision += 1
        self._tell(Delete(key, self._revision))
        return True

    async def watch_prefix(self, prefix: str) -> AsyncGenerator[Change, None]:
        """See Etcd.watch_prefix."""
        watcher = (prefix, asyncio.Queue[Put | Delete]())
        self._watchers.append(watcher)
        try:
            yield Snapshot(self._under(prefix), self._revision)
            while True:
                yield await watcher[1].get()
        finally:
            # By identity: two watchers of one prefix must not stand for each other.
            self._watchers = [other for other in self._watchers if other is not watcher]

    async def close(self) -> None:
        """Nothing to let go of."""

    def _under(self, prefix: str) -> list[KeyValue]:
        return [self._keys[key] for key in sorted(self._keys, key=str.encode) if key.startswith(prefix)]

    def _tell(self, change: Put | Delete) -> None:
        for prefix, queue in self._watchers:
            if change.key.startswith(prefix):
                queue.put_nowait(change)
