"""What the API server asks of the nodes: container logs and measured use, as a real one asks its kubelets.

The server knows no kubelet; whoever runs them hands this interface in. Without it, logs and metrics are answered with
503, as when no node can be reached.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol


class LogsUnavailableError(LookupError):
    """There is no such container, or it has written nothing yet; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """Which lines of a container's log. `tail` None: all that are kept. `since_s` None: however old."""

    namespace: str
    pod: str
    container: str
    previous: bool = False
    follow: bool = False
    timestamps: bool = False
    tail: int | None = None
    since_s: float | None = None
    limit_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Measured use between `measured_at - window_s` and `measured_at` (unix seconds)."""

    cpu_millicores: float
    memory_bytes: int
    measured_at: float
    window_s: float


class NodeAccess(Protocol):
    """The nodes' side of logs and metrics."""

    def log(self, request: LogRequest) -> AsyncGenerator[bytes, None]:
        """The log in pieces of whole lines, endless when followed. Raises LogsUnavailableError at the first step."""

    def node_usage(self) -> Mapping[str, Usage]:
        """Use by node name, of the nodes that report."""

    def container_usage(self) -> Mapping[tuple[str, str], Mapping[str, Usage]]:
        """Use by (namespace, pod name), then container name, of the containers that run."""
