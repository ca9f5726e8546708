"""Reads `zones` of a scenario file: each zone's nodes, written one by one or as groups of equal ones."""

from __future__ import annotations

import math
from collections.abc import Iterator

from galileo_experiments.located_yaml import Located
from galileo_experiments.scenario import Node, Zone, cloud_labels
from galileo_experiments.section import Section, check_name, items, mapping, shown

_MACHINE = ("cores", "memory", "speed", "labels", "max_pods", "architecture")
_CORES = "CPU cores such as 4 or 0.5"
_MEMORY = "memory such as 2Gi or 512Mi"
_EXTRA_CORES = 4.0
_EXTRA_MEMORY = 4.0 * 1024**3


def read_zones(located: Located) -> tuple[Zone, ...]:
    """All zones, in the file's order; node names differ from each other and from zone names."""
    entries = mapping(located, what="zones")
    if not entries:
        raise located.place.error("expected at least one zone, got none")
    zones = tuple(_zone(name, value) for name, value in entries.items())
    _expect_names_differ(zones, entries)
    return zones


def _zone(name: str, located: Located) -> Zone:
    check_name(name, located.place, what="a zone")
    section = Section(located, what="a zone", known=("nodes", "cloud", "gateway", "client"))
    cloud = section.flag("cloud")
    groups = items(section.need("nodes", "a list of nodes"), what="nodes")
    return Zone(
        name=name,
        workers=tuple(node for group in groups for node in _group(group, name, cloud=cloud)),
        gateway=_extra(section, "gateway", name, role="controller", cloud=cloud),
        client=_extra(section, "client", name, role="client", cloud=cloud),
        cloud=cloud,
    )


def _group(located: Located, zone: str, *, cloud: bool) -> Iterator[Node]:
    section = Section(located, what="a node", known=("name", "prefix", "count", *_MACHINE))
    if section.get("name") is not None and section.get("prefix") is not None:
        raise section.place.error("a node has a name, a group a prefix and a count; found both name and prefix")
    cores = section.quantity("cores", _CORES)
    memory = section.quantity("memory", _MEMORY)
    for name in _node_names(section):
        check_name(name, section.place, what="a node", longest=63)
        yield _node(section, name, zone, cores=cores, memory=memory, role="worker", cloud=cloud)


def _node_names(section: Section) -> list[str]:
    if section.get("prefix") is None:
        count = section.get("count")
        if count is not None:
            raise count.place.error("a count goes with a prefix: {prefix: edge, count: 4} makes edge-1 to edge-4")
        return [section.text("name", "a node's name, or a prefix and a count for several")]
    prefix = section.text("prefix", "the beginning of the nodes' names")
    section.need("count", "how many nodes the group has")
    count_of_nodes = section.whole("count", "how many nodes the group has", default=1, at_least=1)
    return [f"{prefix}-{index}" for index in range(1, count_of_nodes + 1)]


def _extra(section: Section, key: str, zone: str, *, role: str, cloud: bool) -> Node:
    """The gateway's or the clients' node, which need not be written down."""
    default = f"{key}-{zone}"
    located = section.get(key)
    if located is None:
        return Node(
            name=default,
            zone=zone,
            cores=_EXTRA_CORES,
            memory_bytes=int(_EXTRA_MEMORY),
            labels=cloud_labels(cloud=cloud),
            roles=frozenset({role}),
        )
    extra = Section(located, what=f"a {key} node", known=("name", *_MACHINE))
    name = extra.text("name", "a node's name", default=default)
    check_name(name, extra.place, what="a node", longest=63)
    cores = extra.quantity("cores", _CORES, default=_EXTRA_CORES)
    memory = extra.quantity("memory", _MEMORY, default=_EXTRA_MEMORY)
    return _node(extra, name, zone, cores=cores, memory=memory, role=role, cloud=cloud)


def _node(section: Section, name: str, zone: str, *, cores: float, memory: float, role: str, cloud: bool) -> Node:
    return Node(
        name=name,
        zone=zone,
        cores=cores,
        memory_bytes=math.ceil(memory),
        speed=section.number("speed", "a speed (1 is a reference core)", default=1.0, positive=True),
        labels=_labels(section) | cloud_labels(cloud=cloud),
        roles=frozenset({role}),
        max_pods=section.whole("max_pods", "the number of pods that fit on a node", default=110, at_least=1),
        architecture=section.text("architecture", "an architecture such as amd64 or arm64", default="amd64"),
    )


def _labels(section: Section) -> dict[str, str]:
    located = section.get("labels")
    if located is None:
        return {}
    labels: dict[str, str] = {}
    for key, value in mapping(located, what="labels").items():
        if not isinstance(value.value, str):
            raise value.place.error(f'a label\'s value is a text, got {shown(value)}; put it in quotes: "…"')
        labels[key] = value.value
    return labels


def _expect_names_differ(zones: tuple[Zone, ...], entries: dict[str, Located]) -> None:
    seen = {zone.name: "a zone" for zone in zones}
    for zone in zones:
        for node in zone.nodes:
            if node.name in seen:
                taken = seen[node.name]
                raise entries[zone.name].place.error(f"a node is named {node.name!r}, which is the name of {taken}")
            seen[node.name] = f"a node in {zone.name}"
