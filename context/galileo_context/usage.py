"""How much CPU containers and nodes have used of late, from telemetry windows kept for `keep_s`."""

from __future__ import annotations

from collections.abc import Iterable

from galileo_schemas.events import TelemetryWindow

from galileo_context.window import Window

CPU_METRIC = "cpu"


class Usage:
    """Telemetry windows by node. Every mean weighs a window by its length."""

    def __init__(self, *, keep_s: float) -> None:
        self._keep_s = keep_s
        self._by_node: dict[str, Window[TelemetryWindow]] = {}
        self._node_of_container: dict[str, str] = {}
        self._latest = float("-inf")
        self._swept_at = float("-inf")

    def note(self, event: TelemetryWindow) -> None:
        """Takes a window; the same one twice, or one older than what is kept, changes nothing."""
        self._latest = max(self._latest, event.end)
        if event.end <= self._latest - self._keep_s:
            return
        window = self._by_node.setdefault(event.node, Window())
        if window.add(event.end, (event.start,), event):
            for container in event.containers:
                self._node_of_container[container] = event.node
        self._drop(event.node)
        if self._latest - self._swept_at > self._keep_s:
            self._swept_at = self._latest
            for node in list(self._by_node):
                self._drop(node)

    def container_cpu_millicores(self, container: str, now: float, lookback_s: float) -> float | None:
        """Mean CPU of a container (12-digit id) over the lookback, in thousandths of a core; None without data."""
        node = self._node_of_container.get(container)
        if node is None:
            return None
        return _mean(
            (use.cpu_millicores, window)
            for window in self._by_node[node].between(now - lookback_s, now)
            if (use := window.containers.get(container)) is not None
        )

    def node_cpu_percent(self, node: str, now: float, lookback_s: float) -> float | None:
        """Mean CPU of a node over the lookback, in percent of all its cores; None without data."""
        windows = self._by_node.get(node)
        if windows is None:
            return None
        return _mean((window.metrics.get(CPU_METRIC), window) for window in windows.between(now - lookback_s, now))

    def _drop(self, node: str) -> None:
        window = self._by_node[node]
        dropped = window.drop_until(self._latest - self._keep_s)
        if not dropped:
            return
        kept = {container for event in window.between(float("-inf"), float("inf")) for container in event.containers}
        for event in dropped:
            for container in event.containers.keys() - kept:
                if self._node_of_container.get(container) == node:
                    del self._node_of_container[container]
        if window.newest_end is None:
            del self._by_node[node]


def _mean(samples: Iterable[tuple[float | None, TelemetryWindow]]) -> float | None:
    weighted = total_s = 0.0
    for value, window in samples:
        if value is not None:
            # A window without length still tells something; it must only not outweigh the others.
            length_s = max(window.end - window.start, 1e-3)
            weighted += value * length_s
            total_s += length_s
    return weighted / total_s if total_s else None
