"""How objects go: grace periods, finalizers, preconditions, one by one or as a collection.

Pods go gracefully: a bound pod is only marked, and the kubelet on its node deletes it for good (grace 0) when its
containers have stopped. Other kinds go at once. Whatever has finalizers stays, marked, until the last is taken off
(updates.py). What becomes of an object's dependents is said by finalizers too: `foregroundDeletion` holds an owner
until its dependents are gone, `orphan` until they are let go, and the garbage collector does the one or the other.
"""

from dataclasses import dataclass
from typing import Literal

from ..apiobjects import JsonObject, copied, timestamp, unix_seconds
from ..errors import conflict_over_object
from ..kind import Kind
from ..storage.history import Stored
from ..storage.store import Store
from .outcome import Outcome
from .reviewing import Wish, reviewer

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"

Propagation = Literal["Background", "Foreground", "Orphan"]
_FINALIZER_OF: dict[Propagation, str] = {"Foreground": FOREGROUND, "Orphan": ORPHAN}


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a client asked for. `grace_s` and `propagation` are None when it said nothing about them."""

    grace_s: int | None = None
    propagation: Propagation | None = None
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False


def delete(store: Store, kind: Kind, current: Stored, deletion: Deletion) -> tuple[Outcome, bool]:
    """Delete `current`, or mark it; return it as it then is, and whether it is gone. Raises ApiError (409)."""
    check_preconditions(kind, current, deletion)
    review_deletion(store, kind, current, dry_run=deletion.dry_run)
    metadata = current.body["metadata"]
    body = copied(current.body)
    if kind.deletion == "graceful":
        marked_before = "deletionTimestamp" in metadata
        if not _mark_gracefully(store, body, deletion.grace_s):
            return Outcome.of(current), False
        if not marked_before:
            _set_finalizers(kind, body, deletion.propagation)
    elif kind.mark_deleted is not None:
        if "deletionTimestamp" in metadata:
            return Outcome.of(current), False
        kind.mark_deleted(body, timestamp(store.now()))
    else:
        _set_finalizers(kind, body, deletion.propagation)
        if body["metadata"].get("finalizers") or kind.held_by_spec(body):
            _mark_held(store, kind, body)
    going = _goes(kind, body)
    if deletion.dry_run:
        return Outcome.shown(body, managed=current.managed), going
    if body != current.body:
        # Watchers see the mark before the removal, even when one follows the other at once.
        current = store.put(kind, body)
    if going:
        current = store.remove(kind, metadata.get("namespace", ""), metadata["name"])
    return Outcome.of(current), going


def finalize(store: Store, kind: Kind, current: Stored, finalizers: list[str]) -> None:
    """Write the finalizers in a namespace's spec, which nothing else can change; without any, a marked one goes."""
    body = copied(current.body)
    body["spec"].pop("finalizers", None)
    if finalizers:
        body["spec"]["finalizers"] = finalizers
    if "deletionTimestamp" in body["metadata"] and _goes(kind, body):
        store.remove(kind, "", body["metadata"]["name"])
    elif body != current.body:
        store.put(kind, body)


def _set_finalizers(kind: Kind, body: JsonObject, asked: Propagation | None) -> None:
    """Write what is to become of dependents into the finalizers: as asked, else as it was, else the kind's default."""
    if kind.kind == "Namespace":
        return
    metadata = body["metadata"]
    before = metadata.get("finalizers", [])
    earlier = [name for name in before if name in (FOREGROUND, ORPHAN)]
    if asked is None and (earlier or not kind.orphans_by_default):
        return
    wanted = _FINALIZER_OF.get(asked or "Orphan")
    if earlier == ([wanted] if wanted else []):
        return
    after = [name for name in before if name not in earlier] + ([wanted] if wanted else [])
    metadata.pop("finalizers", None)
    if after:
        metadata["finalizers"] = after


def _mark_held(store: Store, kind: Kind, body: JsonObject) -> None:
    """Mark what does not go at once, its finalizers holding it; once is enough."""
    if "deletionTimestamp" in body["metadata"]:
        return
    _mark(body, moment=timestamp(store.now()), grace_s=None if kind.kind == "Namespace" else 0)
    if kind.kind == "Namespace":
        body["status"] = {**body.get("status", {}), "phase": "Terminating"}


def review_deletion(store: Store, kind: Kind, current: Stored, *, dry_run: bool) -> None:
    """Let webhooks look at a deletion. Raises Unreviewed."""
    review = reviewer(store)
    if review is not None:
        wish = Wish("DELETE", kind, current.body["metadata"].get("namespace", ""), None, current, dry_run)
        review.mutated(wish)
        review.accepted(wish)


def _goes(kind: Kind, body: JsonObject) -> bool:
    if body["metadata"].get("finalizers") or kind.held_by_spec(body):
        return False
    return not body["metadata"].get("deletionGracePeriodSeconds")


def check_preconditions(kind: Kind, current: Stored, deletion: Deletion) -> None:
    """Refuse a deletion that was meant for another object, or another state of it. Raises ApiError (409)."""
    metadata = current.body["metadata"]
    for field, wanted, own in (
        ("UID", deletion.uid, metadata["uid"]),
        ("ResourceVersion", deletion.resource_version, metadata["resourceVersion"]),
    ):
        if wanted is not None and wanted != own:
            why = f"the {field} in the precondition ({wanted}) does not match the {field} in record ({own})"
            raise conflict_over_object(kind, metadata["name"], why)


def pod_grace_s(body: JsonObject, asked_s: int | None) -> int:
    """A pod's grace period in seconds: none without a node or when it has ended; else as asked, or its own."""
    if not body["spec"].get("nodeName") or body.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return 0
    grace_s: int = body["spec"]["terminationGracePeriodSeconds"] if asked_s is None else asked_s
    return 1 if grace_s < 0 else grace_s


def _mark_gracefully(store: Store, body: JsonObject, asked_s: int | None) -> bool:
    """Mark a pod; False when it is marked already and is not to go sooner."""
    metadata = body["metadata"]
    running_s = metadata.get("deletionGracePeriodSeconds")
    if running_s is None:
        grace_s = pod_grace_s(body, asked_s)
        _mark(body, moment=timestamp(store.now() + grace_s), grace_s=grace_s)
        return True
    if asked_s is None or pod_grace_s(body, asked_s) >= running_s:
        return asked_s == 0 and running_s == 0
    grace_s = pod_grace_s(body, asked_s)
    started_s = unix_seconds(metadata["deletionTimestamp"]) - running_s
    metadata["deletionTimestamp"] = timestamp(started_s + grace_s)
    metadata["deletionGracePeriodSeconds"] = grace_s
    return True


def _mark(body: JsonObject, *, moment: str, grace_s: int | None) -> None:
    metadata = body["metadata"]
    metadata["deletionTimestamp"] = moment
    if grace_s is not None:
        metadata["deletionGracePeriodSeconds"] = grace_s
    if "generation" in metadata:
        metadata["generation"] += 1
