"""The bytes of a watch, cut into messages: one JSON object a line. No I/O."""

from collections.abc import Iterator

import orjson

from galileo_backends.kubernetes.interface import JsonObject


class BrokenStream(Exception):  # noqa: N818 - a verdict on the stream
    """A watch said something that is no message; it cannot be trusted further."""


class Messages:
    """Takes chunks as they come, gives each message once its line is whole."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[JsonObject]:
        """The messages that this chunk completes.

        Raises:
            BrokenStream: a line is no JSON object with a `type` and an `object`.
        """
        first, *rest = chunk.split(b"\n")
        self._parts.append(first)
        for following in rest:
            line = b"".join(self._parts)
            self._parts = [following]
            if line.strip():
                yield _message(line)


def _message(line: bytes) -> JsonObject:
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BrokenStream(f"a line that is no JSON ({error}): {line[:80]!r}") from error
    if not isinstance(message, dict) or "type" not in message or not isinstance(message.get("object"), dict):
        raise BrokenStream(f"a line without type and object: {line[:80]!r}")
    return message
