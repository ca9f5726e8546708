"""Which pods of a replica set go first when there are too many.

Those whose loss costs least: without a node, then pending, then not ready, then of lower deletion cost, then on a node
that has several of the set's relatives, then ready for a shorter time, then restarted more often, then younger. Ages
are compared by their powers of two, and equal ones by uid, so that pods of about one age go in no particular order.
Source: the order that the documentation of ReplicaSet gives.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from galileo_emulation.controllers.pod_facts import is_active, is_ready, node_of, phase, ready_since, restarts
from galileo_emulation.kubernetes.apiobjects import JsonObject, unix_seconds

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}

Place = tuple[object, ...]


def to_delete(
    pods: Sequence[JsonObject], count: int, *, relatives: Iterable[JsonObject], now: float
) -> list[JsonObject]:
    """The `count` pods that go. `relatives` are the pods of all sets of the same owner; `now` is in Unix seconds."""
    if count >= len(pods):
        return list(pods)
    on_node = Counter(node_of(pod) for pod in relatives if is_active(pod))
    return sorted(pods, key=lambda pod: _place(pod, on_node, now))[:count]


def deletion_cost(pod: JsonObject) -> int:
    """The cost that a pod's annotation gives; 0 when there is none or it is no number."""
    text = (pod["metadata"].get("annotations") or {}).get(DELETION_COST, "0")
    try:
        return int(text)
    except ValueError:
        return 0


def _place(pod: JsonObject, on_node: Counter[str], now: float) -> Place:
    ready = is_ready(pod)
    node = node_of(pod)
    return (
        bool(node),
        _PHASES.get(phase(pod), 2),
        ready,
        deletion_cost(pod),
        -on_node[node] if node else 0,
        _age_class(ready_since(pod), now) if ready else 0,
        -restarts(pod),
        _age_class(unix_seconds(pod["metadata"]["creationTimestamp"]), now),
        pod["metadata"]["uid"],
    )


def _age_class(since: float | None, now: float) -> float:
    """The power of two of an age in nanoseconds; unknown counts as youngest."""
    if since is None or now <= since:
        return -1
    return math.floor(math.log2((now - since) * 1e9))
