"""From a `Scenario` back to a scenario file, each node and phase written out; `parse_scenario` reads the same."""

from __future__ import annotations

from typing import TypeAlias

import yaml
from galileo_schemas.fault_fields import POSSIBLE_FIELDS

from galileo_experiments.scenario import MIB, ClientGroup, Function, Node, Scenario, ScheduledFault, Zone

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain]"
"""What YAML writes without tags."""


def write_scenario(scenario: Scenario) -> str:
    """The scenario as YAML."""
    content: dict[str, Plain] = {
        "name": scenario.name,
        "description": scenario.description,
        "duration_s": scenario.duration_s,
        "seed": scenario.seed,
        "image_pull_s": scenario.image_pull_s,
        "backoff_scale": scenario.backoff_scale,
        "lease_duration_s": scenario.lease_duration_s,
        "zones": {zone.name: _zone(zone) for zone in scenario.zones},
        "network": {
            "within_zone_ms": scenario.network.within_zone_ms,
            "round_trip_ms": {origin: dict(row) for origin, row in scenario.network.round_trip_ms.items()},
        },
        "functions": {function.name: _function(function) for function in scenario.functions},
        "clients": [_group(group) for group in scenario.clients],
        "settings": dict(scenario.settings),
        "services": list(scenario.services),
        "faults": [_fault(fault) for fault in scenario.faults],
    }
    written = {key: value for key, value in content.items() if value != "" and (key != "faults" or value)}
    return yaml.safe_dump(written, sort_keys=False, width=120)


def _zone(zone: Zone) -> Plain:
    return {
        "cloud": zone.cloud,
        "nodes": [_node(node) for node in zone.workers],
        "gateway": _node(zone.gateway),
        "client": _node(zone.client),
    }


def _node(node: Node) -> Plain:
    return {
        "name": node.name,
        "cores": node.cores,
        "memory": _memory(node.memory_bytes),
        "speed": node.speed,
        "labels": dict(node.labels),
        "max_pods": node.max_pods,
        "architecture": node.architecture,
    }


def _function(function: Function) -> Plain:
    emulated: dict[str, Plain] = {
        "cpu_ms": function.cpu_ms,
        "cpu_variation": function.cpu_variation,
        "memory": _memory(function.memory_bytes),
        "memory_per_request": _memory(function.memory_per_request_bytes),
        "start_s": function.start_s,
    }
    limits: dict[str, Plain] = {}
    if function.limit_cpu_millicores is not None:
        limits["limit_cpu"] = f"{function.limit_cpu_millicores!r}m"
    if function.limit_memory_bytes is not None:
        limits["limit_memory"] = _memory(function.limit_memory_bytes)
    return {
        "image": function.image,
        **({} if function.is_local else emulated),
        "request_cpu": f"{function.request_cpu_millicores!r}m",
        "request_memory": _memory(function.request_memory_bytes),
        **limits,
        "latency_requirement_ms": function.latency_requirement_ms,
        "initial_replicas": dict(function.initial_replicas),
    }


def _group(group: ClientGroup) -> Plain:
    phases: list[Plain] = [{"at_s": phase.start_s, "zone": phase.zone, "rps": phase.rps} for phase in group.phases]
    return {"function": group.function, "arrivals": group.arrivals, "phases": phases}


def _fault(scheduled: ScheduledFault) -> Plain:
    fault = scheduled.fault
    row: dict[str, Plain] = {"at_s": scheduled.at_s, "kind": fault.kind}
    row |= {name: getattr(fault, name) for name in POSSIBLE_FIELDS if getattr(fault, name)}
    return row | ({"for_s": fault.duration_s} if fault.duration_s else {})


def _memory(size_bytes: int) -> str | int:
    return f"{size_bytes // MIB}Mi" if size_bytes % MIB == 0 else size_bytes
