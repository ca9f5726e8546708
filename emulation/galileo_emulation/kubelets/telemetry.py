"""What telemd would publish for each emulated node: load and memory of the node and of its containers.

    node runtimes -> one sample a period -> publish(channel, payload)

Channels and payloads are those of telemd: `telem/<node>/<metric>[/<container id>]`, `<unix time> <value>`; the fraction
of the time has nine digits with leading zeros, the value six. Container counters are cumulative nanoseconds of this
node's CPU time and bytes in use.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping

from galileo_emulation.kubelets.node_runtime import NodeRuntime

log = logging.getLogger(__name__)

Publish = Callable[[str, bytes], None]
SetInfo = Callable[[str, dict[str, str]], None]

_LOAD1_S = 60.0
_NETWORK_MBPS = 1000


def payload(unix_s: float, value: float) -> bytes:
    """A telemetry message, `<unix time> <value>`."""
    return b"%.9f %f" % (unix_s, value)


def damped_load(load: float, *, jobs: int, elapsed_s: float) -> float:
    """The one-minute load average after `elapsed_s` more seconds with `jobs` running (exponential, as in Linux)."""
    kept = math.exp(-elapsed_s / _LOAD1_S)
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
        self._booted_at = int(now())
        self._meters: dict[str, _NodeMeter] = {}
        self._paused: set[str] = set()
        self.unknown_commands = 0

    async def run(self) -> None:
        """Say what the nodes are, then publish until cancelled. A late sample does not delay the following ones."""
        loop = asyncio.get_running_loop()
        for name in self._nodes:
            self.say_info(name)
            self._meters[name] = _NodeMeter(self._nodes[name], loop.time())
        due = loop.time()
        while True:
            due = max(due + self._period_s, loop.time())
            await asyncio.sleep(due - loop.time())
            self._sample_all(loop.time())

    def command(self, node: str, text: str) -> None:
        """Obey what came on `telemcmd/<node>`: pause, unpause or info."""
        match text.strip():
            case "pause" if node in self._nodes:
                self._paused.add(node)
            case "unpause" if node in self._nodes:
                self._paused.discard(node)
            case "info" if node in self._nodes:
                if self._nodes[node].alive:
                    self.say_info(node)
            case _:
                self.unknown_commands += 1
                log.warning(
                    "telemetry command %r for node %r: expected pause, unpause or info for one of %s",
                    text,
                    node,
                    ", ".join(sorted(self._nodes)),
                )

    def say_info(self, name: str) -> None:
        """Set what `telemd.info:<node>` holds."""
        spec = self._nodes[name].spec
        self._set_info(
            name,
            {
                "arch": spec.architecture,
                "boot": str(self._booted_at),
                "hostname": name,
                "ram": str(spec.memory_bytes // 1024),
                "cpus": str(math.ceil(spec.cores)),
                "disk": "sda",
                "net": "eth0",
                "netspeed": str(_NETWORK_MBPS),
            },
        )

    def _sample_all(self, at: float) -> None:
        for name, meter in self._meters.items():
            busy_percent = meter.advance(at)  # also of a node that says nothing, so that it begins anew afterwards
            if self._nodes[name].alive and name not in self._paused:
                self._publish_node(name, busy_percent, meter.load1)

    def _publish_node(self, name: str, busy_percent: float, load1: float) -> None:
        node, unix_s = self._nodes[name], self._now()
        prefix = f"telem/{name}/"
        self._publish(f"{prefix}cpu", payload(unix_s, busy_percent))
        self._publish(f"{prefix}ram", payload(unix_s, node.used_memory_bytes() / 1024))
        self._publish(f"{prefix}load1", payload(unix_s, load1))
        for container_id, container in node.containers.items():
            used_ns = round(node.cpu.used_cpu_s(container_id) * 1e9)
            self._publish(f"{prefix}kubernetes_cgrp_cpu/{container_id}", payload(unix_s, used_ns))
            self._publish(f"{prefix}kubernetes_cgrp_memory/{container_id}", payload(unix_s, container.memory_bytes))


class _NodeMeter:
    """What changed on a node since the last sample; `at` is the event loop's time."""

    def __init__(self, node: NodeRuntime, at: float) -> None:
        self._node = node
        self._at = at
        self._used_cpu_s = node.cpu.total_used_cpu_s()
        self.load1 = 0.0

    def advance(self, at: float) -> float:
        """Go on to `at`; the answer is how busy the cores were since the last time, in percent."""
        elapsed_s = at - self._at
        used_cpu_s = self._node.cpu.total_used_cpu_s()
        busy_s = used_cpu_s - self._used_cpu_s
        self._at, self._used_cpu_s = at, used_cpu_s
        self.load1 = damped_load(self.load1, jobs=self._node.cpu.jobs, elapsed_s=elapsed_s)
        return min(100.0, 100.0 * busy_s / (self._node.spec.cores * elapsed_s)) if elapsed_s > 0.0 else 0.0
