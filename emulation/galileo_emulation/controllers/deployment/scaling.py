"""How the replica sets of a deployment change in size when the deployment's own size has changed.

A lone active set takes the new size. While several share the pods (a rollout is under way or paused), what is added or
taken away is shared among them in proportion to their sizes, so that a rollout that fails does not take more pods
with it than it had.
"""

from __future__ import annotations

from galileo_emulation.controllers.deployment.replica_sets import ReplicaSets, active, counted, size, total
from galileo_emulation.controllers.deployment.revisions import DESIRED, MOST, annotations_of, number
from galileo_emulation.controllers.deployment.rollout_limits import is_rolling, rollout_limits
from galileo_emulation.kubernetes.apiobjects import JsonObject

# Sets, and the size that each should have.
Sizes = list[tuple[JsonObject, int]]


def is_resized(deployment: JsonObject, sets: ReplicaSets) -> bool:
    """Whether the deployment has another size than its active sets were told."""
    replicas = deployment["spec"].get("replicas", 1)
    noted = [number(annotations_of(found), DESIRED) for found in active(sets.all)]
    return any(desired is not None and desired != replicas for desired in noted)


def rescaled(deployment: JsonObject, sets: ReplicaSets) -> Sizes:
    """The sizes after a change of the deployment's size. Sets that keep theirs may be among them."""
    limits = rollout_limits(deployment)
    sharing = active(sets.all)
    if len(sharing) <= 1:
        lone = sharing[0] if sharing else sets.new or (sets.old[-1] if sets.old else None)
        return [(lone, limits.replicas)] if lone is not None and size(lone) != limits.replicas else []
    if sets.new is not None and is_saturated(deployment, sets.new):
        return [(found, 0) for found in active(sets.old)]
    if not is_rolling(deployment):
        return []
    allowed = limits.most if limits.replicas > 0 else 0
    return _shared(deployment, sharing, allowed - total(sharing))


def is_saturated(deployment: JsonObject, new: JsonObject) -> bool:
    """Whether the new set has all pods that the deployment asks for, and all are available."""
    replicas: int = deployment["spec"].get("replicas", 1)
    desired = number(annotations_of(new), DESIRED)
    return size(new) == replicas == desired == counted([new], "availableReplicas")


def _shared(deployment: JsonObject, sharing: list[JsonObject], added: int) -> Sizes:
    """Share what is added (or, negative, taken away), the biggest set first; it also gets what rounding leaves."""
    newest_first = added > 0
    by_age = sorted(sharing, key=lambda found: found["metadata"]["creationTimestamp"], reverse=newest_first)
    biggest_first = sorted(by_age, key=size, reverse=True)
    sizes: Sizes = []
    given = 0
    for found in biggest_first:
        share = _share(deployment, found, added, given) if added else 0
        sizes.append((found, size(found) + share))
        given += share
    first, its_size = sizes[0]
    sizes[0] = (first, max(0, its_size + added - given))
    return sizes


def _share(deployment: JsonObject, found: JsonObject, added: int, given: int) -> int:
    left = added - given
    if size(found) == 0 or left == 0:
        return 0
    fraction = _fraction(deployment, found)
    return min(fraction, left) if added > 0 else max(fraction, left)


def _fraction(deployment: JsonObject, found: JsonObject) -> int:
    limits = rollout_limits(deployment)
    if limits.replicas == 0:
        return -size(found)
    before = number(annotations_of(found), MOST) or deployment.get("status", {}).get("replicas", 0)
    if not before:
        return 0
    return _rounded(size(found) * limits.most / before) - size(found)


def _rounded(value: float) -> int:
    """The nearest whole number, halves upwards, as the original rounds."""
    return int(value + 0.5)
