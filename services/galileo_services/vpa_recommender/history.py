"""What the functions' containers have used, from the windows and pods that events tell of.

    telemetry window -> container by its id -> sample, about once a minute -> container's state -> function's aggregate
    pod event -> a kill for want of memory -> the same

A function is known by namespace and name, its containers by their name. Aggregates outlive the pods that filled them,
until nothing was heard for the whole length of the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from galileo_context.pod import Pod
from galileo_schemas.events import ContainerUsage, PodContainer
from galileo_schemas.quantities import cpu_millicores, memory_bytes

from galileo_services.vpa_recommender.aggregate_state import AggregateState, AggregationParameters
from galileo_services.vpa_recommender.container_state import ContainerState
from galileo_services.vpa_recommender.resource_amounts import amount_from_float
from galileo_services.vpa_recommender.usage_sampling import Sample, UsageSampler

OOM_KILLED = "OOMKilled"


class FunctionKey(NamedTuple):
    """A function of a namespace."""

    namespace: str
    fn: str


@dataclass(slots=True)
class _Tracked:
    """A container of a pod, over its restarts."""

    pod: Pod
    name: str
    state: ContainerState
    sampler: UsageSampler
    oom_at_s: float = 0.0

    @property
    def spec(self) -> PodContainer | None:
        return self.pod.specs.get(self.name)


class History:
    """Plain state. Times are unix seconds; `sample_interval_s`: how much time a sample spans."""

    def __init__(self, parameters: AggregationParameters, *, sample_interval_s: float) -> None:
        self._parameters = parameters
        self._sample_interval_s = sample_interval_s
        self._functions: dict[FunctionKey, dict[str, AggregateState]] = {}
        self._tracked: dict[tuple[str, str], _Tracked] = {}
        self.oom_kills = 0

    def note_pod(self, pod: Pod, now: float) -> None:
        """Takes a pod as it is now: its requests, and whether a container was killed for want of memory."""
        if pod.function is None:
            return
        for name, spec in pod.specs.items():
            tracked = self._tracked.get((pod.uid, name))
            if tracked is not None:
                tracked.pod = pod
            termination = spec.last_termination
            if termination is None or termination.reason != OOM_KILLED:
                continue
            tracked = tracked or self._track(pod, name, now)
            if termination.finished_at > tracked.oom_at_s:
                tracked.oom_at_s = termination.finished_at
                request = memory_bytes(spec.resource_requests.get("memory", 0))
                self.oom_kills += tracked.state.record_oom(request, at_s=termination.finished_at)

    def note_usage(self, pod: Pod, name: str, usage: ContainerUsage, *, start_s: float, end_s: float) -> None:
        """Takes a window of one of a pod's containers; pods of no function are none of ours."""
        if pod.function is None:
            return
        tracked = self._tracked.get((pod.uid, name)) or self._track(pod, name, end_s)
        sample = tracked.sampler.add(usage, start_s=start_s, end_s=end_s)
        if sample is not None:
            _add(tracked, sample)

    def forget(self, now: float, is_present: Callable[[Pod], bool]) -> None:
        """Drops the containers whose pod has gone, and the aggregates of which nothing was heard for too long."""
        self._tracked = {key: tracked for key, tracked in self._tracked.items() if is_present(tracked.pod)}
        in_use = {id(tracked.state.aggregate) for tracked in self._tracked.values()}
        dropped: set[int] = set()
        for function, containers in list(self._functions.items()):
            for name, aggregate in list(containers.items()):
                told_nothing = aggregate.samples == 0 and id(aggregate) not in in_use
                if told_nothing or aggregate.is_expired(now):
                    dropped.add(id(containers.pop(name)))
            if not containers:
                del self._functions[function]
        if dropped:  # a container that is heard again begins a new aggregate
            kept = self._tracked.items()
            self._tracked = {key: tracked for key, tracked in kept if id(tracked.state.aggregate) not in dropped}

    def functions(self) -> Iterator[tuple[FunctionKey, Mapping[str, AggregateState]]]:
        """Each function with its aggregates by container name, in the order in which they were first heard of."""
        yield from self._functions.items()

    @property
    def containers(self) -> int:
        """How many containers of pods are known."""
        return len(self._tracked)

    def _track(self, pod: Pod, name: str, now: float) -> _Tracked:
        containers = self._functions.setdefault(FunctionKey(pod.namespace, pod.function or ""), {})
        aggregate = containers.get(name)
        if aggregate is None:
            aggregate = containers[name] = AggregateState(self._parameters, created_s=now)
        state = ContainerState(aggregate, self._parameters)
        tracked = self._tracked[pod.uid, name] = _Tracked(pod, name, state, UsageSampler(self._sample_interval_s))
        return tracked


def _add(tracked: _Tracked, sample: Sample) -> None:
    if sample.cpu_millicores is not None:
        request = tracked.spec.resource_requests.get("cpu", 0) if tracked.spec is not None else 0
        tracked.state.add_cpu_sample(
            amount_from_float(sample.cpu_millicores),
            at_s=sample.at_s,
            request_millicores=int(cpu_millicores(request)),
        )
    if sample.memory_bytes is not None:
        tracked.state.add_memory_sample(amount_from_float(sample.memory_bytes), at_s=sample.at_s)
