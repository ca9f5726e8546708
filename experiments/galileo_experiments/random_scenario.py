"""Random scenarios: any zones, nodes, functions and moves, so that the loop is tried where nobody tuned it.

Valid by construction, and light enough that no function drowns: each function's whole load takes at most half of the
slowest node on which one of its first replicas can land, shared with the other functions.
"""

from __future__ import annotations

import itertools
from random import Random

from galileo_experiments.scenario import (
    ARRIVALS,
    MIB,
    ClientGroup,
    Function,
    Network,
    Node,
    Phase,
    Scenario,
    Zone,
    cloud_labels,
)

_ZONES = ("zone-a", "zone-b", "zone-ab", "campus", "harbour-2", "main", "field")
_FUNCTIONS = ("resnet", "mobilenet", "speech_to_text", "tag-plates", "blur")
_EXTRA_CORES, _EXTRA_MEMORY_BYTES = 4.0, 4096 * MIB
_BUSY_SHARE = 0.5
_TOTAL_RPS = 40.0


def random_scenario(seed: int, *, duration_s: float = 20.0) -> Scenario:
    """The scenario of a seed: 1 to 5 zones, 1 to 4 functions, each with people who may move. The same each time."""
    rng = Random(seed)
    zones = _zones(rng)
    functions = _functions(rng, zones)
    return Scenario(
        name=f"random-{seed}",
        description=f"Made from seed {seed}.",
        duration_s=duration_s,
        seed=seed,
        zones=zones,
        network=_network(rng, zones),
        functions=functions,
        clients=tuple(
            _group(rng, function, zones, duration_s, most_rps=_most_rps(function, functions, zones))
            for function in functions
        ),
        settings=_settings(rng),
        image_pull_s=round(rng.uniform(0.2, 2.0), 1),
    )


def _zones(rng: Random) -> tuple[Zone, ...]:
    names = rng.sample(_ZONES, rng.randint(1, 5))
    return tuple(_zone(rng, name, cloud=len(names) > 1 and name == names[-1] and rng.random() < 0.7) for name in names)


def _zone(rng: Random, name: str, *, cloud: bool) -> Zone:
    def node(kind: str, role: str, *, cores: float, memory_bytes: int, speed: float = 1.0) -> Node:
        return Node(
            name=f"{kind}-{name}",
            zone=name,
            cores=cores,
            memory_bytes=memory_bytes,
            speed=speed,
            labels=cloud_labels(cloud=cloud),
            roles=frozenset({role}),
        )

    def worker(index: int) -> Node:
        cores = float(rng.choice([8, 16] if cloud else [1, 2, 4]))
        speed = 1.2 if cloud else round(rng.uniform(0.5, 1.2), 1)
        return node(f"node-{index}", "worker", cores=cores, memory_bytes=int(cores) * 2048 * MIB, speed=speed)

    return Zone(
        name=name,
        workers=tuple(worker(index) for index in range(1, rng.randint(1, 4) + 1)),
        gateway=node("gateway", "controller", cores=_EXTRA_CORES, memory_bytes=_EXTRA_MEMORY_BYTES),
        client=node("client", "client", cores=_EXTRA_CORES, memory_bytes=_EXTRA_MEMORY_BYTES),
        cloud=cloud,
    )


def _network(rng: Random, zones: tuple[Zone, ...]) -> Network:
    graph: dict[str, dict[str, float]] = {}
    for origin, destination in itertools.combinations([zone.name for zone in zones], 2):
        graph.setdefault(origin, {})[destination] = float(rng.randint(5, 120))
    return Network(round_trip_ms=graph, within_zone_ms=float(rng.randint(0, 5)))


def _functions(rng: Random, zones: tuple[Zone, ...]) -> tuple[Function, ...]:
    names = rng.sample(_FUNCTIONS, rng.randint(1, 4))
    return tuple(_function(rng, name, zones) for name in names)


def _function(rng: Random, name: str, zones: tuple[Zone, ...]) -> Function:
    homes = rng.sample([zone.name for zone in zones], rng.randint(1, min(2, len(zones))))
    return Function(
        name=name,
        image=f"edgerun/{name}:1.0",
        cpu_ms=float(rng.randint(2, 40)),
        cpu_variation=round(rng.uniform(0, 0.5), 1),
        memory_bytes=rng.randint(32, 128) * MIB,
        memory_per_request_bytes=rng.randint(0, 4) * MIB,
        start_s=round(rng.uniform(0.1, 1.5), 1),
        # Four functions with a replica each fit on the smallest node: 4 × 200m ≤ 1 core, 4 × 256Mi ≤ 2Gi.
        request_cpu_millicores=float(rng.choice([100, 150, 200])),
        request_memory_bytes=rng.choice([128, 256]) * MIB,
        latency_requirement_ms=float(rng.randint(20, 100)),
        initial_replicas=dict.fromkeys(homes, 1),
    )


def _most_rps(function: Function, functions: tuple[Function, ...], zones: tuple[Zone, ...]) -> float:
    """What the slowest possible home of the first replicas serves, shared with all other functions."""
    cores = min(
        node.cores * node.speed
        for zone in zones
        if function.initial_replicas.get(zone.name, 0)
        for node in zone.workers
    )
    sustained = _BUSY_SHARE * cores * 1000.0 / function.cpu_ms / len(functions)
    return min(sustained, _TOTAL_RPS / len(functions))


def _group(
    rng: Random, function: Function, zones: tuple[Zone, ...], duration_s: float, *, most_rps: float
) -> ClientGroup:
    starts = [0.0, *sorted(rng.sample([0.3, 0.4, 0.5, 0.6, 0.7], rng.randint(0, 2)))]
    ends = [*starts[1:], 1.0]
    phases = tuple(
        Phase(
            start_s=share * duration_s,
            end_s=end * duration_s,
            zone=rng.choice(zones).name,
            rps=round(rng.uniform(0.3, 1.0) * most_rps, 3),
        )
        for share, end in zip(starts, ends, strict=True)
    )
    return ClientGroup(function=function.name, phases=phases, arrivals=rng.choice(ARRIVALS))


def _settings(rng: Random) -> dict[str, str]:
    """Quick rounds, since these runs are short, and the shipped pressures with any threshold."""
    return {
        "schedule_scale_opt_reconcile_interval": "2",
        "schedule_scale_opt_lookback": "5",
        "schedule_scale_opt_pressures": "request,rtt_log,cpu_usage",
        "schedule_scale_opt_max_threshold": str(rng.choice([0.1, 0.2, 0.3])),
        "schedule_scale_opt_min_threshold": str(rng.choice([0.01, 0.05])),
        "osmotic_lb_opt_reconcile_interval": "1",
        "osmotic_lb_opt_lookback": "5",
        "galileo_context_max_latency": "250",
    }
