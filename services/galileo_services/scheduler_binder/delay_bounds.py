"""Delay bounds: the labels `delay_<from>: "<ms>"` of a pod, and how far a place is from a node.

A bound says that the round trip from `<from>`, a node or a zone, to the pod's node takes at most so many milliseconds.
A pod may carry several. `<from>` is all that follows the prefix, so names may hold dashes, dots and underscores.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from galileo_schemas.events import NodeUpdate
from galileo_schemas.labels import DELAY_PREFIX, ZONE

LatencyLookup = Callable[[str, str], float | None]
"""Round-trip milliseconds between two places, None when not known: `galileo_context.latencies.Latencies.between`.

It knows that what is said of zones holds for their nodes.
"""


@dataclass(frozen=True, slots=True)
class DelayBound:
    """At most `limit_ms` round-trip milliseconds from `origin`, a node or a zone."""

    origin: str
    limit_ms: float


def delay_bounds(labels: Mapping[str, str]) -> tuple[DelayBound, ...]:
    """All bounds among a pod's labels. Raises `ValueError` that quotes a label that is none."""
    return tuple(_bound(key, value) for key, value in sorted(labels.items()) if key.startswith(DELAY_PREFIX))


def _bound(key: str, value: str) -> DelayBound:
    origin = key.removeprefix(DELAY_PREFIX)
    try:
        limit_ms = float(value)
    except ValueError:
        limit_ms = math.nan
    if not origin or not math.isfinite(limit_ms) or limit_ms < 0:
        raise ValueError(
            f'label {key}: "{value}" is no delay bound, expected delay_<node or zone>: "<round-trip milliseconds>" '
            f'such as delay_edge-1: "25"'
        )
    return DelayBound(origin, limit_ms)


def zone_of_node(node: NodeUpdate) -> str:
    """A node's zone: its label, else what the event says."""
    return node.labels.get(ZONE) or node.zone


class RoundTrips:
    """How far places are from nodes."""

    def __init__(self, nodes: Iterable[NodeUpdate], latencies: LatencyLookup) -> None:
        self._names: set[str] = set()
        self._names_by_zone: defaultdict[str, list[str]] = defaultdict(list)
        for node in nodes:
            self._names.add(node.name)
            self._names_by_zone[zone_of_node(node)].append(node.name)
        self._latencies = latencies

    def knows(self, place: str) -> bool:
        """Whether a place is a node or the zone of one."""
        return place in self._names or place in self._names_by_zone

    def to_node_ms(self, origin: str, node: NodeUpdate) -> float | None:
        """Round-trip milliseconds from a place to a node, None when not known.

        A zone that no latency names is as far away as the farthest of its other nodes of which a latency is known,
        since a bound holds for everybody in the zone.
        """
        if origin == node.name:
            return 0.0
        rtt_ms = self._latencies(origin, node.name)
        if rtt_ms is not None or origin in self._names:
            return rtt_ms
        return self._farthest_member_ms(origin, node)

    def _farthest_member_ms(self, zone: str, node: NodeUpdate) -> float | None:
        members = self._names_by_zone.get(zone, [])
        if members == [node.name]:
            return 0.0
        known = [self._latencies(member, node.name) for member in members if member != node.name]
        return max((rtt_ms for rtt_ms in known if rtt_ms is not None), default=None)
