"""What telemd would publish for each emulated node: load and memory of the node and of its containers.

    node runtimes -> one sample a period -> publish(channel, payload)

Channels and payloads are those of telemd (`galileo_schemas.raw.telemetry_sample`). Container counters are cumulative
nanoseconds of this node's CPU time and bytes in use. What an emulated node does not have is not made up: no disk, no
sensor, no network device that counts.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping

from galileo_schemas.frame import FrameError
from galileo_schemas.raw.node_info import NodeInfo, parse_command
from galileo_schemas.raw.telemetry_sample import format_sample, sample_channel

from galileo_emulation.kubelets.node_runtime import NodeRuntime

log = logging.getLogger(__name__)

Publish = Callable[[str, bytes], None]
SetInfo = Callable[[str, dict[str, str]], None]

LOAD1_S = 60.0
LOAD5_S = 300.0
REFERENCE_CORE_KHZ = 1_000_000
"""The clock frequency that is told of a core of speed 1."""

_NETWORK_MBPS = 1000


def damped_load(load: float, *, jobs: int, elapsed_s: float, over_s: float = LOAD1_S) -> float:
    """A load average after `elapsed_s` more seconds with `jobs` running (exponential, as in Linux)."""
    kept = math.exp(-elapsed_s / over_s)
    return load * kept + jobs * (1.0 - kept)


class Telemetry:
    """Samples the nodes every `period_s` and publishes. `now` is unix time in seconds."""

    def __init__(
        self,
        nodes: Mapping[str, NodeRuntime],
        *,
        publish: Publish,
        set_info: SetInfo,
        period_s: float,
        now: Callable[[], float],
    ) -> None:
        self._nodes = nodes
        self._publish = publish
        self._set_info = set_info
        self._period_s = period_s
        self._now = now
        self._booted_at = dict.fromkeys(nodes, int(now()))
        self._meters: dict[str, _NodeMeter] = {}
        self._paused: set[str] = set()
        self._down: set[str] = set()
        self.unknown_commands = 0

    async def run(self) -> None:
        """Say what the nodes are, then publish until cancelled. A late sample does not delay the following ones."""
        loop = asyncio.get_running_loop()
        for name in self._nodes:
            self.say_info(name)
            self._meters[name] = _NodeMeter(name, self._nodes[name], loop.time())
        due = loop.time()
        while True:
            due = max(due + self._period_s, loop.time())
            await asyncio.sleep(due - loop.time())
            self._sample_all(loop.time())

    def command(self, node: str, text: str) -> None:
        """Obey what came on `telemcmd/<node>`: pause, unpause or info. A node that is down hears nothing."""
        if node not in self._nodes:
            self._refuse(f"telemetry command {text!r}: no node {node!r}; there are {', '.join(sorted(self._nodes))}")
            return
        try:
            command = parse_command(text.encode())
        except FrameError as error:
            self._refuse(f"telemetry command for node {node!r}: {error}")
            return
        if not self._nodes[node].alive:
            return
        match command:
            case "pause":
                self._paused.add(node)
            case "unpause":
                self._paused.discard(node)
            case "info":
                self.say_info(node)

    def say_info(self, name: str) -> None:
        """Set what `telemd.info:<node>` holds."""
        spec = self._nodes[name].spec
        if name in self._down and self._nodes[name].alive:
            self._note_boot(name)
        info = NodeInfo(
            arch=spec.architecture,
            boot=self._booted_at[name],
            hostname=name,
            ram=spec.memory_bytes // 1024,
            cpus=math.ceil(spec.cores),
            disk=("sda",),
            net=("eth0",),
            netspeed=str(_NETWORK_MBPS),
        )
        self._set_info(name, info.fields())

    def _refuse(self, line: str) -> None:
        self.unknown_commands += 1
        log.warning("%s", line)

    def _note_boot(self, name: str) -> None:
        """A node came back: its agent started anew with it, and so is not paused."""
        self._down.discard(name)
        self._paused.discard(name)
        self._booted_at[name] = int(self._now())

    def _sample_all(self, at: float) -> None:
        for name, meter in self._meters.items():
            meter.advance(at)  # also of a node that says nothing, so that it begins anew afterwards
            if not self._nodes[name].alive:
                self._down.add(name)
                continue
            if name in self._down:
                self._note_boot(name)
            if name not in self._paused:
                self._publish_node(name, meter)

    def _publish_node(self, name: str, meter: _NodeMeter) -> None:
        node, unix_s = self._nodes[name], self._now()
        for channel, value in zip(meter.channels, meter.values(), strict=True):
            self._publish(channel, format_sample(unix_s, value))
        for container_id, container in node.containers.items():
            used_ns = round(node.cpu.used_cpu_s(container_id) * 1e9)
            self._publish(sample_channel(name, "kubernetes_cgrp_cpu", container_id), format_sample(unix_s, used_ns))
            memory = format_sample(unix_s, container.memory_bytes)
            self._publish(sample_channel(name, "kubernetes_cgrp_memory", container_id), memory)


class _NodeMeter:
    """What changed on a node since the last sample; `at` is the event loop's time."""

    METRICS = ("cpu", "ram", "load1", "load5", "procs", "freq", "psi_cpu/some")

    def __init__(self, name: str, node: NodeRuntime, at: float) -> None:
        self.channels = [sample_channel(name, metric) for metric in self.METRICS]
        self._node = node
        self._at = at
        self._used_cpu_s = node.cpu.total_used_cpu_s()
        self._frequency_khz = node.spec.cores * node.spec.speed * REFERENCE_CORE_KHZ
        self._busy_percent = 0.0
        self._load1 = 0.0
        self._load5 = 0.0
        self._waited_s = 0.0

    def advance(self, at: float) -> None:
        """Go on to `at`."""
        node, elapsed_s = self._node, at - self._at
        used_cpu_s, jobs = node.cpu.total_used_cpu_s(), node.cpu.jobs
        busy_s = used_cpu_s - self._used_cpu_s
        self._at, self._used_cpu_s = at, used_cpu_s
        self._busy_percent = min(100.0, 100.0 * busy_s / (node.spec.cores * elapsed_s)) if elapsed_s > 0.0 else 0.0
        self._load1 = damped_load(self._load1, jobs=jobs, elapsed_s=elapsed_s)
        self._load5 = damped_load(self._load5, jobs=jobs, elapsed_s=elapsed_s, over_s=LOAD5_S)
        if jobs > node.spec.cores:  # as of this moment, like the load averages
            self._waited_s += elapsed_s

    def values(self) -> tuple[float, ...]:
        """In the order of `METRICS`: percent, kB, jobs, jobs, jobs, kHz, microseconds so far."""
        return (
            self._busy_percent,
            self._node.used_memory_bytes() / 1024,
            self._load1,
            self._load5,
            float(self._node.cpu.jobs),
            self._frequency_khz,
            self._waited_s * 1e6,
        )
