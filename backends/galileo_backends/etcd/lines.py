"""Cuts a stream of bytes into lines of any length (an HTTP client's own line reader has a limit)."""

from collections.abc import Iterator


class Lines:
    """Takes chunks as they come; gives each line once it is whole, without its end. Empty lines are left out."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that this chunk completes."""
        first, *rest = chunk.split(b"\n")
        self._parts.append(first)
        for following in rest:
            line = b"".join(self._parts)
            self._parts = [following]
            if line.strip():
                yield line

    @property
    def unfinished(self) -> bytes:
        """What came after the last line end."""
        return b"".join(self._parts)
