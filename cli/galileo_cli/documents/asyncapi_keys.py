"""Keys of an AsyncAPI document, which may hold letters, digits, dots, dashes and underscores only."""

from __future__ import annotations

from typing import Any


def message_key(event_name: str) -> str:
    """A message's key, from the event's name."""
    return event_name.replace("/", ".")


def channel_key(address: str) -> str:
    """A channel's key, from its address."""
    return address.replace("/", ".").replace("{", "").replace("}", "").replace(":", ".")


def reference(*path: str) -> dict[str, Any]:
    """A reference to another place in the document."""
    return {"$ref": "#/" + "/".join(path)}
