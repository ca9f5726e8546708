"""What an experiment consists of: zones with their nodes, the network, functions, and the people who call them.

A scenario file becomes one `Scenario` (see `scenario_file`); whoever builds the world, the services or the clients
reads what it needs from there. Nothing here is checked: `scenario_file` does that, where it can name the line.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from galileo_schemas import labels
from galileo_schemas.events import Fault
from galileo_schemas.local_image import is_local

MIB = 1024 * 1024
SERVICES = (
    "telemetry_ingester",
    "trace_recorder",
    "event_recorder",
    "cluster_observer",
    "latency_observer",
    "pressure_calculator",
    "weight_optimizer",
    "pod_creator",
    "scheduler_binder",
    "vpa_recommender",
    "vpa_updater",
)
"""The services that a scenario may switch off; gateways and clients are part of every scenario."""

LOAD_CLIENT = "load_client"
ON_DEMAND = ("telemetry_agent",)
"""Services that run only where a scenario names them: emulated nodes publish their own telemetry."""

Arrivals = Literal["poisson", "constant"]
ARRIVALS: tuple[Arrivals, ...] = ("poisson", "constant")


class ScenarioError(ValueError):
    """A scenario cannot be; the text is one line: file, line, place, what was found and what is possible."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node. `speed` 1.0 is a reference core, 0.5 takes twice as long.

    `labels` holds what the file gives and the cloud's label; zone, role and host name labels follow from the fields.
    """

    name: str
    zone: str
    cores: float
    memory_bytes: int
    speed: float = 1.0
    labels: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset({"worker"})
    max_pods: int = 110
    architecture: str = "amd64"


@dataclass(frozen=True, kw_only=True)
class Zone:
    """Nodes that are close to one another: workers, one node for the gateway, one from where people call."""

    name: str
    workers: tuple[Node, ...]
    gateway: Node
    client: Node
    cloud: bool = False

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes of the zone: workers, then the gateway's and the clients'."""
        return (*self.workers, self.gateway, self.client)


@dataclass(frozen=True, kw_only=True)
class Network:
    """Round-trip times in milliseconds: `round_trip_ms[from][to]`, each name a node or a zone.

    A pair of nodes wins over a node and a zone, which wins over a pair of zones; the other direction serves where one
    is absent. `within_zone_ms` holds between two nodes of one zone where nothing else is said. `missing` has a line for
    each two zones between which nothing is known: there is no delay there.
    """

    round_trip_ms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    within_zone_ms: float = 2.0
    missing: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function: what a request costs, what a replica occupies, what its users expect.

    `cpu_ms` is the mean CPU time of a request on a reference core, `cpu_variation` its standard deviation over mean. A
    replica uses `memory_bytes` and `memory_per_request_bytes` more for each request in its hands; it serves `start_s`
    seconds after its container started. A limit of None: there is none. `initial_replicas` are per zone.

    An image that begins with `local:` is a file, its path absolute, that runs as a process: it costs and occupies what
    it does. `unused` has a line for each number that the file gives for it all the same.
    """

    name: str
    image: str
    cpu_ms: float = 0.0
    cpu_variation: float = 0.0
    memory_bytes: int = 64 * MIB
    memory_per_request_bytes: int = 0
    start_s: float = 1.0
    request_cpu_millicores: float = 250.0
    request_memory_bytes: int = 128 * MIB
    limit_cpu_millicores: float | None = None
    limit_memory_bytes: int | None = None
    latency_requirement_ms: float = 70.0
    initial_replicas: Mapping[str, int] = field(default_factory=dict)
    unused: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine."""
        return is_local(self.image)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """From `start_s` to `end_s` after the start, requests come from `zone` at `rps` a second (0: nobody is there)."""

    start_s: float
    end_s: float
    zone: str
    rps: float


@dataclass(frozen=True, kw_only=True)
class ClientGroup:
    """People who call one function and may move between zones. Open loop: a slow answer delays no later request."""

    function: str
    phases: tuple[Phase, ...]
    arrivals: Arrivals = "poisson"


@dataclass(frozen=True, kw_only=True)
class Move:
    """People who call `function` leave one zone for another, `at_s` seconds after the start."""

    at_s: float
    function: str
    from_zone: str
    to_zone: str


@dataclass(frozen=True, kw_only=True)
class ScheduledFault:
    """Something is broken `at_s` seconds after the start of the load, for the fault's `duration_s` (0: to the end)."""

    at_s: float
    fault: Fault

    @property
    def end_s(self) -> float:
        """When it ends, in seconds after the start; infinity where it lasts to the end."""
        return self.at_s + self.fault.duration_s if self.fault.duration_s else math.inf


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A whole experiment. `settings` are environment variables for the services, `services` those that run.

    `setting_places` says where each setting stands, `file:line`, as far as it was read from a file.
    """

    name: str
    duration_s: float
    seed: int
    zones: tuple[Zone, ...]
    functions: tuple[Function, ...]
    clients: tuple[ClientGroup, ...]
    network: Network = Network()
    description: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    setting_places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    services: tuple[str, ...] = SERVICES
    image_pull_s: float = 2.0
    faults: tuple[ScheduledFault, ...] = ()
    backoff_scale: float = 1.0
    lease_duration_s: int = 4

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes of all zones."""
        return tuple(node for zone in self.zones for node in zone.nodes)

    @property
    def bus_participants(self) -> tuple[str, ...]:
        """Who is on the bus by a way of its own, which can be cut."""
        return bus_participants(self.services, [zone.name for zone in self.zones])

    @property
    def moves(self) -> tuple[Move, ...]:
        """Where people go, by time. A pause (a phase of 0 requests/s) between two zones belongs to the move."""
        moves = [move for group in self.clients for move in _moves_of(group)]
        return tuple(sorted(moves, key=lambda move: (move.at_s, move.function)))

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for the services: each function's latency requirement, then `settings`."""
        requirements = {
            f"schedule_scale_opt_latency_requirement_{environment_name(function.name)}": (
                f"{function.latency_requirement_ms:g}"
            )
            for function in self.functions
        }
        return requirements | dict(self.settings)


def environment_name(function: str) -> str:
    """A function's name as a part of an environment variable: `-` becomes `_`."""
    return function.replace("-", "_")


def gateway_name(zone: str) -> str:
    """What a zone's gateway is called among the services."""
    return f"gateway-{zone}"


def bus_participants(services: Iterable[str], zones: Iterable[str]) -> tuple[str, ...]:
    """Who is on the bus: the services, the clients, each zone's gateway."""
    return (*services, LOAD_CLIENT, *(gateway_name(zone) for zone in zones))


def cloud_labels(*, cloud: bool) -> dict[str, str]:
    """The label by which schedulers know a cloud's node."""
    return {labels.CLOUD_ROLE: "cloud"} if cloud else {}


def _moves_of(group: ClientGroup) -> list[Move]:
    busy = [phase for phase in group.phases if phase.rps > 0]
    return [
        Move(at_s=after.start_s, function=group.function, from_zone=before.zone, to_zone=after.zone)
        for before, after in itertools.pairwise(busy)
        if before.zone != after.zone
    ]
