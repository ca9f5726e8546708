"""Reads `network` of a scenario file: round-trip milliseconds, written there or in a latency graph (JSON)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path

from galileo_experiments.located_yaml import Located, Place
from galileo_experiments.scenario import Network, Zone
from galileo_experiments.section import Section, choice, mapping, number, text

Graph = Mapping[str, Mapping[str, float]]
_ROUND_TRIP = "a round-trip time in milliseconds"


def read_network(located: Located | None, zones: tuple[Zone, ...], *, folder: Path, whole_file: Place) -> Network:
    """Notes where two zones have no latency, in either direction. `folder` is where a latency graph is looked for."""
    if located is None:
        return Network(missing=_missing({}, zones, whole_file))
    section = Section(located, what="network", known=("within_zone_ms", "round_trip_ms", "latency_graph"))
    places = [zone.name for zone in zones] + [node.name for zone in zones for node in zone.nodes]
    graph: dict[str, dict[str, float]] = {}
    file_name = section.get("latency_graph")
    if file_name is not None:
        graph = _graph_file(file_name, folder, places)
    written = section.get("round_trip_ms")
    if written is not None:
        for origin, row in _graph(written, places).items():
            graph[origin] = graph.get(origin, {}) | row
    missing = _missing(graph, zones, written.place if written else section.place)
    within_zone_ms = section.number("within_zone_ms", _ROUND_TRIP, default=Network().within_zone_ms)
    return Network(round_trip_ms=graph, within_zone_ms=within_zone_ms, missing=missing)


def known_round_trip(graph: Graph, origin: str, destination: str) -> float | None:
    """What the graph says of exactly this pair, in either direction."""
    there = graph.get(origin, {}).get(destination)
    return graph.get(destination, {}).get(origin) if there is None else there


def _graph(located: Located, places: list[str]) -> dict[str, dict[str, float]]:
    graph: dict[str, dict[str, float]] = {}
    for origin, row in mapping(located, what="round-trip times, {from: {to: ms}}").items():
        choice(Located(row.place, origin), places, what="zone or node")
        graph[origin] = {}
        for destination, value in mapping(row, what="round-trip times, {to: ms}").items():
            choice(Located(value.place, destination), places, what="zone or node")
            if destination == origin:
                raise value.place.error(f"a latency from {origin} to itself; within a zone it is within_zone_ms")
            graph[origin][destination] = number(value, _ROUND_TRIP)
    return graph


def _graph_file(located: Located, folder: Path, places: list[str]) -> dict[str, dict[str, float]]:
    path = folder / text(located, "the name of a JSON file, {from: {to: milliseconds}}")
    try:
        loaded: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise located.place.error(f"cannot read the latency graph {path}: {error.strerror}") from None
    except ValueError as error:
        raise located.place.error(f"the latency graph {path} is no JSON: {error}") from None
    return _graph(_located(loaded, Place(str(path), 1)), places)


def _located(value: object, place: Place) -> Located:
    """JSON carries no lines here; the path says where."""
    if isinstance(value, dict):
        return Located(place, {str(key): _located(part, place.below(str(key), 1)) for key, part in value.items()})
    if isinstance(value, list):
        return Located(place, [_located(part, place.below(f"[{index}]", 1)) for index, part in enumerate(value)])
    return Located(place, value if isinstance(value, str | int | float | bool) else None)


def _missing(graph: Graph, zones: tuple[Zone, ...], place: Place) -> tuple[str, ...]:
    """A line for each two zones between which latencies are missing: a run goes on without them, and says so."""
    lines = []
    for origin, destination in itertools.combinations(zones, 2):
        missing = _missing_pair(graph, origin, destination)
        if missing is not None:
            error = place.error(
                f"no latency between {origin.name} and {destination.name} (from {missing[0]} to {missing[1]}, say), "
                "so nothing is delayed between them; "
                f"add a line to network.round_trip_ms: {origin.name}: {{{destination.name}: <milliseconds>}}"
            )
            lines.append(str(error))
    return tuple(lines)


def _missing_pair(graph: Graph, origin: Zone, destination: Zone) -> tuple[str, str] | None:
    """The first two nodes of two zones between whom no latency is known, not even between their zones."""
    if known_round_trip(graph, origin.name, destination.name) is not None:
        return None
    for here, there in itertools.product(origin.nodes, destination.nodes):
        pairs = ((here.name, there.name), (here.name, destination.name), (origin.name, there.name))
        if all(known_round_trip(graph, *pair) is None for pair in pairs):
            return here.name, there.name
    return None
