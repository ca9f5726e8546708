"""The probes of one run of a container: a task for each, and what their answers come to.

every period -> probe_calls -> probes (tally) -> ready, started, or: kill me
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from galileo_emulation.kubelets.container_programs import ContainerProgram
from galileo_emulation.kubelets.probe_calls import failure_of
from galileo_emulation.kubelets.probes import (
    HttpGet,
    NotPerformed,
    Probe,
    ProbeKind,
    TcpSocket,
    counted,
    first_tally,
)
from galileo_emulation.kubelets.runner_host import Say


class ContainerProbes:
    """`changed` is called when readiness or startup changed, `failed` once when the container has to be killed.

    `own` tells that the specification asks for the probes; what a program is asked otherwise fails without a word.
    """

    def __init__(
        self,
        probes: Sequence[Probe],
        *,
        program: ContainerProgram,
        port_names: Mapping[str, int],
        say: Say,
        changed: Callable[[], None],
        failed: Callable[[Probe], Awaitable[None]],
    ) -> None:
        self._probes = {probe.kind: probe for probe in probes}
        self._own = frozenset(self._probes)
        if ProbeKind.READINESS not in self._probes and program.readiness is not None:
            self._probes[ProbeKind.READINESS] = program.readiness
        self._program = program
        self._port_names = port_names
        self._say = say
        self._changed = changed
        self._failed = failed
        self._tallies = {kind: first_tally(kind) for kind in self._probes}
        self._startup_passed = asyncio.Event()
        if ProbeKind.STARTUP not in self._probes:
            self._startup_passed.set()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def started(self) -> bool:
        """Whether the startup probe has passed; true without one."""
        return self._startup_passed.is_set()

    @property
    def ready(self) -> bool | None:
        """What the readiness probe says; None without one."""
        tally = self._tallies.get(ProbeKind.READINESS)
        return None if tally is None else self.started and bool(tally.passes)

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Begin to ask."""
        for probe in self._probes.values():
            name = f"{probe.kind.value} probe"
            self._tasks.append(tasks.create_task(self._go_on(probe), name=name))

    def stop(self, *kinds: ProbeKind) -> None:
        """Ask no more; all of them, or those of the given kinds."""
        for kind, task in zip(self._probes, self._tasks, strict=False):
            if not kinds or kind in kinds:
                task.cancel()

    async def _go_on(self, probe: Probe) -> None:
        loop = asyncio.get_running_loop()
        await self._tell_what_is_not_performed(probe)
        if probe.kind is not ProbeKind.STARTUP:
            await self._startup_passed.wait()
        await asyncio.sleep(probe.initial_delay_s)
        due = loop.time()
        while True:
            failure = await self._failure_of(probe)
            if failure is not None and probe.kind in self._own:
                await self._say("Unhealthy", f"{probe.kind.value} probe failed: {failure}", "Warning")
            before = self._tallies[probe.kind].passes
            after = self._count(probe, passed=failure is None)
            if after is False and probe.kind is not ProbeKind.READINESS:
                await self._failed(probe)
                return
            if after and probe.kind is ProbeKind.STARTUP:
                self._startup_passed.set()
            if after != before:
                self._changed()
            if after and probe.kind is ProbeKind.STARTUP:
                return
            due = max(due + probe.period_s, loop.time())
            await asyncio.sleep(due - loop.time())

    def _count(self, probe: Probe, *, passed: bool) -> bool | None:
        """Take an answer into account; the answer is the verdict."""
        tally = self._tallies[probe.kind] = counted(self._tallies[probe.kind], probe, passed=passed)
        return tally.passes

    async def _failure_of(self, probe: Probe) -> str | None:
        action = probe.action
        if isinstance(action, NotPerformed) or not self._program.has_server:
            return None
        port = self._port(action)
        if port is None:
            return f"the container has no port named {action.port!r}"
        return await failure_of(action, self._program.reached_at(port), timeout_s=probe.timeout_s)

    def _port(self, action: HttpGet | TcpSocket) -> int | None:
        return action.port if isinstance(action.port, int) else self._port_names.get(action.port)

    async def _tell_what_is_not_performed(self, probe: Probe) -> None:
        what = probe.action.what if isinstance(probe.action, NotPerformed) else ""
        if not what and not self._program.has_server:
            what = "asking a container without a server"
        if what and probe.kind in self._own:
            message = f"{probe.kind.value} probe: {what} is not performed by an emulated kubelet, and counts as passed"
            await self._say("ProbeNotPerformed", message, "Normal")
