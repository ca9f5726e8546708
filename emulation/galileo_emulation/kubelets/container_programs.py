"""What a kubelet runs in a container, as it sees it from outside; and the programs that are not functions.

A program is given its pod's address. What listens for others is always a relay at the advertised port; the server
itself is at the backend port behind it. A program that ends by itself says so to its host.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from galileo_emulation.functions.container_log import ContainerLog
from galileo_emulation.kubelets.container_command import Script
from galileo_emulation.kubelets.container_exit import COMPLETED, TERMINATED, Exit
from galileo_emulation.kubelets.external_use import ExternalShare, ExternalUse
from galileo_emulation.kubelets.probes import Probe, ProbeKind, TcpSocket
from galileo_emulation.network.addresses import PodAddress
from galileo_emulation.network.relay import Relay
from galileo_emulation.network.relay_delay import Delay

IDLE_MEMORY_BYTES = 8 * 1024 * 1024
LAST_BYTES_S = 0.5
"""Answers are still on their way when a server has closed, and idle connections need a moment to close."""


@dataclass(frozen=True, kw_only=True)
class ProgramHost:
    """What a program is given: where its tasks run and its log is, whom to tell of its end and of each request's.

    `now` is unix time in seconds.
    """

    tasks: asyncio.TaskGroup
    log: ContainerLog
    now: Callable[[], float]
    exited: Callable[[Exit], None]
    request_ended: Callable[[], None]


class ContainerProgram(Protocol):
    """A container's inside. `has_server` tells whether there is anything in it that probes could ask.

    `serve_after_s`: it answers that long after its start, when `serve` is called. `readiness`: how it is asked whether
    it is ready when the pod's specification asks nothing; None: it is ready when it serves.
    """

    serve_after_s: float
    readiness: Probe | None
    has_server: bool

    @property
    def memory_bytes(self) -> int: ...

    @property
    def in_flight(self) -> int: ...

    @property
    def last_request_at(self) -> float: ...

    async def start(self) -> None:
        """Raises OSError if it cannot; what did start is stopped by `stop`."""

    async def serve(self) -> None:
        """Begin to answer. Raises OSError if its port is taken."""

    def limit_memory(self, limit_bytes: int | None) -> None:
        """From now on; None lifts the limit. A program above its limit exits."""

    def reached_at(self, port: int) -> tuple[str, int]:
        """Where a probe of a container port reaches its server, if it has one; for another port, where nobody is."""

    async def stop(self, *, grace_s: float) -> int:
        """Finish requests in hand within `grace_s`, then cut them; the answer is the exit code. Also after a start that
        failed, and when it has ended by itself."""


def connects(port: int, *, period_s: float) -> Probe:
    """The readiness of a program that is ready when its port takes connections."""
    return Probe(kind=ProbeKind.READINESS, action=TcpSocket(port), period_s=period_s, failure_threshold=1)


class IdleProgram:
    """A container that does nothing, or what a script says: wait, write a line, end."""

    serve_after_s = 0.0
    readiness: Probe | None = None
    has_server = False
    in_flight = 0
    last_request_at = -math.inf

    def __init__(self, host: ProgramHost, *, image: str, script: Script | None) -> None:
        self._host = host
        self._image = image
        self._script = script
        self._running: asyncio.Task[None] | None = None
        self.memory_bytes = IDLE_MEMORY_BYTES

    async def start(self) -> None:
        if self._script is None:
            text = f"image {self._image}: an idle container has started; it does nothing"
            self._host.log.write(self._host.now(), text.encode())
        else:
            self._running = self._host.tasks.create_task(self._run(self._script), name=f"script of {self._image}")

    async def serve(self) -> None:
        """It has no server."""

    def limit_memory(self, limit_bytes: int | None) -> None:
        """It makes do with what it is given."""
        self.memory_bytes = IDLE_MEMORY_BYTES if limit_bytes is None else min(IDLE_MEMORY_BYTES, limit_bytes)

    def reached_at(self, port: int) -> tuple[str, int]:
        raise LookupError(f"image {self._image}: an idle container has no server")

    async def stop(self, *, grace_s: float) -> int:
        if self._script is None:
            return COMPLETED
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        return TERMINATED

    async def _run(self, script: Script) -> None:
        for step in script.steps:
            if isinstance(step, str):
                self._host.log.write(self._host.now(), step.encode())
            elif math.isinf(step):
                await asyncio.get_running_loop().create_future()
            else:
                await asyncio.sleep(step)
        self._host.exited(Exit(script.exit_code))


class ExternalProgram:
    """Relays to a program in another process, which listens at the backend ports. Ready when it takes connections.

    What it uses is a part of what that process uses, as `external` shares it out.
    """

    serve_after_s = 0.0
    in_flight = 0
    last_request_at = -math.inf

    def __init__(
        self,
        host: ProgramHost,
        relays: dict[int, Relay],
        *,
        share: ExternalShare,
        external: ExternalUse,
        probe_period_s: float | None,
    ) -> None:
        self._host = host
        self._relays = relays
        self._share = share
        self._external = external
        self.has_server = bool(relays)
        self.readiness: Probe | None = None
        if relays and probe_period_s is not None:
            self.readiness = connects(next(iter(relays)), period_s=probe_period_s)

    async def start(self) -> None:
        for relay in self._relays.values():
            await relay.start()
        self._external.begin(self._share)
        self._host.log.write(
            self._host.now(), f"the {self._share.what} runs in another process, which has its log".encode()
        )

    @property
    def memory_bytes(self) -> int:
        return self._share.memory_bytes

    async def serve(self) -> None:
        """It serves when its process does."""

    def limit_memory(self, limit_bytes: int | None) -> None:
        """Its process is that of others, too, and is not ended for one of them."""

    def reached_at(self, port: int) -> tuple[str, int]:
        if port in self._relays:
            return self._relays[port].backend_ip, self._relays[port].backend_port
        return next(iter(self._relays.values())).backend_ip, port

    async def stop(self, *, grace_s: float) -> int:
        self._external.end(self._share)
        closing = (relay.close(grace_s=min(grace_s, LAST_BYTES_S)) for relay in self._relays.values())
        await asyncio.gather(*closing)
        return COMPLETED


def relays_for(address: PodAddress, container_ports: tuple[int, ...], *, node: str, delay: Delay) -> dict[int, Relay]:
    """A relay for each of a container's ports."""
    return {
        port: Relay(
            ip=address.ip,
            port=address.advertised[port],
            backend_port=address.backend_port(port),
            node=node,
            delay=delay,
        )
        for port in container_ports
    }
