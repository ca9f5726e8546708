"""One node's telemetry in the window that is being filled: means of its metrics, and its containers' use.

Counters outlive the window, since a rate needs the last sample of the window before; sums start anew with each.
"""

from __future__ import annotations

from galileo_schemas.events import ContainerUsage, TelemetryWindow
from galileo_schemas.raw.telemetry_sample import TelemetrySample, container_key

from galileo_services.telemetry_ingester.counters import CumulativeCounter, RateOverWindow

CONTAINER_CPU = frozenset({"kubernetes_cgrp_cpu", "docker_cgrp_cpu"})
CONTAINER_MEMORY = frozenset({"kubernetes_cgrp_memory", "docker_cgrp_memory"})
NODE_COUNTERS = frozenset({"psi_cpu", "psi_memory", "psi_io"})
"""Cumulative microseconds of stalled time: told as microseconds per second, a mean of the counts would mean nothing."""

_NANOSECONDS_PER_MILLICORE_SECOND = 1e6


class _Mean:
    __slots__ = ("_count", "_sum")

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, value: float) -> None:
        self._sum += value
        self._count += 1

    @property
    def value(self) -> float:
        return self._sum / self._count


class _ContainerWindow:
    __slots__ = ("cpu", "memory_bytes")

    def __init__(self) -> None:
        self.cpu = RateOverWindow()
        self.memory_bytes: float | None = None

    def usage(self) -> ContainerUsage:
        per_second = self.cpu.per_second
        millicores = None if per_second is None else per_second / _NANOSECONDS_PER_MILLICORE_SECOND
        return ContainerUsage(cpu_millicores=millicores, memory_bytes=self.memory_bytes)


class NodeWindow:
    """Takes one node's samples; `take` hands out the window and starts the next."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._counters: dict[tuple[str, str], CumulativeCounter] = {}
        self._heard: dict[str, float] = {}
        self._start_anew()

    def add(self, sample: TelemetrySample, ts: float, received: float) -> None:
        """Counts a sample in at `ts` (unix seconds), its own time or a better one."""
        if sample.metric in CONTAINER_CPU or sample.metric in CONTAINER_MEMORY:
            if sample.subsystem:
                self._add_container(sample, ts, received)
            return
        if "_cgrp_" in sample.metric:
            return  # containers' disk and network: recorded, but no decision looks at them
        name = f"{sample.metric}/{sample.subsystem}" if sample.subsystem else sample.metric
        if sample.metric in NODE_COUNTERS:
            self._advance(name, "", ts, sample.value, self._rates.setdefault(name, RateOverWindow()))
        else:
            self._means.setdefault(name, _Mean()).add(sample.value)

    def take(self, start: float, end: float) -> TelemetryWindow | None:
        """The window between `start` and `end`, None when nothing was heard; the next one starts empty."""
        metrics = {name: mean.value for name, mean in self._means.items()}
        metrics.update({name: rate.per_second for name, rate in self._rates.items() if rate.per_second is not None})
        containers = {key: container.usage() for key, container in self._containers.items()}
        self._start_anew()
        if not metrics and not containers:
            return None
        return TelemetryWindow(node=self._node, start=start, end=end, metrics=metrics, containers=containers)

    def forget_silent(self, heard_before: float) -> None:
        """Drops containers that were last heard of before a receive time."""
        gone = {key for key, heard in self._heard.items() if heard < heard_before}
        for key in gone:
            del self._heard[key]
        if gone:
            self._counters = {name: counter for name, counter in self._counters.items() if name[1] not in gone}

    @property
    def containers(self) -> frozenset[str]:
        """The containers that are remembered, by 12-digit id."""
        return frozenset(self._heard)

    def _start_anew(self) -> None:
        self._means: dict[str, _Mean] = {}
        self._rates: dict[str, RateOverWindow] = {}
        self._containers: dict[str, _ContainerWindow] = {}

    def _add_container(self, sample: TelemetrySample, ts: float, received: float) -> None:
        key = container_key(sample.subsystem)
        self._heard[key] = received
        container = self._containers.setdefault(key, _ContainerWindow())
        if sample.metric in CONTAINER_CPU:
            self._advance(sample.metric, key, ts, sample.value, container.cpu)
        else:
            container.memory_bytes = max(sample.value, container.memory_bytes or 0.0)

    def _advance(self, metric: str, key: str, ts: float, value: float, rate: RateOverWindow) -> None:
        counter = self._counters.get((metric, key))
        if counter is None:
            self._counters[metric, key] = CumulativeCounter(ts, value)
        else:
            rate.add(counter.advance(ts, value))
