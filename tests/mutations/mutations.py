"""Faults that are put into the bus on purpose, to see that its robustness suite finds them.

    apply(name) replaces a method of a shipped class in this process, which is a worker of a run

Each is one that a promise names: what would be wrong if the promised thing were left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from galileo_bus.delivery.decision_worker import DecisionWorker
from galileo_bus.losses import LossCounter
from galileo_bus.transport import StreamEntry, redis_scripts, redis_transport
from galileo_schemas.event import Event


def acknowledge_before_the_handler() -> None:
    """A decision is acknowledged as it is taken up, so that nobody has it when its actor dies."""
    settle = DecisionWorker._settle

    async def acknowledged_first(self: DecisionWorker, event: Event, entry: StreamEntry) -> None:
        await self._reader.acknowledge([entry])
        await settle(self, event, entry)

    _replace(DecisionWorker, "_settle", acknowledged_first)


def no_deduplication() -> None:
    """What is sent again after a lost answer is appended again."""
    _without_looking("[^a]")


def adoption_without_the_script() -> None:
    """Each participant that hears a decision without an id journals it."""
    _without_looking("adopted/")


def no_expiry() -> None:
    """A decision is acted on however late it is."""
    settle = DecisionWorker._settle

    async def in_no_hurry(self: DecisionWorker, event: Event, entry: StreamEntry) -> None:
        self._now = lambda: 0.0
        await settle(self, event, entry)

    _replace(DecisionWorker, "_settle", in_no_hurry)


def seq_ignored() -> None:
    """Nobody looks at the running numbers."""
    _replace(LossCounter, "note", lambda self, source, name, seq: 0)
    _replace(LossCounter, "heartbeat", lambda self, source, last: 0)


MUTATIONS: dict[str, Callable[[], None]] = {
    mutation.__name__: mutation
    for mutation in (
        acknowledge_before_the_handler,
        no_deduplication,
        no_expiry,
        seq_ignored,
        adoption_without_the_script,
    )
}


def apply(name: str) -> None:
    """Puts the fault of that name into the bus of this process. Raises `KeyError`."""
    MUTATIONS[name]()


def _without_looking(identities: str) -> None:
    """The script that appends does not look whether it knows an identity that begins so."""
    look = "if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end"
    assert look in redis_scripts.APPEND, "the script has changed: mutate what has taken the place of its first line"
    careless = look.replace("if ", f"if not string.find(KEYS[2], '^galileo/identity/{identities}') and ")
    script = redis_scripts.APPEND.replace(look, careless)
    setattr(redis_transport, "APPEND", script)  # noqa: B010  (imported there, not its own)
    setattr(redis_transport, "APPEND_SHA", hashlib.sha1(script.encode()).hexdigest())  # noqa: B010


def _replace(owner: type[object], name: str, replacement: Any) -> None:
    assert hasattr(owner, name), f"{owner.__name__}.{name} is gone: mutate what has taken its place"
    setattr(owner, name, replacement)
