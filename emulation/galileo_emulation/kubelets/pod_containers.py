"""The containers of one pod on one node: started together, stopped together, counted together."""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
from collections.abc import Callable

from galileo_emulation.functions.function_server import FunctionServer
from galileo_emulation.kubelets.bound_pod import BoundPod, ContainerNeed
from galileo_emulation.kubelets.container_images import OtherImage
from galileo_emulation.kubelets.container_programs import (
    ContainerProgram,
    ExternalProgram,
    FunctionProgram,
    IdleProgram,
    relays_for,
)
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.network.addresses import NoAddressError, PodAddress
from galileo_emulation.specification import FunctionSpec, SpecificationError

GATEWAY_PROBE_PERIOD_S = 0.2


class ContainersFailedError(Exception):
    """The containers could not be started; the message says why."""


class PodContainers:
    """Runs the containers of `pod`. `request_ended` is called after each request that a function answered."""

    def __init__(
        self,
        pod: BoundPod,
        *,
        node: NodeRuntime,
        world: Surroundings,
        restart_count: int,
        request_ended: Callable[[], None],
    ) -> None:
        self._pod = pod
        self._node = node
        self._world = world
        self._restart_count = restart_count
        self._request_ended = request_ended
        self._programs: dict[str, ContainerProgram] = {}
        self.address: PodAddress | None = None
        self.ids = tuple(self._container_id(need) for need in pod.containers)

    @property
    def in_flight(self) -> int:
        """Requests in hand."""
        return sum(program.in_flight for program in self._programs.values())

    @property
    def last_request_at(self) -> float:
        """When a request last came or ended (the loop's time)."""
        return max((program.last_request_at for program in self._programs.values()), default=-math.inf)

    @property
    def probe_period_s(self) -> float | None:
        """How often to ask for readiness; None if the containers are ready once started."""
        return min((p.probe_period_s for p in self._programs.values() if p.probe_period_s is not None), default=None)

    async def start(self) -> None:
        """Take an address and start all containers; raises ContainersFailedError, and then nothing runs."""
        pod, node = self._pod, self._node
        ports = {port for need in pod.containers for port in self._ports(need)}
        try:
            self.address = self._world.addresses.take(node.spec.name, sorted(ports), host_network=pod.host_network)
            for need, container_id in zip(pod.containers, self.ids, strict=True):
                program = self._program(need, container_id, self.address)
                self._programs[container_id] = program  # before it starts, so that it is stopped whatever happens
                await program.start()
                node.containers[container_id] = program
        except (OSError, NoAddressError, SpecificationError) as error:
            await self.stop(grace_s=0.0)
            raise ContainersFailedError(str(error)) from error
        self.limit(pod)

    def limit(self, pod: BoundPod) -> None:
        """Apply the CPU limits of the specification, which may have changed since the start."""
        for need, container_id in zip(pod.containers, self.ids, strict=True):
            if container_id in self._programs:
                self._node.cpu.set_limit(container_id, need.cpu_limit_millicores)

    async def probe(self) -> bool:
        """Whether all containers would answer now."""
        return all([await program.probe() for program in self._programs.values()])

    async def stop(self, *, grace_s: float) -> None:
        """Stop what runs and give the address back."""
        programs, self._programs = self._programs, {}
        try:
            await asyncio.gather(*(program.stop(grace_s=grace_s) for program in programs.values()))
        finally:
            for container_id in programs:
                self._node.containers.pop(container_id, None)
                self._node.cpu.remove(container_id)
            if self.address is not None:
                self._world.addresses.give_back(self._node.spec.name, self.address)
                self.address = None

    def _program(self, need: ContainerNeed, container_id: str, address: PodAddress) -> ContainerProgram:
        kind = self._world.images.kind_of(need.image)
        relays = relays_for(address, self._ports(need), node=self._node.spec.name, delay=self._world.delay)
        match kind:
            case FunctionSpec():
                return FunctionProgram(self._function_server(kind, container_id), relays[0])
            case OtherImage.GATEWAY:
                return ExternalProgram(relays, probe_period_s=GATEWAY_PROBE_PERIOD_S)
            case OtherImage.LOAD_CLIENT:
                return ExternalProgram(relays, probe_period_s=None)
            case _:
                return IdleProgram()

    def _function_server(self, function: FunctionSpec, container_id: str) -> FunctionServer:
        return FunctionServer(
            function,
            container_id=container_id,
            pod=self._pod.name,
            node=self._node.spec.name,
            cpu=self._node.cpu,
            rng=random.Random(f"{self._world.spec.seed}/{self._pod.name}/{self._restart_count}"),
            now=self._world.now,
            ended=self._request_ended,
        )

    def _ports(self, need: ContainerNeed) -> tuple[int, ...]:
        """The ports that get a relay: those declared; a function answers on its first, or on the usual one."""
        kind = self._world.images.kind_of(need.image)
        if isinstance(kind, FunctionSpec):
            return need.ports[:1] or (self._world.addresses.function_port,)
        return () if kind is OtherImage.IDLE else need.ports

    def _container_id(self, need: ContainerNeed) -> str:
        return hashlib.sha256(f"{self._pod.uid}/{need.name}/{self._restart_count}".encode()).hexdigest()
