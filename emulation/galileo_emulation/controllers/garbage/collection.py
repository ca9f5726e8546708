"""What becomes of an object, given the state of its owners.

An object stays as long as one of its owners is there and not waiting for it to go. With none of those it is deleted:
in the foreground when an owner waits for it and it has dependents of its own, else as its finalizers say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from galileo_emulation.controllers.garbage.owner_graph import Node
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.operations.deletion import Propagation


class OwnerState(Enum):
    """What there is behind an owner reference."""

    THERE = "there"
    GONE = "gone"
    WAITS = "waits for its dependents to go"
    UNKNOWN = "of a kind that is not served, so that nobody can tell"


@dataclass(frozen=True, slots=True)
class Keep:
    """Leave the object, but take the references to these owners off it."""

    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the object. `unblock`: first let its owners go without waiting for it, or all would wait in a circle."""

    propagation: Propagation
    unblock: bool = False


def collection(node: Node, dependents: Sequence[Node], state: Callable[[JsonObject], OwnerState]) -> Keep | Delete:
    """Decide about an object that is not being deleted; `state` tells what is behind a reference."""
    states = [(reference, state(reference)) for reference in node.owners]
    found = {owner_state for _, owner_state in states}
    if not found or OwnerState.UNKNOWN in found:
        return Keep()
    if OwnerState.THERE in found:
        return Keep(tuple(owner["uid"] for owner, owner_state in states if owner_state is not OwnerState.THERE))
    if OwnerState.WAITS in found and dependents:
        return Delete("Foreground", unblock=any(dependent.waits_for_dependents for dependent in dependents))
    if node.lets_go:
        return Delete("Orphan")
    return Delete("Foreground" if node.waits_for_dependents else "Background")


def holding_up(owner: Node, dependents: Sequence[Node]) -> list[Node]:
    """The dependents that a waiting owner has to wait for: those whose reference says so."""
    return [
        dependent
        for dependent in dependents
        if any(ref["uid"] == owner.uid and ref.get("blockOwnerDeletion") for ref in dependent.owners)
    ]
