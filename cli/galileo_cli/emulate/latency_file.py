"""The latency graph file of a run: what is measured in the emulated network, also while a fault makes it slower.

Services that want latencies read the file (`galileo_context_latency_graph_json`) and look again when it changes. Who
reads keeps a pair that is no longer in the file, so that a pair once written stays and goes back to its own value.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from galileo_emulation.network.latency import LatencyGraph, MissingLatencyError
from galileo_emulation.specification import NetworkSpec
from galileo_schemas.events import Fault

Graph = dict[str, dict[str, float]]
Pair = tuple[str, str]


class LatencyFile:
    """Writes `path`, which holds `graph` already. `zones` maps each node's name to its zone."""

    def __init__(self, path: Path, graph: Mapping[str, Mapping[str, float]], zones: Mapping[str, str]) -> None:
        self._path = path
        self._graph = graph
        self._zones = zones
        self._touched: set[Pair] = set()

    def write(self, faults: Iterable[Fault]) -> None:
        """Writes the network as it is with these `add_latency` faults in force."""
        faults = list(faults)
        self._touched |= touched_pairs(faults, self._zones)
        graph = measured_graph(self._graph, self._zones, faults, self._touched)
        new = self._path.with_name(f".{self._path.name}.new")
        new.write_text(json.dumps(graph, indent=1))
        os.replace(new, self._path)  # at once: it may be read at any moment


def touched_pairs(faults: Iterable[Fault], zones: Mapping[str, str]) -> set[Pair]:
    """The pairs of places that a reader has to find by name: two zones, or every two nodes where a node is named."""
    pairs: set[Pair] = set()
    for fault in faults:
        if fault.origin not in zones and fault.destination not in zones:
            pairs.add((fault.origin, fault.destination))
        else:
            pairs |= set(itertools.product(_nodes(fault.origin, zones), _nodes(fault.destination, zones)))
    return {(origin, destination) for origin, destination in pairs if origin != destination or origin not in zones}


def measured_graph(
    base: Mapping[str, Mapping[str, float]], zones: Mapping[str, str], faults: Iterable[Fault], touched: Iterable[Pair]
) -> Graph:
    """Round-trip ms by place and place: each pair of `base` and of `touched` with what faults add to it."""
    known = LatencyGraph(NetworkSpec(latency_ms=base), zones)
    faults = list(faults)
    result: Graph = {}
    for origin, row in base.items():
        for destination, ms in row.items():
            result.setdefault(origin, {})[destination] = ms + _extra_ms(origin, destination, zones, faults)
    for origin, destination in sorted(touched):
        if destination in result.get(origin, {}) or origin in result.get(destination, {}):
            continue
        own_ms = _own_ms(known, origin, destination)
        result.setdefault(origin, {})[destination] = own_ms + _extra_ms(origin, destination, zones, faults)
    return result


def _own_ms(known: LatencyGraph, origin: str, destination: str) -> float:
    try:
        return known.rtt_ms(origin, destination)
    except MissingLatencyError:
        return 0.0  # the emulated network has no delay there


def _extra_ms(origin: str, destination: str, zones: Mapping[str, str], faults: Iterable[Fault]) -> float:
    """What all faults between the two add; one between nodes says nothing about their zones."""

    def is_in(place: str, wanted: str) -> bool:
        return wanted in (place, zones.get(place))

    def hits(one: str, other: str) -> bool:
        return is_in(origin, one) and is_in(destination, other)

    return sum(
        fault.latency_ms
        for fault in faults
        if hits(fault.origin, fault.destination) or hits(fault.destination, fault.origin)
    )


def _nodes(place: str, zones: Mapping[str, str]) -> list[str]:
    return [place] if place in zones else [node for node, zone in zones.items() if zone == place]
