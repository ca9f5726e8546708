"""The numbers of a deployment's templates, kept in annotations of its replica sets, where `kubectl rollout` finds them.

The newest template has the highest number. A template that is used again (a rollback) gets a new one, and its set
remembers those that it had.
"""

from __future__ import annotations

from collections.abc import Iterable

from galileo_emulation.controllers.deployment.rollout_limits import rollout_limits
from galileo_emulation.kubernetes.apiobjects import JsonObject

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = {
    "kubectl.kubernetes.io/last-applied-configuration",
    "deprecated.deployment.rollback.to",
    REVISION,
    REVISION_HISTORY,
    DESIRED,
    MOST,
}
_LONGEST_HISTORY = 2000

Annotations = dict[str, str]


def annotations_of(body: JsonObject) -> Annotations:
    """An object's annotations."""
    found: Annotations = body["metadata"].get("annotations") or {}
    return found


def revision_of(body: JsonObject) -> int:
    """The revision in an object's annotations; 0 when there is none or it is no number."""
    return number(annotations_of(body), REVISION) or 0


def number(annotations: Annotations, name: str) -> int | None:
    """The whole number in an annotation; None when there is none."""
    try:
        return int(annotations.get(name, ""))
    except ValueError:
        return None


def next_revision(old: Iterable[JsonObject]) -> int:
    """The revision after those of the old replica sets."""
    return max((revision_of(replica_set) for replica_set in old), default=0) + 1


def new_annotations(deployment: JsonObject, present: Annotations, revision: int) -> Annotations:
    """What the annotations of the newest replica set should be, `present` being what they are."""
    wanted = dict(present)
    wanted.update({key: text for key, text in annotations_of(deployment).items() if key not in _NOT_COPIED})
    had = number(present, REVISION)
    if had is None or had < revision:
        wanted[REVISION] = str(revision)
        if had is not None:
            wanted[REVISION_HISTORY] = _remembered(present.get(REVISION_HISTORY, ""), had)
    return wanted


def size_annotations(deployment: JsonObject) -> Annotations:
    """What a replica set notes of the deployment's size, by which a later change of it is told."""
    limits = rollout_limits(deployment)
    return {DESIRED: str(limits.replicas), MOST: str(limits.most)}


def _remembered(history: str, revision: int) -> str:
    numbers = [*filter(None, history.split(",")), str(revision)]
    while len(",".join(numbers)) > _LONGEST_HISTORY:
        numbers.pop(0)
    return ",".join(numbers)
