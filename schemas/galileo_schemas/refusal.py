"""Why the value of an event was refused, in one line: the event, the field, what was expected, and what came."""

from __future__ import annotations

import re

import msgspec
from msgspec import inspect as types

from galileo_schemas.event import EventKind
from galileo_schemas.frame import FrameError, excerpt

_ENUM = re.compile(r"Invalid enum value .* - at `\$\.(\w+)`", re.DOTALL)


def refusal(kind: EventKind, error: Exception, value: bytes) -> FrameError:
    """The error for whoever decodes; `error` is what a decoder raised."""
    return FrameError(f"{kind.name}: {_in_words(kind, error)}, got {excerpt(value)}")


def _in_words(kind: EventKind, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "expected a JSON object that is not nested so deeply"
    if isinstance(error, UnicodeError):
        return "expected a JSON object in UTF-8"
    text = "".join(character if character.isprintable() else "\ufffd" for character in str(error))
    if not isinstance(error, msgspec.ValidationError):
        return f"expected a JSON object: {text:.200}"
    if (found := _ENUM.match(str(error))) is not None:
        return f"Expected {_choices(kind, found[1])} - at `$.{found[1]}`"
    return f"Expected a number of 64 bits: {text:.200}" if "out of range" in text else f"{text:.200}"


def _choices(kind: EventKind, field_name: str) -> str:
    info = types.type_info(kind.type)
    assert isinstance(info, types.StructType)
    [field] = [field for field in info.fields if field.encode_name == field_name]
    assert isinstance(field.type, types.LiteralType)
    return " or ".join(f"`{value}`" for value in field.type.values)
