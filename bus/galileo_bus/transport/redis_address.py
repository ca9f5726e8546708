"""Where a Redis or Valkey server is: host and port, TLS or not, or a unix socket, and who we are there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One server. `path` is a unix socket and wins over host and port."""

    host: str = "localhost"
    port: int = 6379
    username: str | None = None
    password: str | None = None
    database: int = 0
    tls: bool = False
    path: str | None = None

    @property
    def shown(self) -> str:
        """For messages: without the password."""
        if self.path is not None:
            return f"unix:{self.path}"
        return f"{'rediss' if self.tls else 'redis'}://{self.host}:{self.port}/{self.database}"


def parse_redis_url(url: str) -> RedisAddress:
    """Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS) or `unix:///path`.

    Raises `ValueError` that says what was expected.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or 6379
        database = int(parts.path.strip("/") or 0) if parts.scheme != "unix" else 0
    except ValueError:
        raise ValueError(f"{url!r}: port and database are numbers, as in redis://localhost:6379/0") from None
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if parts.scheme == "unix":
        return RedisAddress(path=parts.path, username=username, password=password)
    if parts.scheme not in ("redis", "rediss"):
        raise ValueError(f"{url!r}: expected redis://, rediss:// or unix://, as in redis://localhost:6379/0")
    return RedisAddress(
        host=parts.hostname or "localhost",
        port=port,
        username=username,
        password=password,
        database=database,
        tls=parts.scheme == "rediss",
    )
