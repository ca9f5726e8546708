"""redis-py's client, for commands that are not said very often: how it is set up, and what it gets wrong, mended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import redis.asyncio as redis_asyncio
from redis import exceptions as redis_errors
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff

from galileo_bus.transport.redis_address import RedisAddress
from galileo_bus.transport.redis_sentinel import sentinel_client, tls_options

T = TypeVar("T")


class _Retry(Retry):
    """Also when a connection of the pool turns out to be dead as it is written to.

    asyncio says that with an `OSError`, which redis-py understands; uvloop says it with a `RuntimeError`, which would
    pass for a fault of ours and end the process.
    """

    async def call_with_retry(self, do: Callable[[], Awaitable[T]], fail: Any, *args: Any, **kwargs: Any) -> T:
        async def told_alike() -> T:
            try:
                return await do()
            except RuntimeError as error:
                if "the handler is closed" not in str(error):
                    raise
                raise redis_errors.ConnectionError(str(error)) from error

        return await super().call_with_retry(told_alike, fail, *args, **kwargs)


def redis_client(address: RedisAddress) -> Any:
    """redis-py's types name sync and async results alike, so its client is used untyped."""
    common: dict[str, Any] = {
        "username": address.username,
        "password": address.password,
        "db": address.database,
        "socket_connect_timeout": 2.0,
        # Commands have our own deadline. The library's is a `wait_for` around each write, which on Python 3.11 swallows
        # a cancellation that comes as the write ends: one service in a hundred then never stopped.
        "socket_timeout": None,
        # About a second of trying again, for connections that a restart of the server left dead in the pool.
        "retry": _Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.3), 6),
        "protocol": 2,
    }
    if address.path is not None:
        return redis_asyncio.Redis(unix_socket_path=address.path, **common)
    if address.sentinels is not None:
        asked = sentinel_client(address.sentinels, address)
        return asked.master_for(address.sentinels.master, **common, **tls_options(address))
    return redis_asyncio.Redis(host=address.host, port=address.port, **common, **tls_options(address))
