"""How a rolling update goes on: the new set up as far as the surge allows, the old ones down as far as enough stay.

Pods of old sets that are not available go first, since nobody loses by it. Only as many others go as leave the least
number of available pods that the deployment's limits ask for.
"""

from __future__ import annotations

from galileo_emulation.controllers.deployment.replica_sets import ReplicaSets, counted, size, total
from galileo_emulation.controllers.deployment.rollout_limits import Limits, is_rolling, rollout_limits
from galileo_emulation.controllers.deployment.scaling import Sizes
from galileo_emulation.kubernetes.apiobjects import JsonObject


def new_size(deployment: JsonObject, sets: ReplicaSets) -> int:
    """The size that the new set should have next; it may not exist yet."""
    limits = rollout_limits(deployment)
    present = size(sets.new) if sets.new is not None else 0
    if not is_rolling(deployment) or present >= limits.replicas:
        return limits.replicas
    room = limits.most - total(sets.all)
    return present + max(0, min(room, limits.replicas - present))


def shrunk_old(deployment: JsonObject, sets: ReplicaSets) -> Sizes:
    """The old sets that become smaller next, and their sizes."""
    limits = rollout_limits(deployment)
    if sets.new is None or total(sets.old) == 0:
        return []
    unavailable_new = size(sets.new) - counted([sets.new], "availableReplicas")
    most = total(sets.all) - limits.least_available - unavailable_new
    if most <= 0:
        return []
    sizes = {found["metadata"]["name"]: size(found) for found in sets.old}
    _drop_unavailable(sets.old, sizes, most)
    _drop_available(sets, sizes, limits)
    return [
        (found, sizes[found["metadata"]["name"]])
        for found in sets.old
        if sizes[found["metadata"]["name"]] != size(found)
    ]


def _drop_unavailable(old: list[JsonObject], sizes: dict[str, int], most: int) -> None:
    for found in old:
        name = found["metadata"]["name"]
        unavailable = sizes[name] - counted([found], "availableReplicas")
        dropped = max(0, min(most, unavailable))
        sizes[name] -= dropped
        most -= dropped


def _drop_available(sets: ReplicaSets, sizes: dict[str, int], limits: Limits) -> None:
    spare = counted(sets.all, "availableReplicas") - limits.least_available
    for found in sets.old:
        if spare <= 0:
            return
        name = found["metadata"]["name"]
        dropped = min(sizes[name], spare)
        sizes[name] -= dropped
        spare -= dropped
