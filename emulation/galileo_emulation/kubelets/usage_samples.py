"""What nodes and containers used over the last seconds, from samples of their counters: what metrics are made of.

    node runtimes -> a sample a second -> use over the window, when somebody asks

CPU use is the difference of two counters over the time between; memory is what is in use at the last sample.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from galileo_emulation.kubelets.node_runtime import ContainerName, NodeRuntime
from galileo_emulation.kubernetes.node_access import Usage

SAMPLE_PERIOD_S = 1.0
NODE = ""
"""The key of a node's own counter among those of its containers."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A counter at a time of the loop's clock."""

    at: float
    cpu_s: float
    memory_bytes: int


@dataclass(slots=True)
class UsageWindow:
    """The samples of one counter that lie within `window_s`."""

    window_s: float
    samples: deque[Sample] = field(default_factory=deque)

    def add(self, sample: Sample) -> None:
        """Take the newest sample; those that the window has left behind go."""
        self.samples.append(sample)
        while len(self.samples) > 2 and sample.at - self.samples[1].at >= self.window_s:
            self.samples.popleft()

    def usage(self, *, now: float, unix_s: float) -> Usage | None:
        """The use over the window, `now` being the loop's time; None until there are two samples."""
        if len(self.samples) < 2:
            return None
        first, last = self.samples[0], self.samples[-1]
        elapsed_s = last.at - first.at
        return Usage(
            cpu_millicores=(last.cpu_s - first.cpu_s) / elapsed_s * 1000.0,
            memory_bytes=last.memory_bytes,
            measured_at=unix_s - (now - last.at),
            window_s=elapsed_s,
        )


class UsageSamples:
    """The windows of all nodes and of the containers that run on them."""

    def __init__(self, nodes: Mapping[str, NodeRuntime], *, window_s: float) -> None:
        self._nodes = nodes
        self._window_s = window_s
        self._windows: dict[str, dict[str, UsageWindow]] = {name: {} for name in nodes}

    def sample(self, at: float) -> None:
        """Read all counters; `at` is the loop's time. What no longer runs is forgotten."""
        for name, node in self._nodes.items():
            known = self._windows[name]
            if not node.alive:
                known.clear()
                continue
            used = Sample(at, node.cpu.total_used_cpu_s(), node.used_memory_bytes())
            now = {NODE: self._added(known, NODE, used)}
            for container_id, container in node.containers.items():
                sample = Sample(at, node.cpu.used_cpu_s(container_id), container.memory_bytes)
                now[container_id] = self._added(known, container_id, sample)
            self._windows[name] = now

    def of_nodes(self, *, now: float, unix_s: float) -> dict[str, Usage]:
        """Use by node, of the nodes that are alive."""
        found = {
            name: windows[NODE].usage(now=now, unix_s=unix_s)
            for name, windows in self._windows.items()
            if NODE in windows
        }
        return {name: usage for name, usage in found.items() if usage is not None and self._nodes[name].alive}

    def of_containers(self, *, now: float, unix_s: float) -> dict[ContainerName, Usage]:
        """Use by container, of those that run."""
        found: dict[ContainerName, Usage] = {}
        for name, windows in self._windows.items():
            for container_id, called in self._nodes[name].names.items():
                usage = windows[container_id].usage(now=now, unix_s=unix_s) if container_id in windows else None
                if usage is not None:
                    found[called] = usage
        return found

    def _added(self, known: Mapping[str, UsageWindow], key: str, sample: Sample) -> UsageWindow:
        window = known.get(key) or UsageWindow(self._window_s)
        window.add(sample)
        return window
