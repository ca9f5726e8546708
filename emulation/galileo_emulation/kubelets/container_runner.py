"""The kubelet's work for one container of a pod, run after run: pull, start, probe, stop, start again.

    time, image, exit -> Seen -> next step (container_life) -> program started or cleaned up, events, record

Whatever happens between two looks (an exit, a failed probe, a request that ends) only wakes the pod's worker, which
then lets each runner `advance`.
"""

from __future__ import annotations

import asyncio
import hashlib
import math

from galileo_emulation.kubelets.container_exit import COMPLETED, TERMINATED, Exit
from galileo_emulation.kubelets.container_life import Life, Seen, Step, next_life
from galileo_emulation.kubelets.container_need import ContainerNeed
from galileo_emulation.kubelets.container_probes import ContainerProbes
from galileo_emulation.kubelets.container_programs import ContainerProgram, ProgramHost
from galileo_emulation.kubelets.container_status import ContainerFacts
from galileo_emulation.kubelets.due import is_due
from galileo_emulation.kubelets.image_pulls import ImagePulls
from galileo_emulation.kubelets.local_container import local_container
from galileo_emulation.kubelets.node_runtime import ContainerName
from galileo_emulation.kubelets.pod_order import ContainerState, to_be_restarted
from galileo_emulation.kubelets.pod_record import ContainerRecord
from galileo_emulation.kubelets.probes import Probe, ProbeKind
from galileo_emulation.kubelets.program_choice import choose_program
from galileo_emulation.kubelets.resource_amounts import cpu_limit_millicores, memory_limit_bytes
from galileo_emulation.kubelets.restart_backoff import BackoffRule, as_text
from galileo_emulation.kubelets.runner_host import RunnerHost
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.network.addresses import NoAddressError
from galileo_emulation.specification import SpecificationError


