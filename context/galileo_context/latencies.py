"""Round-trip milliseconds between nodes and zones, from a latency graph or from updates as they are measured.

A graph names nodes, zones or both. The most particular entry answers a question: node to node, else a node and the
other's zone, else zone to zone. One direction serves for both unless both are given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

Graph = dict[str, dict[str, float]]
"""`{from: {to: round-trip ms}}`; each name a node or a zone."""


class LatencyGraphError(ValueError):
    """A latency graph is not what was expected; the text says where and what was."""


def parse_graph(graph: object, *, source: str) -> Graph:
    """Checks decoded JSON, `source` being the file or event it came from. Raises `LatencyGraphError`."""
    if not isinstance(graph, Mapping):
        raise LatencyGraphError(f"{source}: a latency graph is an object {{from: {{to: ms}}}}, got {graph!r:.80}")
    parsed: Graph = {}
    for origin, row in graph.items():
        if not isinstance(row, Mapping):
            raise LatencyGraphError(f"{source}: {origin!r}: expected an object {{to: ms}}, got {row!r:.80}")
        parsed[str(origin)] = {str(to): _checked_ms(ms, f"{source}: {origin!r} to {to!r}") for to, ms in row.items()}
    return parsed


def _checked_ms(ms: object, where: str) -> float:
    if isinstance(ms, bool) or not isinstance(ms, int | float) or not math.isfinite(ms) or ms < 0:
        raise LatencyGraphError(f"{where}: expected round-trip milliseconds, a number of 0 or more, got {ms!r:.80}")
    return float(ms)


def _unknown_zone(_node: str) -> str | None:
    return None


class Latencies:
    """What is known of the latencies; `zone_of` tells a node's zone, None where it is not known."""

    def __init__(self, graph: Graph | None = None, *, zone_of: Callable[[str], str | None] = _unknown_zone) -> None:
        self._zone_of = zone_of
        self._ms: Graph = {origin: dict(row) for origin, row in (graph or {}).items()}
        self._max_ms: float | None = None

    def update(self, origin: str, destination: str, ms: float) -> None:
        """Takes a latency, the newest wins. Raises `LatencyGraphError` when it is no number of 0 or more."""
        value = _checked_ms(ms, f"latency {origin!r} to {destination!r}")
        self._ms.setdefault(origin, {})[destination] = value
        self._max_ms = None

    def between(self, origin: str, destination: str) -> float | None:
        """Round-trip milliseconds between two nodes (or zones), 0 from a place to itself, None when nothing is known.

        Nodes of one zone are as far apart as the graph's entry from that zone to itself says.
        """
        if origin == destination:
            return 0.0
        for a, b in self._pairs(origin, destination):
            ms = self._either_way(a, b)
            if ms is not None:
                return ms
        return None

    @property
    def max_ms(self) -> float:
        """The largest latency known, 0 when none is."""
        if self._max_ms is None:
            self._max_ms = max((ms for row in self._ms.values() for ms in row.values()), default=0.0)
        return self._max_ms

    def _pairs(self, origin: str, destination: str) -> Iterable[tuple[str, str]]:
        yield origin, destination
        origin_zone, destination_zone = self._zone_of(origin), self._zone_of(destination)
        if destination_zone is not None:
            yield origin, destination_zone
        if origin_zone is not None:
            yield origin_zone, destination
        if origin_zone is not None and destination_zone is not None:
            yield origin_zone, destination_zone

    def _either_way(self, a: str, b: str) -> float | None:
        ms = self._ms.get(a, {}).get(b)
        return self._ms.get(b, {}).get(a) if ms is None else ms
