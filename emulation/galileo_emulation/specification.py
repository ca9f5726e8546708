"""What an emulated world consists of: nodes, functions and the network between them.

A scenario file becomes one `WorldSpec`; everything in the emulation is derived from it and from its seed. The values
are checked here, once, so that nothing behind this module has to doubt them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from galileo_schemas.local_image import is_local

PORT_OFFSET = 10_000
"""A program behind a relay listens this many ports above the port that its pod advertises."""

PORT_OFFSET_VARIABLE = "GALILEO_BACKEND_PORT_OFFSET"
"""The environment variable that tells a program in another process about `PORT_OFFSET`."""

GATEWAY_IMAGE = "galileo/gateway"
LOAD_CLIENT_IMAGE = "galileo/load-client"
"""Images whose programs run in another process; the kubelet only gives them an address and a relay."""

DEFAULT_IDLE_IMAGES = ("docker.io/centos/tools:latest", "registry.k8s.io/pause:3.10")
"""Images that are there whatever their names look like."""

MISSING_IMAGES = (
    "localhost[:/]*",
    "*.invalid/*",
    "*.invalid:*/*",
    "nobody/*",
    "nothing:*",
    "*missing*",
    "*nonexist*",
    "*non-exist*",
    "*notexist*",
    "*not-exist*",
    "*does-not-exist*",
    "*doesnotexist*",
    "*doesnt-exist*",
    "*no-such-*",
    "*not-found*",
)
"""Patterns of images that are not there, matched against the whole name with its tag: there is no registry to ask."""


class SpecificationError(ValueError):
    """A value of the specification cannot be; the message says which one and what was expected."""


def _expect(condition: bool, message: str) -> None:
    if not condition:
        raise SpecificationError(message)


def _expect_unique(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        _expect(name not in seen, f"{kind} {name!r} is there twice; names must differ")
        seen.add(name)


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """One node. `cores` may be a fraction; `speed` 1.0 is a reference core, 0.5 takes twice as long.

    `reserved` are those of its roles for whose pods alone it is there: they are its taints.
    """

    name: str
    zone: str
    cores: float
    memory_bytes: int
    speed: float = 1.0
    labels: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset({"worker"})
    reserved: frozenset[str] = frozenset()
    max_pods: int = 110
    architecture: str = "amd64"

    def __post_init__(self) -> None:
        where = f"node {self.name!r}"
        _expect(bool(self.name), "a node has no name")
        _expect(self.cores > 0, f"{where}: cores is {self.cores}, expected more than 0")
        _expect(self.memory_bytes > 0, f"{where}: memory_bytes is {self.memory_bytes}, expected more than 0")
        _expect(self.speed > 0, f"{where}: speed is {self.speed}, expected more than 0 (1.0 = reference core)")


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One function: what a request costs, and what a replica of it occupies.

    `cpu_ms_per_request` is the mean CPU time of one request on a reference core, `cpu_variation` its coefficient of
    variation (standard deviation over mean; 0: every request costs the same). A replica uses `memory_bytes` when idle
    and `memory_bytes_per_request` more for each request that it works on. `start_s` passes between the start of its
    container and the first request that it can answer. An image that begins with `local:` is a file that runs as a
    process of its own: it costs and occupies what it does, and none of these numbers is used.
    """

    name: str
    image: str
    cpu_ms_per_request: float = 0.0
    cpu_variation: float = 0.0
    memory_bytes: int = 64 * 1024 * 1024
    memory_bytes_per_request: int = 0
    start_s: float = 0.5
    response_bytes: int = 0

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine."""
        return is_local(self.image)

    def __post_init__(self) -> None:
        where = f"function {self.name!r}"
        _expect(bool(self.name), "a function has no name")
        _expect(bool(self.image), f"{where}: it has no image")
        for field_name in (
            "cpu_ms_per_request",
            "cpu_variation",
            "memory_bytes",
            "memory_bytes_per_request",
            "start_s",
            "response_bytes",
        ):
            value = getattr(self, field_name)
            _expect(value >= 0 and math.isfinite(value), f"{where}: {field_name} is {value}, expected 0 or more")


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """Round-trip times in milliseconds: `latency_ms[from][to]`, each name a node or a zone.

    A pair of nodes wins over a pair with a zone, which wins over a pair of zones; the other direction serves where one
    is absent. Where nothing is said, `within_zone_ms` holds between two nodes of one zone and `within_node_ms` on one
    node.
    """

    latency_ms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    within_zone_ms: float = 1.0
    within_node_ms: float = 0.0

    def __post_init__(self) -> None:
        for origin, row in self.latency_ms.items():
            for destination, rtt_ms in row.items():
                expect_latency(origin, destination, rtt_ms)
        expect_latency("zone", "same zone", self.within_zone_ms)
        expect_latency("node", "same node", self.within_node_ms)


def expect_latency(origin: str, destination: str, rtt_ms: float) -> None:
    """Raise SpecificationError if `rtt_ms` cannot be a round-trip time."""
    _expect(
        rtt_ms >= 0 and math.isfinite(rtt_ms),
        f"latency {origin} -> {destination}: {rtt_ms} ms, expected a round-trip time of 0 or more",
    )


@dataclass(frozen=True, kw_only=True)
class WorldSpec:
    """The whole emulated world.

    `image_pull_s` passes when a node meets an image for the first time. `backoff_scale` multiplies the kubelet's times
    between two attempts to pull an image or to start a container (10 s, doubling to 5 min). `idle_images` are there and
    idle, `missing_images` are patterns of those that are not there; any other image that is no function's idles.

    A pod that is being deleted serves on until no request came for `drain_quiet_s` (at most its grace period), so that
    balancers can learn of its end.

    A kubelet's lease holds for `lease_duration_s`, and is renewed four times in that time, as a real one's (40 s, every
    10 s). The default of 4 s makes a dead node known within about 5 s: emulated runs last minutes, and a minute of not
    knowing would be most of one.

    When less than `eviction_threshold_bytes` of a node's memory is available (at most a tenth of it), which is looked
    at every `eviction_check_s`, a pod is evicted; memory pressure is told for `pressure_transition_s` more (a real
    kubelet's default is 5 min). Use is measured over `metrics_window_s`.
    """

    nodes: tuple[NodeSpec, ...]
    functions: tuple[FunctionSpec, ...] = ()
    network: NetworkSpec = NetworkSpec()
    image_pull_s: float = 2.0
    backoff_scale: float = 1.0
    idle_images: tuple[str, ...] = DEFAULT_IDLE_IMAGES
    missing_images: tuple[str, ...] = MISSING_IMAGES
    drain_quiet_s: float = 1.0
    telemetry_period_s: float = 1.0
    heartbeat_period_s: float = 10.0
    lease_duration_s: int = 4
    eviction_threshold_bytes: int = 100 * 1024 * 1024
    eviction_check_s: float = 1.0
    pressure_transition_s: float = 30.0
    metrics_window_s: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        _expect(len(self.nodes) > 0, "the world has no nodes; expected at least one")
        _expect_unique("node", (node.name for node in self.nodes))
        _expect_unique("function", (function.name for function in self.functions))
        _expect_unique("image", (function.image for function in self.functions))
        for name in ("image_pull_s", "drain_quiet_s", "eviction_threshold_bytes", "pressure_transition_s"):
            _expect(getattr(self, name) >= 0, f"{name} is {getattr(self, name)}, expected 0 or more")
        for name in (
            "backoff_scale",
            "telemetry_period_s",
            "heartbeat_period_s",
            "lease_duration_s",
            "eviction_check_s",
            "metrics_window_s",
        ):
            _expect(getattr(self, name) > 0, f"{name} is {getattr(self, name)}, expected more than 0")
        self._expect_known_places()

    @property
    def lease_renewal_s(self) -> float:
        """How often a kubelet renews its lease: four times in its duration."""
        return self.lease_duration_s / 4.0

    def _expect_known_places(self) -> None:
        places = {node.name for node in self.nodes} | {node.zone for node in self.nodes}
        for origin, row in self.network.latency_ms.items():
            for name in (origin, *row):
                _expect(
                    name in places,
                    f"latency {origin}: {name!r} is neither a node nor a zone; known are {', '.join(sorted(places))}",
                )
