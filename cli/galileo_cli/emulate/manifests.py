"""The pods that a scenario begins with: a gateway and a load client per zone, and each function's first replicas.

They go to the Kubernetes API as a person's would, and are bound by whichever scheduler serves their schedulerName.
"""

from __future__ import annotations

import random
from typing import Any

from galileo_emulation.specification import GATEWAY_IMAGE, LOAD_CLIENT_IMAGE
from galileo_experiments.scenario import RESERVED_ROLES, Function, Node, Scenario, Zone
from galileo_schemas import labels

JsonObject = dict[str, Any]
SCHEDULER = "custom-scheduler"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def initial_pods(scenario: Scenario, *, port: int) -> list[JsonObject]:
    """All pods of the beginning; names follow from the scenario's seed. `port` is free on all addresses."""
    rng = random.Random(f"{scenario.seed}/pods")
    pods = []
    for zone in scenario.zones:
        pods += [_gateway(zone, port), _load_client(zone, rng)]
    for function in scenario.functions:
        for zone_name, replicas in sorted(function.initial_replicas.items()):
            pods += [_replica(function, zone_name, port, rng) for _ in range(replicas)]
    return pods


def _gateway(zone: Zone, port: int) -> JsonObject:
    pod = _pod(f"galileo-gateway-{zone.name}", "gateway", f"{GATEWAY_IMAGE}:1.0", port, cpu="100m", memory="64Mi")
    pod["metadata"]["labels"] = {labels.TYPES[1]: labels.TYPE_GATEWAY, labels.ZONE: zone.name}
    _send_to(pod, zone.gateway)
    return pod


def _load_client(zone: Zone, rng: random.Random) -> JsonObject:
    name = f"galileo-worker-{zone.name}-{_suffix(rng)}"
    pod = _pod(name, "load-client", f"{LOAD_CLIENT_IMAGE}:1.0", None, cpu="100m", memory="64Mi")
    pod["metadata"]["labels"] = {labels.FUNCTION: labels.CLIENT_FUNCTION, labels.ZONE: zone.name}
    _send_to(pod, zone.client)
    return pod


def _send_to(pod: JsonObject, node: Node) -> None:
    """The pod runs on this node alone, even where the node is kept free of others."""
    pod["spec"]["nodeSelector"] = {labels.HOSTNAME: node.name}
    pod["spec"]["tolerations"] = [
        {"key": f"{labels.ROLE_PREFIX}{role}", "operator": "Exists", "effect": "NoSchedule"}
        for role in sorted(node.roles & RESERVED_ROLES)
    ]


def _replica(function: Function, zone: str, port: int, rng: random.Random) -> JsonObject:
    pod = _pod(
        f"{function.name.replace('_', '-')}-deployment-{_suffix(rng)}",
        function.name.replace("_", "-"),
        function.image,
        port,
        cpu=f"{function.request_cpu_millicores:g}m",
        memory=str(function.request_memory_bytes),
    )
    limits = {}
    if function.limit_cpu_millicores is not None:
        limits["cpu"] = f"{function.limit_cpu_millicores:g}m"
    if function.limit_memory_bytes is not None:
        limits["memory"] = str(function.limit_memory_bytes)
    if limits:
        pod["spec"]["containers"][0]["resources"]["limits"] = limits
    pod["metadata"]["labels"] = {
        labels.FUNCTION: function.name,
        labels.TYPES[1]: labels.TYPE_FUNCTION,
        labels.ZONE: zone,
        labels.MANAGED_BY: labels.MANAGER,
    }
    pod["spec"]["schedulerName"] = SCHEDULER
    pod["spec"]["nodeSelector"] = {labels.ZONE: zone}
    pod["spec"]["terminationGracePeriodSeconds"] = 10
    return pod


def _pod(name: str, container: str, image: str, port: int | None, *, cpu: str, memory: str) -> JsonObject:
    spec: JsonObject = {"name": container, "image": image, "resources": {"requests": {"cpu": cpu, "memory": memory}}}
    if port is not None:
        spec["ports"] = [{"name": "function-port", "containerPort": port}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [spec]},
    }


def _suffix(rng: random.Random) -> str:
    return "".join(rng.choice(_ALPHABET) for _ in range(5))
