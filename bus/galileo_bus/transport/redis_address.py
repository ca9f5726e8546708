"""Where a server is: host and port, a unix socket, or behind Sentinels; TLS or not; and who we are there."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: `ca` of the servers' authority (None: those that the system trusts), `cert` and `key` our own."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    def context(self) -> ssl.SSLContext:
        """For connections to servers. Raises `OSError` (`ssl.SSLError` is one) for a file that cannot be used."""
        context = ssl.create_default_context(cafile=self.ca)
        if self.cert is not None:
            context.load_cert_chain(self.cert, self.key)
        return context


@dataclass(frozen=True, slots=True)
class Sentinels:
    """Where to ask which server is the master of `master`, and who we are there."""

    addresses: tuple[tuple[str, int], ...]
    master: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One server. `path` is a unix socket and wins over host and port; `sentinels` say host and port each time anew."""

    host: str = "localhost"
    port: int = 6379
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: int = 0
    tls: bool = False
    path: str | None = None
    tls_files: TlsFiles = TlsFiles()
    sentinels: Sentinels | None = None

    @property
    def shown(self) -> str:
        """For messages: without the password."""
        if self.sentinels is not None:
            asked = ",".join(f"{host}:{port}" for host, port in self.sentinels.addresses)
            return f"the master of {self.sentinels.master} (by the Sentinels {asked})"
        if self.path is not None:
            return f"unix:{self.path}"
        return f"{'rediss' if self.tls else 'redis'}://{self.host}:{self.port}/{self.database}"


def parse_sentinels(text: str) -> tuple[tuple[str, int], ...]:
    """Reads `host[:port],…`; Sentinels' usual port is 26379. Raises `ValueError`."""
    found = []
    for word in text.replace(",", " ").split():
        host, _, port = word.rpartition(":") if re.search(r":\d+$", word) else (word, "", "26379")
        if not host or int(port) > 65535:
            raise ValueError(f"{word!r}: expected host:port of Sentinels, as in sentinel-1:26379,sentinel-2:26379")
        found.append((host.strip("[]"), int(port)))
    return tuple(found)


def parse_redis_url(url: str) -> RedisAddress:
    """Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS) or `unix://[user:password@]/path`.

    Raises `ValueError` that says what was expected, and never shows the password.
    """
    shown = re.sub(r"//.*@", "//…@", url)
    try:
        parts = urlsplit(url)
        port = 6379 if parts.port is None else parts.port
        database = _database(parts)
    except ValueError:
        raise ValueError(f"{shown!r}: port and database are numbers, as in redis://localhost:6379/0") from None
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError(f"{shown!r}: expected redis://, rediss:// or unix://, as in redis://localhost:6379/0")
    if parts.query or parts.fragment:
        raise ValueError(f"{shown!r}: nothing may follow the database; write ? and # in a password as %3F and %23")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if parts.scheme == "unix":
        if not parts.path:
            raise ValueError(f"{shown!r}: expected the path of a socket, as in unix:///run/redis.sock")
        return RedisAddress(path=parts.path, username=username, password=password)
    return RedisAddress(
        host=parts.hostname or "localhost",
        port=port,
        username=username,
        password=password,
        database=database,
        tls=parts.scheme == "rediss",
    )


def _database(parts: SplitResult) -> int:
    if parts.scheme == "unix":
        return 0
    database = int(parts.path.strip("/") or 0)
    if database < 0:
        raise ValueError("negative")
    return database
