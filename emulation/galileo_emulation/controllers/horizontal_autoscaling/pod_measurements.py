"""What of metrics.k8s.io an autoscaler reads: each pod's use of one resource, and what the pod asked for.

PodMetrics -> pod_use -> {pod: Measurement}; pods -> requests -> {pod: milli-units}

Amounts are whole thousandths (millicores, thousandths of a byte), rounded up, as Kubernetes' own autoscaler counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from galileo_emulation.kubernetes.apiobjects import JsonObject, unix_seconds
from galileo_emulation.kubernetes.types.quantities import value


class NoMeasurementError(Exception):
    """A measurement cannot be had or used; the message says why, in the words of Kubernetes' autoscaler."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A pod's use, in thousandths, over the `window_s` seconds before `at` (Unix seconds)."""

    milli: int
    at: float
    window_s: float


def milli(quantity: str | float) -> int:
    """A quantity in thousandths, rounded up."""
    return math.ceil(value(quantity) * 1000)


def pod_use(metrics: Iterable[JsonObject], resource: str, container: str = "") -> dict[str, Measurement]:
    """Each pod's use of a resource, or that of its `container`, by the pod's name. Pods that do not tell are left out.

    Raises NoMeasurementError where a pod has no container of that name.
    """
    found: dict[str, Measurement] = {}
    for item in metrics:
        name = item["metadata"]["name"]
        uses = [one["usage"] for one in item["containers"] if container in ("", one["name"])]
        if container and not uses:
            where = f"{item['metadata']['namespace']}/{name}"
            message = f"container {container} not present in metrics for pod {where}"
            raise NoMeasurementError(f"failed to get container metrics: {message}")
        if uses and all(resource in use for use in uses):
            total = sum(milli(use[resource]) for use in uses)
            found[name] = Measurement(total, unix_seconds(item["timestamp"]), float(item["window"].removesuffix("s")))
    return found


def requests(pods: Iterable[JsonObject], resource: str, container: str = "") -> dict[str, int]:
    """What each pod, or its `container`, asked for, by the pod's name. Raises NoMeasurementError where one did not."""
    return {pod["metadata"]["name"]: _request(pod, resource, container) for pod in pods}


def _request(pod: JsonObject, resource: str, container: str) -> int:
    name, spec = pod["metadata"]["name"], pod["spec"]
    of_pod = (spec.get("resources") or {}).get("requests")
    if of_pod and not container:
        if resource not in of_pod:
            raise NoMeasurementError(f"missing pod-level request for {resource} in Pod {name}")
        return milli(of_pod[resource])
    sidecars = [one for one in spec.get("initContainers", ()) if one.get("restartPolicy") == "Always"]
    chosen = [one for one in (*spec["containers"], *sidecars) if container in ("", one["name"])]
    if not chosen:
        raise NoMeasurementError(f"container {container} not found in Pod {name}")
    total = 0
    for one in chosen:
        asked = (one.get("resources") or {}).get("requests") or {}
        if resource not in asked:
            raise NoMeasurementError(f"missing request for {resource} in container {one['name']} of Pod {name}")
        total += milli(asked[resource])
    return total
