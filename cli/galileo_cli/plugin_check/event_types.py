"""Whether others can understand a plug-in's own events: documented, and with a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from galileo_schemas.event import EventKind

from galileo_cli.plugin_check.finding import Finding

_NAME = re.compile(r"[a-z][a-z0-9_]*(/[a-z0-9_]+)*")


def check_event(kind: EventKind) -> Iterator[Finding]:
    """One event type that the plug-in declares."""
    name = kind.type.__name__
    if not (kind.type.__dict__.get("__doc__") or "").strip():
        yield Finding(f"{name} has no docstring: say what {kind.name} tells, and what its fields mean, with units")
    if not _NAME.fullmatch(kind.name):
        yield Finding(f"{name}: the event name {kind.name!r}: use lower-case words with _, such as gateway_hot")
    try:
        msgspec.json.schema(kind.type)
    except TypeError as error:
        reason = " ".join(str(error).split("\n")[0].split())
        yield Finding(f"{name} has no JSON Schema for other languages ({reason}): use types that JSON has")
