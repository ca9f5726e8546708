"""What containers used over time, from telemetry windows; and what they ran with, from the pods' events.

telemetry_window ── container id (12 digits) ─┐
pod/running ── containers, labels, node ──────┴─ by function, container name and zone, in bins of time
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from galileo_schemas import labels
from galileo_schemas.events import PodContainer, PodRunning, PodState
from galileo_schemas.quantities import cpu_millicores, memory_bytes

from galileo_experiments.recorded_run import RecordedRun, node_zones, zone_of_pod
from galileo_experiments.replicas import is_replica
from galileo_experiments.report_resources import ContainerRequestRow, UsageRow
from galileo_experiments.time_bins import bin_width_s

_ID_DIGITS = 12


class ContainerHome(NamedTuple):
    """Whose container it is."""

    fn: str
    container: str
    zone: str
    pod: str


class UsagePoint(NamedTuple):
    """One container in one window, at its middle; None where the window tells nothing."""

    t_s: float
    home: ContainerHome
    cpu_millicores: float | None
    memory_bytes: float | None


def container_homes(run: RecordedRun) -> dict[str, ContainerHome]:
    """By the first 12 digits of its id, every container of a function's pod that ever ran."""
    zones = node_zones(run.scenario, run.log)
    homes: dict[str, ContainerHome] = {}
    for said in run.log.pods:
        pod = said.event
        if not is_replica(pod):
            continue
        for name, container in pod.containers.items():
            digits = container.id.rpartition("/")[2][:_ID_DIGITS]
            if digits:
                fn = pod.labels[labels.FUNCTION]
                homes[digits] = ContainerHome(fn, name, zone_of_pod(pod, zones), pod.name)
    return homes


def usage_points(run: RecordedRun) -> list[UsagePoint]:
    """All that the windows tell of functions' containers while the load ran, by time."""
    homes = container_homes(run)
    points = []
    for said in run.log.usage:
        window = said.event
        t_s = (window.start + window.end) / 2 - run.facts.start
        if not 0 <= t_s <= run.facts.end - run.facts.start:
            continue
        for digits, usage in window.containers.items():
            home = homes.get(digits[:_ID_DIGITS])
            if home is not None:
                points.append(UsagePoint(t_s, home, usage.cpu_millicores, usage.memory_bytes))
    return points


@dataclass(slots=True)
class _Bin:
    pods: set[str] = field(default_factory=set)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def usage_rows(run: RecordedRun, points: Iterable[UsagePoint]) -> list[UsageRow]:
    """The points in bins of a second or more, so that a long run has no more rows than a short one."""
    width_s = bin_width_s(run.facts.end - run.facts.start)
    bins: dict[tuple[str, str, str, int], _Bin] = defaultdict(_Bin)
    for point in points:
        fn, container, zone, pod = point.home
        found = bins[fn, container, zone, int(point.t_s // width_s)]
        found.pods.add(pod)
        if point.cpu_millicores is not None:
            found.cpu.append(point.cpu_millicores)
        if point.memory_bytes is not None:
            found.memory.append(point.memory_bytes)
    return [
        UsageRow(
            t_s=round((index + 0.5) * width_s, 3),
            fn=fn,
            container=container,
            zone=zone,
            pods=len(found.pods),
            cpu_millicores=_mean(found.cpu),
            cpu_millicores_max=max(found.cpu, default=None),
            memory_bytes=_mean(found.memory),
            memory_bytes_max=max(found.memory, default=None),
        )
        for (fn, container, zone, index), found in sorted(bins.items())
    ]


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None


def container_request_rows(run: RecordedRun) -> list[ContainerRequestRow]:
    """What functions' containers ran with, from each pod's first `pod/running` to its end; a row a change.

    What a kubelet says that a container runs with wins over what was asked for, which may still be under way.
    """
    rows: list[ContainerRequestRow] = []
    present: dict[tuple[str, str], ContainerRequestRow] = {}
    for said in run.log.pods:
        pod = said.event
        t_s = round(said.ts - run.facts.start, 3)
        if not is_replica(pod) or said.ts > run.facts.end:
            continue
        runs = isinstance(pod, PodRunning) and not pod.deletion_timestamp
        for name, container in pod.containers.items() if runs else ():
            row, known = _request_row(t_s, pod, container), present.get((pod.pod_uid, name))
            if known is not None and _same_requests(known, row):
                continue
            if known is not None:
                known.until_s = t_s
            present[pod.pod_uid, name] = row
            rows.append(row)
        if not runs:
            for key in [key for key in present if key[0] == pod.pod_uid]:
                present.pop(key).until_s = t_s
    return [row for row in rows if row.until_s is None or row.until_s > 0]


def _request_row(t_s: float, pod: PodState, container: PodContainer) -> ContainerRequestRow:
    requests = container.actual_requests or container.resource_requests
    return ContainerRequestRow(
        t_s=t_s,
        until_s=None,
        pod=pod.name,
        fn=pod.labels[labels.FUNCTION],
        container=container.name,
        cpu_millicores=_amount(requests, "cpu", cpu_millicores),
        memory_bytes=_amount(requests, "memory", memory_bytes),
    )


def _amount(requests: Mapping[str, str], resource: str, read: Callable[[str], float]) -> float | None:
    """None for what is not requested, and for what no quantity can be read from."""
    text = requests.get(resource)
    try:
        return None if text is None else float(read(text))
    except ValueError:
        return None


def _same_requests(one: ContainerRequestRow, other: ContainerRequestRow) -> bool:
    return (one.cpu_millicores, one.memory_bytes) == (other.cpu_millicores, other.memory_bytes)
