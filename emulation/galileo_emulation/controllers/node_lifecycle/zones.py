"""How fast lost nodes may lose their pods, by how much of their zone is lost.

Where most of a zone does not report, it is likelier that the network to it is broken than that so many nodes are, and
moving all pods would do harm: large zones then lose nodes slowly, small ones none. When no zone at all has a node that
reports, it is most likely this side that is cut off: nothing is moved, and taints that were put are taken off.
Source: the documentation of node eviction rates in Kubernetes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from galileo_emulation.controllers.node_lifecycle.health import is_ready
from galileo_emulation.controllers.settings import ControllerSettings
from galileo_emulation.kubernetes.apiobjects import JsonObject

REGION, ZONE = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
# A zone counts as partly disrupted from so many lost nodes on.
_FEWEST_LOST = 3


def zone_of(node: JsonObject) -> str:
    """The failure zone of a node; empty when its labels name none."""
    labels = node["metadata"].get("labels") or {}
    region, zone = labels.get(REGION, ""), labels.get(ZONE, "")
    return f"{region}/{zone}" if region or zone else ""


def ready_and_lost(nodes: Iterable[JsonObject]) -> dict[str, tuple[int, int]]:
    """For each zone, how many nodes are ready and how many are not."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for node in nodes:
        counts[zone_of(node)][not is_ready(node)] += 1
    return {zone: (ready, lost) for zone, (ready, lost) in counts.items()}


def is_all_lost(counts: dict[str, tuple[int, int]]) -> bool:
    """Whether no zone has a node that is ready, so that nothing is moved."""
    return bool(counts) and all(ready == 0 for ready, _ in counts.values())


def eviction_rate(ready: int, lost: int, settings: ControllerSettings) -> float:
    """How many nodes of a zone may be tainted a second, given how many of its nodes are ready and how many are not."""
    if ready == 0 or lost < _FEWEST_LOST or lost / (ready + lost) < settings.unhealthy_share:
        return settings.node_eviction_rate
    return settings.secondary_eviction_rate if ready + lost > settings.large_zone else 0.0
