"""Several metrics of one autoscaler: the greatest counts, and one that fails lets nothing shrink."""

from typing import Any

from galileo_emulation.controllers.horizontal_autoscaling.decision import Decision, Habits, decide_by_metrics
from galileo_emulation.controllers.horizontal_autoscaling.evaluation import Seen
from galileo_emulation.controllers.horizontal_autoscaling.limits import History
from galileo_emulation.kubernetes.apiobjects import JsonObject, timestamp

NOW = 10_000.0
EXTERNAL = {"type": "External", "external": {"metric": {"name": "rps"}, "target": {"type": "Value", "value": "1"}}}


def by(resource: str, percent: int) -> JsonObject:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def decision(*metrics: JsonObject, **spec: Any) -> Decision:
    """What happens to four pods that use half of their CPU and all of their memory."""
    names = [f"web-{index}" for index in range(4)]
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": timestamp(NOW - 1000)}
    status = {"phase": "Running", "startTime": timestamp(NOW - 1000), "conditions": [ready]}
    container = {"name": "app", "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}}}
    usage = {"name": "app", "usage": {"cpu": "50m", "memory": "100Mi"}}
    seen = Seen(
        namespace="default",
        replicas=4,
        pods=[{"metadata": {"name": name}, "spec": {"containers": [container]}, "status": status} for name in names],
        metrics=[
            {"metadata": {"name": name}, "timestamp": timestamp(NOW), "window": "10s", "containers": [usage]}
            for name in names
        ],
        now=NOW,
    )
    body = {"spec": {"minReplicas": 1, "maxReplicas": 20, "metrics": list(metrics), **spec}}
    return decide_by_metrics(body, seen, History(), Habits())


def active(found: Decision) -> tuple[bool, str]:
    return next((verdict.holds, verdict.reason) for verdict in found.verdicts if verdict.type == "ScalingActive")


def test_the_greatest_proposal_counts() -> None:
    found = decision(by("cpu", 100), by("memory", 50))
    assert found.replicas == 8
    assert found.why == "memory resource utilization (percentage of request) above target"
    assert decision(by("cpu", 100)).replicas == 2
    assert decision(by("cpu", 100)).why == "All metrics below target"


def test_a_metric_that_fails_does_not_keep_others_from_asking_for_more() -> None:
    found = decision(EXTERNAL, by("memory", 50))
    assert (found.replicas, active(found)) == (8, (True, "ValidMetricFound"))
    assert [reason for reason, _ in found.warnings] == ["FailedGetExternalMetric"]
    assert found.metrics is not None
    assert [status["type"] for status in found.metrics] == ["", "Resource"]


def test_a_metric_that_fails_lets_nothing_shrink() -> None:
    found = decision(by("cpu", 100), EXTERNAL)
    assert (found.replicas, active(found)) == (None, (False, "FailedGetExternalMetric"))
    assert found.warnings[-1][1].startswith("invalid metrics (1 invalid out of 2), first error is: failed to get rps")


def test_a_tolerance_in_the_behavior_is_used_instead_of_the_clusters() -> None:
    rules = {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100}]}
    policies = [{"type": "Percent", "value": 100, "periodSeconds": 15}]
    rules = {**rules, "policies": policies}
    behavior = {"scaleUp": {**rules, "tolerance": "0.5"}, "scaleDown": rules}
    assert decision(by("cpu", 40)).replicas == 5
    assert decision(by("cpu", 40), behavior=behavior).replicas == 4