class ContainerRunner:
    """Runs one container. `resources` are those that its next run gets; `applied` those of the present one."""

    def __init__(
        self, need: ContainerNeed, record: ContainerRecord, host: RunnerHost, *, resources: JsonObject, init: bool
    ) -> None:
        self.need = need
        self.record = record
        self.resources = resources
        self.applied = resources
        self._host = host
        self._init = init
        self._local = local_container(host.pod, need, host.world)
        self._image = ImagePulls(need, host.node, host.world)
        self._loop = asyncio.get_running_loop()
        self._rule = BackoffRule.scaled(host.world.spec.backoff_scale)
        self.life = Life(Step.WAITING, self._loop.time(), starts=record.starts)
        self._program: ContainerProgram | None = None
        self._probes: ContainerProbes | None = None
        self._killing: asyncio.Task[None] | None = None
        self._exit: Exit | None = None
        self._exited_at = 0.0
        self._serves = False
        self._start_failed = False
        self._start_error = ""
        self._again_anyway = False

    # ------------------------------------------------------------ what others ask

    @property
    def running(self) -> bool:
        """Whether a program runs in it."""
        return self._program is not None

    @property
    def alive(self) -> bool:
        """Whether the program has not ended."""
        return self._program is not None and self._exit is None

    @property
    def state(self) -> ContainerState:
        """What the pod's phase and order depend on."""
        last = self.record.last
        return ContainerState(
            step=self.life.step,
            exit_code=None if last is None else last.exit.code,
            started=self._started,
            sidecar=self.need.sidecar,
        )

    @property
    def ready(self) -> bool:
        """Whether it would answer; an init container is ready when it has done its part."""
        if self._init and not self.need.sidecar:
            return self.life.step is Step.ENDED and self.state.exit_code == COMPLETED
        if not self._started or self._serves_no_function:
            return False
        says = self._probes.ready if self._probes is not None else None
        return self._serves if says is None else says

    @property
    def in_flight(self) -> int:
        return 0 if self._program is None else self._program.in_flight

    @property
    def last_request_at(self) -> float:
        return -math.inf if self._program is None else self._program.last_request_at

    @property
    def memory_bytes(self) -> int:
        """What it uses now."""
        return 0 if self._program is None else self._program.memory_bytes

    @property
    def wake_at(self) -> float:
        """When to let it advance if nothing happens before."""
        if self.life.step is Step.RUNNING and self._program is not None and not self._serves:
            return self.life.since + self._program.serve_after_s
        return self.life.until

    def facts(self, *, waiting_reason: str, allocated: JsonObject) -> ContainerFacts:
        """What the pod's status tells of it. `waiting_reason` holds while nothing has gone wrong."""
        reason, message = self._why_waiting(waiting_reason)
        return ContainerFacts(
            need=self.need,
            step=self.life.step,
            record=self.record,
            waiting_reason=reason,
            message=message,
            ready=self.ready,
            started=self._started,
            allocated=allocated,
            applied=self.applied,
        )

    # ------------------------------------------------------------ what happens to it

    async def advance(self, *, turn: bool) -> None:
        """Go through the steps until one lasts."""
        await self._serve_when_due()
        while (following := next_life(self.life, self._seen(turn=turn))) != self.life:
            before, self.life = self.life, following
            if before.step is Step.RUNNING and following.step in (Step.CRASH_BACKOFF, Step.ENDED):
                await self._clean_up()
            await self._enter(before, following)
        if self._local is not None and self.ready:
            self._local.ready()

    def apply(self, resources: JsonObject) -> None:
        """Give the present run other limits, and the next ones as well."""
        self.resources = self.applied = resources
        if self._program is not None and self.record.running is not None:
            self._limit(self._program, self.record.running[0])

    def kill(self, *, grace_s: float, again: bool) -> None:
        """End the present run, finishing what is in hand within `grace_s`; `again`: whatever the restart policy says,
        start it anew."""
        if self._program is not None and self._killing is None and self._exit is None:
            self._again_anyway = again
            name = f"ends container {self.need.name}"
            self._killing = self._host.tasks.create_task(self._kill(self._program, grace_s), name=name)

    def stop_asking(self) -> None:
        """The pod is being deleted: only readiness still matters."""
        if self._probes is not None:
            self._probes.stop(ProbeKind.LIVENESS, ProbeKind.STARTUP)

    async def stop(self, *, grace_s: float, silently: bool = False) -> None:
        """End it for good. `silently`: the node failed, and nobody sees how it ends."""
        if self._killing is not None:
            self._killing.cancel()
            await asyncio.wait({self._killing})
            self._killing = None
        program = self._program
        if program is not None:
            code = await self._drop(program, grace_s=grace_s)
            if not silently:
                self.record.end_run(self._exit or Exit(code), now=self._host.world.now())
        if not silently and self.record.last is not None and self.life.step in (Step.RUNNING, Step.CRASH_BACKOFF):
            self.life = Life(Step.ENDED, self._loop.time())

    # ------------------------------------------------------------ steps

    def _seen(self, *, turn: bool) -> Seen:
        now, exited = self._loop.time(), self._exit is not None and self._killing is None
        code = self._exit.code if self._exit is not None else 0
        again = self._again_anyway or to_be_restarted(
            self._host.pod.restart_policy, exit_code=code, init=self._init, sidecar=self.need.sidecar
        )
        return Seen(
            now=now,
            rule=self._rule,
            turn=turn,
            image_at=self._image.ready_at(now),
            start_failed=self._start_failed,
            exited_at=self._exited_at if exited else None,
            again=again,
        )

    async def _enter(self, before: Life, after: Life) -> None:
        say, image = self._host.say, self.need.image
        match after.step:
            case Step.PULLING if after.until > after.since:
                await say("Pulling", f'Pulling image "{image}"', "Normal")
            case Step.PULL_FAILED:
                await say(*self._image.failure_event, "Warning")
            case Step.PULL_BACKOFF if self._image.waiting()[0] == "ImagePullBackOff":
                await say("BackOff", f'Back-off pulling image "{image}"', "Normal")
            case Step.RUNNING:
                if before.step is Step.PULLING:
                    await say("Pulled", self._image.done_text(before), "Normal")
                self.record.starts = after.starts
                await self._start()
            case Step.START_FAILED:
                self._start_failed = False
                await say("Failed", f"Error: {self._start_error}", "Warning")
            case Step.CRASH_BACKOFF if after.until > self._loop.time():
                await say("BackOff", f"Back-off restarting failed container {self._where}", "Warning")

    async def _start(self) -> None:
        host, now = self._host, self._host.world.now()
        output = None if self._local is None else self._local.output
        if output is not None:
            output.begin_run(now)
        self._exit, self._serves, self._again_anyway, self.applied = None, False, False, self.resources
        container_id = self._container_id()
        try:
            program = self._program = choose_program(
                host.pod,
                self.need,
                ProgramHost(
                    tasks=host.tasks,
                    log=self.record.new_log(None if output is None else output.write),
                    now=host.world.now,
                    exited=self._exited,
                    request_ended=host.request_ended,
                ),
                container_id=container_id,
                run=self.record.runs,
                address=host.address(),
                node=host.node,
                world=host.world,
            )
            await program.start()
        except (OSError, NoAddressError, SpecificationError) as error:
            self._start_failed, self._start_error = True, str(error)
            if self._local is not None:
                self._local.not_started(self._start_error)
            if self._program is not None:
                await self._drop(self._program, grace_s=0.0)
            host.start_failed()
            return
        self.record.begin_run(container_id, now=now)
        host.node.begin_container(container_id, program, self._name())
        self._limit(program, container_id)
        await host.say("Created", f"Created container: {self.need.name}", "Normal")
        await host.say("Started", f"Started container {self.need.name}", "Normal")
        if self._serves_no_function:
            text = f"the container idles, and is no replica of {host.pod.function} that could be ready"
            await host.say("Unhealthy", f'image "{self.need.image}" is no function\'s: {text}', "Warning")
        self._probes = self._new_probes(program)
        self._probes.start(host.tasks)
        await self._serve_when_due()

    async def _serve_when_due(self) -> None:
        program = self._program
        if program is None or self._serves or self._exit is not None or not is_due(self.wake_at, now=self._loop.time()):
            return
        try:
            await program.serve()
        except OSError as error:  # as a server that ends because its port is taken
            self._exited(Exit(1, "Error", str(error)))
        else:
            self._serves = True

    async def _clean_up(self) -> None:
        """A run has ended."""
        assert self._exit is not None, "a container that ended has an exit code"
        if self._program is not None:
            await self._drop(self._program, grace_s=0.0)
        self.record.end_run(self._exit, now=self._host.world.now() - (self._loop.time() - self._exited_at))
        self._exit = None

    async def _drop(self, program: ContainerProgram, *, grace_s: float) -> int:
        self._program = None
        if self._probes is not None:
            self._probes.stop()
            self._probes = None
        try:
            return await program.stop(grace_s=grace_s)
        finally:
            if self.record.running is not None:
                self._host.node.end_container(self.record.running[0])

    async def _kill(self, program: ContainerProgram, grace_s: float) -> None:
        code = await program.stop(grace_s=grace_s)
        self._killing = None
        self._exit, self._exited_at = Exit(code or TERMINATED), self._loop.time()
        self._host.wake()

    def _exited(self, end: Exit) -> None:
        """The program ended by itself, or has to."""
        if self._exit is None and self._killing is None:
            self._exit, self._exited_at = end, self._loop.time()
            if self._local is not None and self._program is not None:  # and so nobody stops it
                self._local.ended(end, last_words="" if self.record.log is None else self.record.log.last_words)
            self._host.wake()

    # ------------------------------------------------------------ details

    @property
    def _serves_no_function(self) -> bool:
        """By its label the pod is a function's replica, by its image it idles: it is not to be sent requests."""
        return bool(self._host.pod.function) and self._program is not None and not self._program.has_server

    @property
    def _started(self) -> bool:
        return self._program is not None and (self._probes is None or self._probes.started)

    def _limit(self, program: ContainerProgram, container_id: str) -> None:
        program.limit_memory(memory_limit_bytes(self.applied))
        self._host.node.cpu.set_limit(container_id, cpu_limit_millicores(self.applied))

    def _new_probes(self, program: ContainerProgram) -> ContainerProbes:
        return ContainerProbes(
            self.need.probes,
            program=program,
            port_names=self.need.port_names,
            say=self._host.say,
            changed=self._host.wake,
            failed=self._probe_failed,
        )

    async def _probe_failed(self, probe: Probe) -> None:
        what = f"failed {probe.kind.value.lower()} probe, will be restarted"
        await self._host.say("Killing", f"Container {self.need.name} {what}", "Normal")
        self.kill(grace_s=self._host.pod.grace_s if probe.grace_s is None else probe.grace_s, again=False)

    def _why_waiting(self, usual: str) -> tuple[str, str]:
        match self.life.step:
            case Step.PULL_FAILED:
                return self._image.failure
            case Step.PULL_BACKOFF:
                return self._image.waiting()
            case Step.START_FAILED:
                return "CreateContainerError", self._start_error
            case Step.CRASH_BACKOFF:
                delay = as_text(self.life.until - self.life.since)
                return (
                    "CrashLoopBackOff",
                    f"back-off {delay} restarting failed container={self.need.name} pod={self._host.pod.full_name}",
                )
            case _:
                return usual, ""

    @property
    def _where(self) -> str:
        return f"{self.need.name} in pod {self._host.pod.full_name}"

    def _container_id(self) -> str:
        text = f"{self._host.pod.uid}/{self.need.name}/{self.record.runs}"
        return hashlib.sha256(text.encode()).hexdigest()

    def _name(self) -> ContainerName:
        return ContainerName(self._host.pod.namespace, self._host.pod.name, self.need.name)
