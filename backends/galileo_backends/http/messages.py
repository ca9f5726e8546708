"""The requests and responses that pass between the HTTP server, the HTTP client and those who use them.

Both ends work with whole messages in memory. A body is bytes, a header is a pair of strings (ISO 8859-1, as HTTP
defines it), and the order and spelling of headers is kept, because a gateway has to hand on what it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


class Headers:
    """A list of (name, value) pairs whose names are looked up without regard to case."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs: list[tuple[str, str]] = list(pairs)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value under `name`, or `default`."""
        wanted = name.lower()
        for key, value in self._pairs:
            if key.lower() == wanted:
                return value
        return default

    def getall(self, name: str) -> list[str]:
        """Every value under `name`, in the order received."""
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def joined(self, name: str) -> str | None:
        """Every value under `name` as one list, separated by ", " (RFC 9110, 5.3), or None without any."""
        values = self.getall(name)
        return ", ".join(values) if values else None

    def set(self, name: str, value: str) -> None:
        """Put one value in place of all that were under `name`."""
        self.remove(name)
        self._pairs.append((name, value))

    def add(self, name: str, value: str) -> None:
        """Append a value and keep those that are already there."""
        self._pairs.append((name, value))

    def remove(self, name: str) -> None:
        """Drop every value under `name`; nothing happens if there is none."""
        wanted = name.lower()
        self._pairs = [pair for pair in self._pairs if pair[0].lower() != wanted]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._pairs == other._pairs

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return f"Headers({self._pairs!r})"


@dataclass(slots=True)
class Request:
    """What a handler receives. `target` is the request target as it was sent (path and query, not decoded);
    `peer` is the address and port of the connection's other end."""

    method: str
    target: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    peer: tuple[str, int] = ("", 0)


@dataclass(slots=True)
class Response:
    """What a handler answers and what a client's request returns."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
