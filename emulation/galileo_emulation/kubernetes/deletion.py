"""How objects go: grace periods, finalizers, preconditions, one by one or as a collection.

Pods go gracefully: a bound pod is only marked, and the kubelet on its node deletes it for good (grace 0) when its
containers have stopped. Other kinds go at once. Whatever has finalizers stays, marked, until the last is taken off
(updates.py).
"""

from dataclasses import dataclass

from .apiobjects import JsonObject, copied, timestamp, unix_seconds
from .errors import conflict_over_object
from .history import Stored
from .kind import Kind
from .outcome import Outcome
from .reviewing import Wish, reviewer
from .store import Store


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a client asked for. `grace_s` is None when it said nothing about it."""

    grace_s: int | None = None
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
        if not _mark_gracefully(store, body, deletion.grace_s):
            return Outcome.of(current), False
    elif kind.mark_deleted is not None:
        if "deletionTimestamp" in metadata:
            return Outcome.of(current), False
        kind.mark_deleted(body, timestamp(store.now()))
    elif metadata.get("finalizers") or kind.held_by_spec(current.body):
        if "deletionTimestamp" in metadata:
            return Outcome.of(current), False
        _mark(body, moment=timestamp(store.now()), grace_s=None if kind.kind == "Namespace" else 0)
        if kind.kind == "Namespace":
            body["status"] = {**body.get("status", {}), "phase": "Terminating"}
    going = _goes(kind, body)
    if deletion.dry_run:
        return Outcome.shown(body, managed=current.managed), going
    if body != current.body:
        # Watchers see the mark before the removal, even when one follows the other at once.
        current = store.put(kind, body)
    if going:
        current = store.remove(kind, metadata.get("namespace", ""), metadata["name"])
    return Outcome.of(current), going


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
