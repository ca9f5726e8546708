"""An etcd whose writes are asked about, one by one: for dry runs, and for leaders that may have been deposed."""

from collections.abc import AsyncGenerator, Mapping
from functools import partial

from galileo_bus.service.write_guard import WriteGuard

from galileo_backends.etcd.interface import Change, Etcd, KeyValue


class GuardedEtcd:
    """An `Etcd`."""

    def __init__(self, inner: Etcd, guard: WriteGuard) -> None:
        self._inner = inner
        self._guard = guard

    @property
    def cluster_id(self) -> str | None:
        """See `Etcd.cluster_id`."""
        return self._inner.cluster_id

    async def get(self, key: str) -> KeyValue | None:
        """See `Etcd.get`."""
        return await self._inner.get(key)

    async def get_prefix(self, prefix: str) -> tuple[list[KeyValue], int]:
        """See `Etcd.get_prefix`."""
        return await self._inner.get_prefix(prefix)

    async def put(self, key: str, value: bytes) -> int:
        """See `Etcd.put`; 0 where it is not done."""
        what = f"put {key} into etcd: {_shown(value)}"
        return await self._guard.write(what, partial(self._inner.put, key, value), _revision)

    async def put_all(self, items: Mapping[str, bytes]) -> int:
        """See `Etcd.put_all`; 0 where it is not done."""
        what = f"put into etcd: {', '.join(f'{key} = {_shown(value)}' for key, value in items.items())}"
        return await self._guard.write(what, partial(self._inner.put_all, items), _revision)

    async def delete(self, key: str) -> bool:
        """See `Etcd.delete`."""

        async def is_there() -> bool:
            return await self._inner.get(key) is not None

        return await self._guard.write(f"delete {key} from etcd", partial(self._inner.delete, key), is_there)

    def watch_prefix(self, prefix: str) -> AsyncGenerator[Change, None]:
        """See `Etcd.watch_prefix`."""
        return self._inner.watch_prefix(prefix)

    async def close(self) -> None:
        """See `Etcd.close`."""
        await self._inner.close()


async def _revision() -> int:
    return 0


def _shown(value: bytes) -> str:
    return value[:200].decode(errors="replace")
