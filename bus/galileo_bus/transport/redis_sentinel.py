"""Which server is the master now: asked of the Sentinels each time a connection is made."""

from __future__ import annotations

from typing import Any

from redis.asyncio.sentinel import Sentinel
from redis.exceptions import RedisError

from galileo_bus.transport.redis_address import RedisAddress, Sentinels

PATIENCE_S = 0.5
"""For each Sentinel; the next one is asked then."""


def sentinel_client(sentinels: Sentinels, address: RedisAddress) -> Any:
    """redis-py's, which asks one Sentinel after the other. It speaks TLS when the servers do."""
    options: dict[str, Any] = {
        "username": sentinels.username,
        "password": sentinels.password,
        "socket_connect_timeout": PATIENCE_S,
        "socket_timeout": PATIENCE_S,
        **tls_options(address),
    }
    return Sentinel(list(sentinels.addresses), sentinel_kwargs=options)  # type: ignore[no-untyped-call]  # redis-py's


def tls_options(address: RedisAddress) -> dict[str, Any]:
    """The same for redis-py as `TlsFiles.context` is for our own links; nothing where there is no TLS."""
    if not address.tls:
        return {}
    files = address.tls_files
    return {"ssl": True, "ssl_ca_certs": files.ca, "ssl_certfile": files.cert, "ssl_keyfile": files.key}


async def close_sentinels(client: Any) -> None:
    """Closes the connections to Sentinels of redis-py's client for a master, which it leaves open; if it is one."""
    asked = getattr(client.connection_pool, "sentinel_manager", None)
    for sentinel in asked.sentinels if asked is not None else ():
        await sentinel.aclose()


async def master_of(address: RedisAddress) -> tuple[str, int]:
    """Host and port of the present master; the address's own where there are no Sentinels.

    Raises `OSError` when none of them answers, or none knows a master that is well.
    """
    if address.sentinels is None:
        return address.host, address.port
    asked = sentinel_client(address.sentinels, address)
    try:
        host, port = await asked.discover_master(address.sentinels.master)
    except RedisError as error:
        raise OSError(f"no master: {error}") from error
    finally:
        for client in asked.sentinels:
            await client.aclose()
    return str(host), int(port)
