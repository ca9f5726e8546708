"""The emulated world below the Kubernetes API: nodes with cores, functions that answer on them, a network that delays.

    async with World(spec, api=api, publish=..., set_info=...) as world:
        ...                          # pods that are bound to world's nodes start, answer and stop
        await world.wait()           # until something fails

Nothing here schedules or scales: pods come from the API, telemetry goes to the callbacks, requests come over TCP.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from galileo_emulation.kubelets.container_images import ContainerImages
from galileo_emulation.kubelets.external_use import ExternalUse
from galileo_emulation.kubelets.function_crashes import FunctionCrash, FunctionCrashes
from galileo_emulation.kubelets.kubelet_access import KubeletAccess
from galileo_emulation.kubelets.kubelet_fleet import KubeletFleet, UnknownNodeError
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.pod_api import PodApi
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.kubelets.telemetry import Publish, SetInfo, Telemetry
from galileo_emulation.kubelets.usage_samples import UsageSamples
from galileo_emulation.network.addresses import AddressPlan, claim_addresses
from galileo_emulation.network.latency import LatencyGraph
from galileo_emulation.network.relay_delay import RelayDelay
from galileo_emulation.specification import SpecificationError, WorldSpec

__all__ = ["UnknownNodeError", "World"]


class World:
    """Runs everything of `spec`. `now` is unix time in seconds; `single_address` forces the plan without latency.

    After the start: `function_port` is the container port that functions should declare, `latency` the network, which
    may be changed, and `relay_delay.missing` counts pairs without a latency. `node_access` is what the API server asks
    its nodes: logs and measured use. `crashed` is told of local functions that crash; their output goes to files in
    `output_folder`, too.
    """

    latency: LatencyGraph
    node_access: KubeletAccess
    relay_delay: RelayDelay
    addresses: AddressPlan

    def __init__(
        self,
        spec: WorldSpec,
        *,
        api: PodApi,
        publish: Publish,
        set_info: SetInfo,
        now: Callable[[], float] = time.time,
        single_address: bool = False,
        crashed: Callable[[FunctionCrash], None] = lambda crash: None,
        output_folder: Path | None = None,
    ) -> None:
        self.spec = spec
        self._api = api
        self._publish = publish
        self._set_info = set_info
        self._now = now
        self._single_address = single_address
        self._crashes = FunctionCrashes(crashed)
        self._external = ExternalUse()
        self._output_folder = output_folder
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> World:
        """Claim addresses and register the nodes; raises NoAddressError or what the API raised."""
        self.addresses = claim_addresses([node.name for node in self.spec.nodes], single_address=self._single_address)
        try:
            self._build()
            self._running = asyncio.create_task(self._run(), name="emulated world")
            registered = asyncio.create_task(self._fleet.registered.wait(), name="nodes are registered")
            try:
                await asyncio.wait({self._running, registered}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                registered.cancel()
                await asyncio.wait({registered})
            if self._running.done():
                await self._running
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything; raises what had failed."""
        await self._stop()

    @property
    def function_port(self) -> int:
        """A container port that is free on all of this world's addresses."""
        return self.addresses.function_port

    async def wait(self) -> None:
        """Wait as long as the world runs; raises what made it fail."""
        assert self._running is not None
        await asyncio.shield(self._running)

    async def kill_node(self, name: str) -> None:
        """Let a node fail: servers, lease, heartbeat and telemetry end at once. Raises UnknownNodeError."""
        await self._fleet.kill_node(name)

    async def restore_node(self, name: str) -> None:
        """Bring a node back; its pods' containers start again, deleted pods are removed. Raises UnknownNodeError."""
        await self._fleet.restore_node(name)
        self._telemetry.say_info(name)

    def burn_cpu(self, node: str, cores: float) -> None:
        """Let something else on a node want so many cores: requests there share with it. It replaces an earlier one.

        Raises UnknownNodeError, and SpecificationError for a number that cannot be.
        """
        if not (cores > 0.0 and math.isfinite(cores)):
            raise SpecificationError(f"burning CPU on node {node!r}: {cores} cores, expected more than 0")
        self._fleet.node(node).cpu.burn(cores)

    def stop_burning(self, node: str) -> None:
        """End what `burn_cpu` began, if it did. Raises UnknownNodeError."""
        self._fleet.node(node).cpu.burn(0.0)

    def add_latency(self, origin: str, destination: str, extra_ms: float) -> None:
        """Lengthen every round trip between two nodes or zones (see LatencyGraph). Raises SpecificationError."""
        self.latency.add_latency(origin, destination, extra_ms)

    def remove_latency(self, origin: str, destination: str) -> None:
        """Take off what was added between the two. Raises SpecificationError for an unknown name."""
        self.latency.remove_latency(origin, destination)

    def note_process(self, what: str, pid: int) -> None:
        """`what` is GATEWAYS or CLIENTS: their containers' use is from now on that of this process of the machine."""
        self._external.process(what, pid)

    def note_rates(self, what: str, by_zone: Mapping[str, float]) -> None:
        """How the work of `what` is spread over zones at present, in whatever unit."""
        self._external.rates(what, by_zone)

    def command(self, node: str, text: str) -> None:
        """Hand over a telemetry command, as it came on `telemcmd/<node>`."""
        self._telemetry.command(node, text)

    def node_ip(self, name: str) -> str:
        """The address that programs on the node bind their outgoing connections to."""
        return self.addresses.node_ip(name)

    def _build(self) -> None:
        spec = self.spec
        self.latency = LatencyGraph(spec.network, {node.name: node.zone for node in spec.nodes})
        self.relay_delay = RelayDelay(self.latency, self.addresses.node_of)
        nodes = {node.name: NodeRuntime(node, self.addresses.node_ip(node.name)) for node in spec.nodes}
        surroundings = Surroundings(
            spec=spec,
            api=self._api,
            images=ContainerImages(spec.functions, spec.idle_images, spec.missing_images),
            addresses=self.addresses,
            delay=self.relay_delay,
            now=self._now,
            crashes=self._crashes,
            external=self._external,
            output_folder=self._output_folder,
        )
        self._fleet = KubeletFleet(surroundings, nodes)
        samples = UsageSamples(nodes, window_s=spec.metrics_window_s)
        self.node_access = KubeletAccess(self._fleet, samples, self._external, now=self._now)
        self._telemetry = Telemetry(
            nodes,
            publish=self._publish,
            set_info=self._set_info,
            period_s=spec.telemetry_period_s,
            now=self._now,
        )

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fleet.run(), name="kubelets")
            tasks.create_task(self._telemetry.run(), name="telemetry")
            tasks.create_task(self.node_access.run(), name="use of nodes and containers")

    async def _stop(self) -> None:
        try:
            if self._running is not None:
                self._running.cancel()
                await asyncio.wait({self._running})
                if not self._running.cancelled():
                    await self._running
        finally:
            self.addresses.close()
