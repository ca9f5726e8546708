"""The containers of one pod on one node: started in order, counted and stopped together. They share an address."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator

from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.container_runner import ContainerRunner
from galileo_emulation.kubelets.container_status import ContainerFacts
from galileo_emulation.kubelets.eviction import PodMemory
from galileo_emulation.kubelets.node_runtime import NodeRuntime
from galileo_emulation.kubelets.pod_ending import Traffic
from galileo_emulation.kubelets.pod_order import Phase, init_turn, last_phase, phase
from galileo_emulation.kubelets.pod_record import PodRecord
from galileo_emulation.kubelets.program_choice import relayed_ports
from galileo_emulation.kubelets.resource_amounts import requested
from galileo_emulation.kubelets.runner_host import RunnerHost, Say
from galileo_emulation.kubelets.surroundings import Surroundings
from galileo_emulation.network.addresses import PodAddress


class PodContainers:
    """Runs the containers of `pod`. `wake` is called when one of them has to be looked after, `request_ended` after
    each request that a function answered."""

    def __init__(
        self,
        pod: BoundPod,
        record: PodRecord,
        *,
        node: NodeRuntime,
        world: Surroundings,
        tasks: asyncio.TaskGroup,
        say: Say,
        wake: Callable[[], None],
        request_ended: Callable[[], None],
    ) -> None:
        self._pod = pod
        self._record = record
        self._node = node
        self._world = world
        self._initialized = False
        self.address: PodAddress | None = None
        host = RunnerHost(
            pod=pod,
            node=node,
            world=world,
            tasks=tasks,
            say=say,
            wake=wake,
            request_ended=request_ended,
            address=self._take_address,
            start_failed=self._start_failed,
        )

        def runner(index: int, *, init: bool) -> ContainerRunner:
            need = (pod.init_containers if init else pod.containers)[index]
            resources = record.allocated.get(need.name, need.resources)
            return ContainerRunner(need, record.of(need.name), host, resources=resources, init=init)

        self.inits = [runner(index, init=True) for index in range(len(pod.init_containers))]
        self.mains = [runner(index, init=False) for index in range(len(pod.containers))]

    def __iter__(self) -> Iterator[ContainerRunner]:
        yield from self.inits
        yield from self.mains

    # ------------------------------------------------------------ what others ask

    @property
    def traffic(self) -> Traffic:
        """Requests in hand, and when one last came or ended (the loop's time)."""
        last = max((runner.last_request_at for runner in self), default=-math.inf)
        return Traffic(in_flight=sum(runner.in_flight for runner in self), last_request_at=last)

    @property
    def running(self) -> bool:
        """Whether a program runs in any of them."""
        return any(runner.running for runner in self)

    @property
    def inits_done(self) -> bool:
        """Whether all init containers have done their part, be it that a sidecar has failed since."""
        if not self._initialized:
            self._initialized = init_turn([runner.state for runner in self.inits]) == len(self.inits)
        return self._initialized

    @property
    def phase(self) -> Phase:
        return phase([runner.state for runner in self.inits], [runner.state for runner in self.mains])

    @property
    def last_phase(self) -> Phase:
        """The phase once all were stopped for good."""
        return last_phase([runner.state for runner in self.mains])

    @property
    def pre_stop_s(self) -> float:
        """How long the preStop hooks of those that run sleep."""
        return max((runner.need.pre_stop_s for runner in self if runner.running), default=0.0)

    @property
    def wake_at(self) -> float:
        """When to let them advance if nothing happens before."""
        return min(runner.wake_at for runner in self)

    @property
    def memory(self) -> PodMemory:
        """What they use and request."""
        given = {name: requested(resources).memory_bytes for name, resources in self._record.allocated.items()}
        rows = tuple((each.need.name, each.memory_bytes, given.get(each.need.name, 0)) for each in self)
        return PodMemory(uid=self._pod.uid, priority=self._pod.priority, containers=rows)

    def facts(self) -> tuple[list[ContainerFacts], list[ContainerFacts]]:
        """What the status tells of the init containers, and of the others."""
        usual = "PodInitializing" if self.inits else "ContainerCreating"
        inits, mains = (
            [
                runner.facts(waiting_reason=usual, allocated=self._record.allocated.get(runner.need.name, {}))
                for runner in runners
            ]
            for runners in (self.inits, self.mains)
        )
        return inits, mains

    # ------------------------------------------------------------ what happens to them

    async def advance(self) -> None:
        """Let each go on as far as it can now. Sidecars end when the others have."""
        for index, runner in enumerate(self.inits):
            await runner.advance(turn=index <= init_turn([each.state for each in self.inits]))
        for runner in self.mains:
            await runner.advance(turn=self.inits_done)
        if all(runner.state.ended for runner in self.mains):
            await asyncio.gather(*(runner.stop(grace_s=self._pod.grace_s) for runner in self.inits if runner.running))

    def stop_asking(self) -> None:
        """The pod is being deleted: nothing is restarted because of a probe any more."""
        for runner in self:
            runner.stop_asking()

    async def stop(self, *, grace_s: float, silently: bool = False) -> None:
        """Stop what runs and give the address back. `silently`: the node failed, and nobody sees how they end."""
        try:
            await asyncio.gather(*(runner.stop(grace_s=grace_s, silently=silently) for runner in self))
        finally:
            self._give_address_back()

    def _take_address(self) -> PodAddress:
        if self.address is None:
            ports = {port for runner in self for port in relayed_ports(runner.need, self._world)}
            name = self._node.spec.name
            self.address = self._world.addresses.take(name, sorted(ports), host_network=self._pod.host_network)
        return self.address

    def _start_failed(self) -> None:
        if not self.running:  # the next attempt may have more luck with another address
            self._give_address_back()

    def _give_address_back(self) -> None:
        if self.address is not None:
            self._world.addresses.give_back(self._node.spec.name, self.address)
            self.address = None
