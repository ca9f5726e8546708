"""What all events share: the base type, the optional `meta` object, and how each type travels on the bus.

An event type is a msgspec struct registered under its name on the wire:

    @event("api_pressure", Delivery.OBSERVATION)
    class ApiPressure(Event): ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import msgspec

from galileo_schemas.frame import EVENTS_CHANNEL, check_name


class Delivery(Enum):
    """How an event travels: what may be lost, and who may act on it."""

    OBSERVATION = "observation"
    """Newest wins: published only. A slow subscriber drops the oldest and counts it."""

    RECORD = "record"
    """Published for watchers and appended to a bounded stream that recorders read as a consumer group."""

    DECISION = "decision"
    """Must not be lost: appended to a journal and published in one atomic step; actors act on the journal only."""


class Meta(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """Where an event comes from. Optional on input: a person at `redis-cli` writes none.

    `id`: sortable and unique. `source`: who said it, with an incarnation that changes at restart. `seq`: running per
    (source, event name), for observations on their home channel only. `cause`: ids of the events that led to it.
    `expires`: unix seconds after which a decision must not be acted on. `key`: decisions of one key are handled one at
    a time and in order.
    """

    id: str = ""
    source: str = ""
    seq: int = 0
    cause: tuple[str, ...] = ()
    expires: float | None = None
    key: str = ""


class Event(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Base of every event. Unknown fields are ignored by readers, so that fields may be added."""

    meta: Meta | None = None


Normalise = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Turns a shape that an older sender writes into today's; called only when the value does not fit as it is."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """One row of the registry: an event's name, type, delivery class and home channel."""

    name: str
    type: type[Event]
    delivery: Delivery
    topic: str | None
    normalise: Normalise | None
    decoder: msgspec.json.Decoder[Event]
    channel: str
    """On which this event is said: `galileo/events`, or a topic's channel below it."""
    wire_name: bytes
    """The name as it stands in a frame."""


KINDS_BY_NAME: dict[str, EventKind] = {}
KINDS_BY_TYPE: dict[type[Event], EventKind] = {}

E = TypeVar("E", bound=Event)


def event(
    name: str, delivery: Delivery, *, topic: str | None = None, normalise: Normalise | None = None
) -> Callable[[type[E]], type[E]]:
    """Registers an event type under its name on the wire. Raises `ValueError` when the name is taken or no word."""

    def register(cls: type[E]) -> type[E]:
        if name in KINDS_BY_NAME:
            raise ValueError(_taken(name, by=KINDS_BY_NAME[name].type, wanted_by=cls))
        check_name(name)
        channel = EVENTS_CHANNEL if topic is None else f"{EVENTS_CHANNEL}/{topic}"
        kind = EventKind(name, cls, delivery, topic, normalise, msgspec.json.Decoder(cls), channel, name.encode())
        KINDS_BY_NAME[name] = kind
        KINDS_BY_TYPE[cls] = kind
        return cls

    return register


def _taken(name: str, *, by: type[Event], wanted_by: type[Event]) -> str:
    taken = f"event name {name!r} is already taken by {by.__qualname__} of {by.__module__}"
    if by.__qualname__ == wanted_by.__qualname__ and by.__module__ != wanted_by.__module__:
        return f"{taken}; rename yours, or, if both are one file, import it by one name: not as {wanted_by.__module__}"
    return f"{taken}; give {wanted_by.__qualname__} another name"
