"""A person's own code in a container: a real process behind the same relays and network as every function.

    sender -> relay (advertised port of the pod) -> 127.0.0.1:$PORT of the process
    process -> output into the container's log; CPU time and memory into the node's account

What it uses is measured, and cannot be shared out as the CPU time of emulated functions is: a CPU limit has no effect.
A memory limit has: a process that is found above it is killed.
"""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable, Mapping

from galileo_schemas.local_image import LocalImage

from galileo_emulation.functions.local_process import LocalProcess
from galileo_emulation.functions.process_use import ProcessUse
from galileo_emulation.kubelets.container_exit import OUT_OF_MEMORY, Exit
from galileo_emulation.kubelets.container_programs import LAST_BYTES_S, ProgramHost, connects
from galileo_emulation.kubelets.probes import Probe
from galileo_emulation.network.addresses import PodAddress
from galileo_emulation.network.relay import Relay
from galileo_emulation.network.relay_delay import Delay

_HOST = "127.0.0.1"  # what a program reaches that listens on one address, or on all
_MEASURE_PERIOD_S = 0.5
_PROBE_PERIOD_S = 0.2


class _Activity:
    """The network's delay, which is asked for with every chunk of data, and when that was last."""

    def __init__(self, delay: Delay) -> None:
        self._delay = delay
        self._loop = asyncio.get_running_loop()
        self.at = -math.inf

    def sender(self, address: str) -> str | None:
        return self._delay.sender(address)

    def one_way_s(self, from_node: str | None, to_node: str) -> float:
        self.at = self._loop.time()
        return self._delay.one_way_s(from_node, to_node)


class LocalProgram:
    """A process of `image`. `charge` is told the CPU seconds that it used, as they are measured."""

    serve_after_s = 0.0
    has_server = True
    in_flight = 0  # what a process has in hand is not known; it is asked to finish it

    def __init__(
        self,
        host: ProgramHost,
        image: LocalImage,
        *,
        address: PodAddress,
        container_port: int,
        node: str,
        delay: Delay,
        environment: Mapping[str, str],
        charge: Callable[[float], None],
    ) -> None:
        self._host = host
        self._charge = charge
        self._activity = _Activity(delay)
        self._container_port = container_port
        port = _free_port()
        self._relay = Relay(
            ip=address.ip,
            port=address.advertised[container_port],
            backend_ip=_HOST,
            backend_port=port,
            node=node,
            delay=self._activity,
        )
        self._process = LocalProcess(
            image,
            environment={**environment, "HOST": _HOST, "PORT": str(port)},
            log=host.log,
            now=host.now,
            ended=lambda code: host.exited(Exit(code)),
        )
        self._limit_bytes: int | None = None
        self._use: ProcessUse | None = None
        self._measuring: asyncio.Task[None] | None = None
        self.readiness: Probe | None = connects(container_port, period_s=_PROBE_PERIOD_S)

    @property
    def memory_bytes(self) -> int:
        return self._use.memory_bytes if self._use is not None else 0

    @property
    def last_request_at(self) -> float:
        return self._activity.at

    async def start(self) -> None:
        await self._relay.start()
        await self._process.start()
        self._measuring = self._host.tasks.create_task(self._measure(), name="measures a local function")

    async def serve(self) -> None:
        """It serves when its code does."""

    def limit_memory(self, limit_bytes: int | None) -> None:
        self._limit_bytes = limit_bytes

    def reached_at(self, port: int) -> tuple[str, int]:
        return (_HOST, self._relay.backend_port) if port == self._container_port else (self._relay.ip, port)

    async def stop(self, *, grace_s: float) -> int:
        try:
            code = await self._process.stop(grace_s=grace_s)
        finally:
            if self._measuring is not None:
                self._measuring.cancel()
                await asyncio.wait({self._measuring})
            await self._relay.close(grace_s=min(grace_s, LAST_BYTES_S))
        return code

    async def _measure(self) -> None:
        pid = self._process.pid
        if pid is None:
            return  # it ended before there was anything to measure
        self._use = ProcessUse(pid)
        while self._process.pid is not None:
            self._charge(self._use.measure())
            if self._limit_bytes is not None and self._use.memory_bytes > self._limit_bytes:
                self._host.exited(OUT_OF_MEMORY)
                self._process.kill()
                return
            await asyncio.sleep(_MEASURE_PERIOD_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))  # on all addresses, since that is where the program may listen
        port: int = probe.getsockname()[1]
        return port
