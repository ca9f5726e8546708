"""Nodes that say what a test tells them to: logs and measured use without kubelets."""

from collections.abc import AsyncGenerator, Mapping

from galileo_emulation.kubernetes.node_access import LogRequest, LogsUnavailableError, Usage


class ScriptedNodes:
    """Logs by (namespace, pod, container); use as set. `asked` keeps the requests for logs."""

    def __init__(self) -> None:
        self.logs: dict[tuple[str, str, str], list[bytes]] = {}
        self.nodes: dict[str, Usage] = {}
        self.containers: dict[tuple[str, str], dict[str, Usage]] = {}
        self.asked: list[LogRequest] = []

    async def log(self, request: LogRequest) -> AsyncGenerator[bytes, None]:
        self.asked.append(request)
        key = (request.namespace, request.pod, request.container)
        if key not in self.logs:
            raise LogsUnavailableError(f"container {request.container} has written nothing yet")
        lines = self.logs[key]
        for line in lines if request.tail is None else lines[len(lines) - request.tail :]:
            yield line

    def node_usage(self) -> Mapping[str, Usage]:
        return self.nodes

    def container_usage(self) -> Mapping[tuple[str, str], Mapping[str, Usage]]:
        return self.containers


def usage(*, cpu_millicores: float, memory_mib: int) -> Usage:
    """Use as measured at a fixed moment over ten seconds."""
    return Usage(
        cpu_millicores=cpu_millicores,
        memory_bytes=memory_mib * 1024 * 1024,
        measured_at=1_700_000_000.0,
        window_s=10.0,
    )
