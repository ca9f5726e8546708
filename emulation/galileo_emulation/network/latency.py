"""The round-trip time between two nodes, from the latency graph of the specification.

Lookups go from the special to the general: the pair of nodes, a node and a zone, the pair of zones; and in each step
the asked direction before the other one. Values can be changed while the world runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from galileo_emulation.specification import NetworkSpec, SpecificationError, expect_latency


class MissingLatencyError(LookupError):
    """The graph says nothing about a pair of nodes; the message says what to add."""


class LatencyGraph:
    """Round-trip milliseconds between nodes. `zones` maps each node's name to its zone."""

    def __init__(self, spec: NetworkSpec, zones: Mapping[str, str]) -> None:
        self._zones = dict(zones)
        self._places = set(self._zones) | set(self._zones.values())
        self._within_zone_ms = spec.within_zone_ms
        self._within_node_ms = spec.within_node_ms
        self._rtt_ms: dict[tuple[str, str], float] = {
            (origin, destination): rtt_ms
            for origin, row in spec.latency_ms.items()
            for destination, rtt_ms in row.items()
        }
        self._extra_ms: dict[tuple[str, str], float] = {}
        self._found: dict[tuple[str, str], float] = {}

    def rtt_ms(self, from_node: str, to_node: str) -> float:
        """The round-trip time; raises MissingLatencyError if the graph holds no value for the pair."""
        pair = (from_node, to_node)
        found = self._found.get(pair)
        if found is None:
            found = self._find(from_node, to_node) + self._added_ms(from_node, to_node)
            self._found[pair] = found
        return found

    def set_latency(self, origin: str, destination: str, rtt_ms: float) -> None:
        """Change the round-trip time between two nodes or zones, in both directions, from now on.

        Raises SpecificationError for an unknown name or a value that is no time.
        """
        expect_latency(origin, destination, rtt_ms)
        self._expect_places(origin, destination)
        self._rtt_ms[origin, destination] = self._rtt_ms[destination, origin] = rtt_ms
        self._found.clear()

    def add_latency(self, origin: str, destination: str, extra_ms: float) -> None:
        """Let every round trip between two nodes or zones take `extra_ms` longer, in both directions, from now on.

        It replaces what was added between the same two before; what was added between a node and a zone, or between
        their zones, adds up. Within a zone, name it twice. Raises SpecificationError for an unknown name or no time.
        """
        expect_latency(origin, destination, extra_ms)
        self._expect_places(origin, destination)
        self._extra_ms[origin, destination] = self._extra_ms[destination, origin] = extra_ms
        self._found.clear()

    def remove_latency(self, origin: str, destination: str) -> None:
        """Take off what `add_latency` added between the two, if it did. Raises SpecificationError for unknown names."""
        self._expect_places(origin, destination)
        for pair in ((origin, destination), (destination, origin)):
            self._extra_ms.pop(pair, None)
        self._found.clear()

    def missing_pairs(self) -> list[tuple[str, str]]:
        """The pairs of nodes that the graph says nothing about, each once."""
        missing = []
        names = sorted(self._zones)
        for index, origin in enumerate(names):
            for destination in names[index + 1 :]:
                try:
                    self.rtt_ms(origin, destination)
                except MissingLatencyError:
                    missing.append((origin, destination))
        return missing

    def _expect_places(self, origin: str, destination: str) -> None:
        for name in (origin, destination):
            if name not in self._places:
                known = ", ".join(sorted(self._places))
                raise SpecificationError(
                    f"latency {origin} -> {destination}: {name!r} is neither a node nor a zone; known are {known}"
                )

    def _added_ms(self, from_node: str, to_node: str) -> float:
        if not self._extra_ms or from_node == to_node:
            return 0.0
        from_places = {from_node, self._zones.get(from_node, from_node)}
        to_places = {to_node, self._zones.get(to_node, to_node)}
        return sum(self._extra_ms.get((origin, end), 0.0) for origin in from_places for end in to_places)

    def _find(self, from_node: str, to_node: str) -> float:
        for pair in self._candidates(from_node, to_node):
            if pair in self._rtt_ms:
                return self._rtt_ms[pair]
        if from_node == to_node:
            return self._within_node_ms
        from_zone, to_zone = self._zones.get(from_node), self._zones.get(to_node)
        if from_zone is not None and from_zone == to_zone:
            return self._within_zone_ms
        raise MissingLatencyError(
            f"no latency between {from_node} (zone {from_zone}) and {to_node} (zone {to_zone}): add a round-trip time "
            f"for these nodes or their zones to the latency graph"
        )

    def _candidates(self, from_node: str, to_node: str) -> Iterator[tuple[str, str]]:
        yield from ((from_node, to_node), (to_node, from_node))
        if from_node == to_node:
            return  # a value for the zone is meant between its nodes
        from_zone, to_zone = self._zones.get(from_node, ""), self._zones.get(to_node, "")
        yield from ((from_node, to_zone), (to_zone, from_node), (from_zone, to_node), (to_node, from_zone))
        yield from ((from_zone, to_zone), (to_zone, from_zone))
