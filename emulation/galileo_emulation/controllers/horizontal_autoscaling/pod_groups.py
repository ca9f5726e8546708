"""Which of a target's pods count when its replicas are computed: ready, not ready yet, not measured, or not at all.

Source: the Kubernetes documentation on horizontal pod autoscaling, "Algorithm details". A pod that starts uses more
CPU than it will later, so that its use of CPU does not count before it is ready, nor, while it is young, before a
whole window was measured since it became ready.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from galileo_emulation.controllers.conditions import condition
from galileo_emulation.controllers.horizontal_autoscaling.pod_measurements import Measurement
from galileo_emulation.controllers.pod_facts import is_leaving, phase
from galileo_emulation.kubernetes.apiobjects import JsonObject, unix_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Warming:
    """For how many seconds after its start a pod is young, and within how many it counts as never having been ready."""

    cpu_initialization_s: float = 300.0
    readiness_delay_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """How many pods count, and the names of those that do not: not ready, not measured, ended or ending."""

    ready: int
    unready: frozenset[str]
    missing: frozenset[str]
    ignored: frozenset[str]


def grouped(
    pods: Iterable[JsonObject], measured: Mapping[str, Measurement], resource: str, warming: Warming, now: float
) -> Groups:
    """The pods by how they count at `now` (Unix seconds)."""
    ready = 0
    unready, missing, ignored = set[str](), set[str](), set[str]()
    for pod in pods:
        name = pod["metadata"]["name"]
        if is_leaving(pod) or phase(pod) == "Failed":
            ignored.add(name)
        elif phase(pod) == "Pending":
            unready.add(name)
        elif name not in measured:
            missing.add(name)
        elif resource == "cpu" and _is_unready(pod, measured[name], warming, now):
            unready.add(name)
        else:
            ready += 1
    return Groups(ready=ready, unready=frozenset(unready), missing=frozenset(missing), ignored=frozenset(ignored))


def _is_unready(pod: JsonObject, measurement: Measurement, warming: Warming, now: float) -> bool:
    found, started = condition(pod, "Ready"), pod["status"].get("startTime")
    if found is None or started is None:
        return True
    started_at, changed_at = unix_seconds(started), unix_seconds(found["lastTransitionTime"])
    is_ready = found["status"] != "False"
    if started_at + warming.cpu_initialization_s > now:
        return not is_ready or measurement.at < changed_at + measurement.window_s
    return not is_ready and started_at + warming.readiness_delay_s > changed_at
