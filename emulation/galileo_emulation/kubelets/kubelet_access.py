"""What the API server asks of the kubelets: logs and measured use, as `NodeAccess` has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

from galileo_emulation.functions.container_log import ContainerLog
from galileo_emulation.kubelets.bound_pod import BoundPod
from galileo_emulation.kubelets.external_use import ExternalUse
from galileo_emulation.kubelets.kubelet_fleet import KubeletFleet
from galileo_emulation.kubelets.pod_record import PodRecord
from galileo_emulation.kubelets.usage_samples import SAMPLE_PERIOD_S, UsageSamples
from galileo_emulation.kubernetes.node_access import LogRequest, LogsUnavailableError, Usage


class KubeletAccess:
    """Answers for all nodes; `now` is unix time in seconds. `run` takes the samples that use is computed from."""

    def __init__(
        self, fleet: KubeletFleet, samples: UsageSamples, external: ExternalUse, *, now: Callable[[], float]
    ) -> None:
        self._fleet = fleet
        self._samples = samples
        self._external = external
        self._now = now
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Sample until cancelled. A late sample does not delay the following ones."""
        due = self._loop.time()
        while True:
            self._external.measure()
            self._samples.sample(self._loop.time())
            due = max(due + SAMPLE_PERIOD_S, self._loop.time())
            await asyncio.sleep(due - self._loop.time())

    def node_usage(self) -> dict[str, Usage]:
        """Use by node name, of the nodes that are alive."""
        return self._samples.of_nodes(now=self._loop.time(), unix_s=self._now())

    def container_usage(self) -> dict[tuple[str, str], dict[str, Usage]]:
        """Use by (namespace, pod name), then container name, of the containers that run."""
        found: dict[tuple[str, str], dict[str, Usage]] = {}
        for name, usage in self._samples.of_containers(now=self._loop.time(), unix_s=self._now()).items():
            found.setdefault((name.namespace, name.pod), {})[name.container] = usage
        return found

    async def log(self, request: LogRequest) -> AsyncGenerator[bytes, None]:
        """The log in pieces of whole lines; a followed one ends with its container."""
        log = self._find(request)
        since_unix_s = None if request.since_s is None else self._now() - request.since_s
        left = request.limit_bytes
        async with aclosing(_pieces(log, request, since_unix_s)) as pieces:
            async for lines in pieces:
                piece = b"".join(lines)
                if left is not None:
                    piece = piece[:left]
                    left -= len(piece)
                if piece:
                    yield piece
                if left == 0:
                    return

    def _find(self, request: LogRequest) -> ContainerLog:
        found = self._fleet.find(request.namespace, request.pod)
        if found is None:
            raise LogsUnavailableError(f"pod {request.pod} in namespace {request.namespace} is on none of the nodes")
        pod, record = found
        if not self._fleet.node(pod.node).alive:
            raise LogsUnavailableError(f"the kubelet of node {pod.node} does not answer")
        return _log_of(pod, record, request)


def _log_of(pod: BoundPod, record: PodRecord, request: LogRequest) -> ContainerLog:
    name = request.container
    if name not in [need.name for need in (*pod.init_containers, *pod.containers)]:
        raise LogsUnavailableError(f"container {name} is not valid for pod {pod.name}")
    known = record.of(name)
    if request.previous:
        if known.previous_log is None:
            raise LogsUnavailableError(f'previous terminated container "{name}" in pod "{pod.name}" not found')
        return known.previous_log
    if known.log is None:
        raise LogsUnavailableError(f'container "{name}" in pod "{pod.name}" is waiting to start')
    return known.log


async def _pieces(
    log: ContainerLog, request: LogRequest, since_unix_s: float | None
) -> AsyncGenerator[Iterable[bytes], None]:
    if not request.follow:
        yield log.lines(tail=request.tail, since_unix_s=since_unix_s, timestamps=request.timestamps)
        return
    following = log.follow(tail=request.tail, since_unix_s=since_unix_s, timestamps=request.timestamps)
    async with aclosing(following) as news:
        async for lines in news:
            yield lines
