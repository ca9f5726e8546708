"""Whose use counts: pods that start, that were never ready, that are ending, and that are not measured."""

from typing import Any

import pytest
from galileo_emulation.controllers.horizontal_autoscaling.pod_groups import Warming, grouped
from galileo_emulation.controllers.horizontal_autoscaling.pod_measurements import (
    Measurement,
    NoMeasurementError,
    pod_use,
    requests,
)
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp

NOW = 10_000.0
WARMING = Warming(cpu_initialization_s=300, readiness_delay_s=30)


def pod(*, age_s: float, ready: bool, since_s: float, phase: str = "Running") -> JsonObject:
    """A pod that started `age_s` ago and is ready, or not, since `since_s` ago."""
    changed = timestamp(NOW - since_s)
    condition = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": changed}
    status = {"phase": phase, "startTime": timestamp(NOW - age_s), "conditions": [condition]}
    return {"metadata": {"name": "web"}, "status": status}


def group(body: JsonObject, *, measured_s: float = 5.0, resource: str = "cpu") -> str:
    """Where the pod is counted when its last measurement, over ten seconds, is `measured_s` old."""
    measured = {"web": Measurement(100, NOW - measured_s, 10.0)}
    found = grouped([body], measured, resource, WARMING, NOW)
    return "ready" if found.ready else next(name for name in ("unready", "missing", "ignored") if getattr(found, name))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (pod(age_s=400, ready=True, since_s=390), "ready"),
        (pod(age_s=60, ready=True, since_s=16), "ready"),
        (pod(age_s=60, ready=True, since_s=12), "unready"),
        (pod(age_s=60, ready=False, since_s=50), "unready"),
        (pod(age_s=400, ready=False, since_s=390), "unready"),
        (pod(age_s=400, ready=False, since_s=100), "ready"),
        (pod(age_s=400, ready=True, since_s=2), "ready"),
        (pod(age_s=5, ready=False, since_s=5, phase="Pending"), "unready"),
        (pod(age_s=400, ready=False, since_s=10, phase="Failed"), "ignored"),
    ],
    ids=[
        "old and ready",
        "young, ready for a whole window",
        "young, not yet ready for a whole window",
        "young and not ready",
        "old and never ready",
        "old, was ready before",
        "old, ready again just now",
        "pending",
        "failed",
    ],
)
def test_a_pods_use_of_cpu_counts_once_it_has_warmed_up(body: JsonObject, expected: str) -> None:
    assert group(body) == expected


def test_other_resources_count_from_the_first_measurement() -> None:
    assert group(pod(age_s=5, ready=False, since_s=5), resource="memory") == "ready"


def test_pods_that_are_deleted_or_not_measured_are_told_apart() -> None:
    leaving = pod(age_s=400, ready=True, since_s=390)
    leaving["metadata"]["deletionTimestamp"] = timestamp(NOW)
    assert group(leaving) == "ignored"
    unmeasured = grouped([pod(age_s=400, ready=True, since_s=390)], {}, "cpu", WARMING, NOW)
    assert unmeasured.missing == {"web"}


def metrics(**use: dict[str, str]) -> JsonObject:
    return {
        "metadata": {"name": "web", "namespace": "default"},
        "timestamp": timestamp(NOW),
        "window": "10.000s",
        "containers": [{"name": name, "usage": usage} for name, usage in use.items()],
    }


def test_the_use_of_a_pod_is_that_of_its_containers_together() -> None:
    both = metrics(app={"cpu": "1500000n"}, proxy={"cpu": "100m"})
    assert pod_use([both], "cpu") == {"web": Measurement(102, NOW, 10.0)}
    assert pod_use([both], "cpu", "proxy") == {"web": Measurement(100, NOW, 10.0)}
    assert pod_use([both], "memory") == {}
    with pytest.raises(NoMeasurementError, match="container cache not present in metrics for pod default/web"):
        pod_use([both], "cpu", "cache")


def spec(**fields: Any) -> JsonObject:
    return {"metadata": {"name": "web"}, "spec": fields}


def test_requests_are_those_of_all_containers_and_sidecars_or_of_the_pod() -> None:
    app = {"name": "app", "resources": {"requests": {"cpu": "100m"}}}
    sidecar = {"name": "proxy", "restartPolicy": "Always", "resources": {"requests": {"cpu": "50m"}}}
    first = {"name": "first"}
    assert requests([spec(containers=[app], initContainers=[first, sidecar])], "cpu") == {"web": 150}
    assert requests([spec(containers=[app], initContainers=[sidecar])], "cpu", "app") == {"web": 100}
    whole = {"requests": {"cpu": "1"}}
    assert requests([spec(containers=[{"name": "app"}], resources=whole)], "cpu") == {"web": 1000}
    with pytest.raises(NoMeasurementError, match="missing request for cpu in container first of Pod web"):
        requests([spec(containers=[app, first])], "cpu")
