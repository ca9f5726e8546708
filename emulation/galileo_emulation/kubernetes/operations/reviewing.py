"""Where an operation lets webhooks look at what it is about to do, without waiting for them.

Between reading the store and changing it nothing may be awaited, but a webhook has to be. So an operation that is to be
reviewed asks the reviewer of its request, and a reviewer that has no answer yet stops the operation, before anything
has changed, by raising `Unreviewed`. Whoever runs the operation asks the webhooks and runs it again with the same
reviewer (webhooks/admission.py). An answer counts only for the very object, old and new, that it was given for: when
the stored one has changed meanwhile, the question is a new one.

A request has a reviewer only when there are webhooks. What happens in this process without a request (kubelets,
controllers), and what listeners do while the store tells them of a change, is not reviewed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, Protocol

import orjson

from ..apiobjects import JsonObject
from ..kind import Kind
from ..storage.history import Stored

Operation = Literal["CREATE", "UPDATE", "DELETE"]
Stage = Literal["mutating", "validating"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operation is about to do: the object as it is to be (None when deleted), and the one that is there."""

    operation: Operation
    kind: Kind
    namespace: str
    body: JsonObject | None
    old: Stored | None
    dry_run: bool = False

    @property
    def name(self) -> str:
        """The object's name; empty while it is still to be generated."""
        known: JsonObject = (self.body or {}).get("metadata") or (self.old.body["metadata"] if self.old else {})
        name: str = known.get("name", "")
        return name

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two wishes the same."""
        body = orjson.dumps(self.body, option=orjson.OPT_SORT_KEYS) if self.body is not None else b""
        version = self.old.version if self.old is not None else 0
        return (self.operation, *self.kind.key, self.namespace, self.name, version, body)


class Unreviewed(Exception):  # noqa: N818 - no error, but a question
    """An operation has to be reviewed before it can go on."""

    def __init__(self, stage: Stage, wish: Wish, key: tuple[object, ...]) -> None:
        super().__init__(stage, wish)
        self.stage = stage
        self.wish = wish
        self.key = key


class Reviewer(Protocol):
    """The webhooks' answers to one request."""

    def mutated(self, wish: Wish) -> JsonObject | None:
        """The object as webhooks want it, the caller's own; None for a deletion. Raises Unreviewed."""

    def accepted(self, wish: Wish) -> JsonObject | None:
        """The object that webhooks have accepted, to be stored in this form. Raises Unreviewed."""


class Telling(Protocol):
    """What of a store has to be known here."""

    telling: int
    """Above 0 while listeners are told of a change."""


_REVIEWER: ContextVar[Reviewer | None] = ContextVar("reviewer", default=None)


def reviewer(store: Telling) -> Reviewer | None:
    """The reviewer of what is being done at the moment; None when nobody is asked."""
    return None if store.telling else _REVIEWER.get()


@contextmanager
def reviewed_by(answers: Reviewer) -> Iterator[None]:
    """Have the operations of the present task reviewed while the context lasts."""
    token = _REVIEWER.set(answers)
    try:
        yield
    finally:
        _REVIEWER.reset(token)
