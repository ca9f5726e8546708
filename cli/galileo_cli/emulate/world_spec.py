"""From a scenario to the world that is emulated."""

from __future__ import annotations

from galileo_emulation.specification import FunctionSpec, NetworkSpec, NodeSpec, WorldSpec
from galileo_experiments.scenario import RESERVED_ROLES, Scenario

Graph = dict[str, dict[str, float]]


def world_spec(scenario: Scenario) -> WorldSpec:
    """The world's specification. Raises `SpecificationError`."""
    return WorldSpec(
        nodes=tuple(
            NodeSpec(
                name=node.name,
                zone=node.zone,
                cores=node.cores,
                memory_bytes=node.memory_bytes,
                speed=node.speed,
                labels=node.labels,
                roles=node.roles,
                reserved=node.roles & RESERVED_ROLES,
                max_pods=node.max_pods,
                architecture=node.architecture,
            )
            for node in scenario.nodes
        ),
        functions=tuple(
            FunctionSpec(
                name=function.name,
                image=function.image,
                cpu_ms_per_request=function.cpu_ms,
                cpu_variation=function.cpu_variation,
                memory_bytes=function.memory_bytes,
                memory_bytes_per_request=function.memory_per_request_bytes,
                start_s=function.start_s,
            )
            for function in scenario.functions
        ),
        network=NetworkSpec(latency_ms=scenario.network.round_trip_ms, within_zone_ms=scenario.network.within_zone_ms),
        image_pull_s=scenario.image_pull_s,
        backoff_scale=scenario.backoff_scale,
        lease_duration_s=scenario.lease_duration_s,
        seed=scenario.seed,
    )


def latency_graph(scenario: Scenario) -> Graph:
    """The same network as a latency graph file: what is measured in a real cluster."""
    graph: Graph = {origin: dict(row) for origin, row in scenario.network.round_trip_ms.items()}
    for zone in scenario.zones:
        graph.setdefault(zone.name, {}).setdefault(zone.name, scenario.network.within_zone_ms)
    return graph
