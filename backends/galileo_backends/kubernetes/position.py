"""Where a watch stands, and what each message of the API server means for it. No I/O."""

from dataclasses import dataclass

from galileo_backends.kubernetes.errors import ApiError, Gone, error_from
from galileo_backends.kubernetes.interface import JsonObject, WatchEvent
from galileo_backends.kubernetes.stream import BrokenStream


@dataclass(slots=True)
class Position:
    """The last resource version that was seen. It is the server's: kept and sent back, never compared."""

    resource_version: str

    def take(self, message: JsonObject) -> WatchEvent | None:
        """The event in a message, or None for a bookmark (which only moves the position).

        Raises:
            ApiError: the message is an ERROR; the kind of the error says what to do (Gone: list again).
            BrokenStream: a message of a type that nobody knows, or without a resource version.
        """
        kind, subject = message["type"], message["object"]
        if kind == "ERROR":
            raise error_from(int(subject.get("code") or 500), subject, request="watch")
        version = subject.get("metadata", {}).get("resourceVersion")
        if not isinstance(version, str) or kind not in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK"):
            raise BrokenStream(f"a message of type {kind!r} with resource version {version!r}")
        self.resource_version = version
        return None if kind == "BOOKMARK" else WatchEvent(kind, subject)


def must_list_again(error: ApiError) -> bool:
    """Whether the past is gone: compacted (410), or the API server is behind what we saw (504, a restored backup)."""
    causes = error.details.get("causes") or ()
    return isinstance(error, Gone) or any(cause.get("reason") == "ResourceVersionTooLarge" for cause in causes)
