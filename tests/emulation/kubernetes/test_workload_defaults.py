"""What the API adds to workloads that say little, and what their statuses always tell."""

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import (
    AUTOSCALERS,
    DAEMON_SETS,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    autoscaler,
    daemon_set,
    workload,
)

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


async def test_a_stateful_set_is_ordered_and_keeps_its_volumes(calls: Calls) -> None:
    claims = [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}]
    made = await calls.create(STATEFUL_SETS, workload(volumeClaimTemplates=claims))
    spec = made["spec"]
    assert spec["podManagementPolicy"] == "OrderedReady"
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert spec["revisionHistoryLimit"] == 10
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    (claim,) = spec["volumeClaimTemplates"]
    assert (claim["kind"], claim["spec"]["volumeMode"], claim["status"]) == (
        "PersistentVolumeClaim",
        "Filesystem",
        {"phase": "Pending"},
    )
    assert made["status"] == {"replicas": 0, "availableReplicas": 0}


async def test_a_daemon_set_counts_the_generations_of_its_template(calls: Calls) -> None:
    made = await calls.create(DAEMON_SETS, daemon_set())
    assert made["spec"]["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
    }
    assert made["status"] == {
        "currentNumberScheduled": 0,
        "numberMisscheduled": 0,
        "desiredNumberScheduled": 0,
        "numberReady": 0,
    }
    assert made["metadata"]["annotations"] == {TEMPLATE_GENERATION: "1"}
    path = f"{DAEMON_SETS}/web"
    _, same_template = await calls.patch(path, {"spec": {"minReadySeconds": 3}})
    assert same_template["metadata"]["annotations"] == {TEMPLATE_GENERATION: "1"}
    assert same_template["metadata"]["generation"] == 2
    _, other = await calls.patch(path, {"spec": {"template": {"spec": {"nodeSelector": {"a": "b"}}}}})
    assert other["metadata"]["annotations"] == {TEMPLATE_GENERATION: "2"}


async def test_an_autoscaler_goes_by_cpu_unless_it_says_otherwise(calls: Calls) -> None:
    made = await calls.create(AUTOSCALERS, autoscaler(behavior={"scaleDown": {"stabilizationWindowSeconds": 60}}))
    assert made["spec"]["minReplicas"] == 1
    (metric,) = made["spec"]["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    behavior = made["spec"]["behavior"]
    assert behavior["scaleUp"]["policies"][0] == {"type": "Pods", "value": 4, "periodSeconds": 15}
    assert behavior["scaleDown"] == {
        "stabilizationWindowSeconds": 60,
        "selectPolicy": "Max",
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    }
    assert made["status"] == {"currentMetrics": None, "desiredReplicas": 0}
    assert "generation" not in made["metadata"]


@pytest.mark.parametrize("place", [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS])
async def test_limits_of_a_template_do_not_become_requests_yet(calls: Calls, place: str) -> None:
    body = workload()
    limits = {"limits": {"cpu": "1"}}
    body["spec"]["template"]["spec"]["containers"][0]["resources"] = limits
    made = await calls.create(place, body)
    assert made["spec"]["template"]["spec"]["containers"][0]["resources"] == limits


async def test_a_status_that_a_client_sends_at_creation_is_dropped(calls: Calls) -> None:
    made = await calls.create(REPLICA_SETS, {**workload(), "status": {"replicas": 7}})
    assert made["status"] == {"replicas": 0}
    _, written = await calls.patch(f"{REPLICA_SETS}/web/status", {"status": {"replicas": 2, "readyReplicas": 0}})
    assert written["status"] == {"replicas": 2}
    assert written["metadata"]["generation"] == 1
