"""What keeps an autoscaler from scaling is told by its conditions and events, and changes nothing."""

import pytest
from galileo_emulation.controllers import ControllerSettings
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import (
    AUTOSCALERS,
    DEPLOYMENTS,
    PODS,
)

from tests.emulation.controllers.autoscaling_scene import PERIOD_S, WARM_S, Load, Scene, autoscaler, loaded
from tests.emulation.controllers.emulated_cluster import emulated_cluster

pytestmark = pytest.mark.looptime


async def test_a_target_of_no_replicas_is_left_alone() -> None:
    load = Load()
    async with emulated_cluster(measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=0))
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 0
        assert scene.reason("ScalingActive") == ("False", "ScalingDisabled")


async def test_without_measurements_it_says_so_and_changes_nothing() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        scene = Scene(cluster, Load())
        await cluster.create(DEPLOYMENTS, loaded(replicas=2))
        await cluster.create(AUTOSCALERS, autoscaler())
        await cluster.run(PERIOD_S + 1)
        assert scene.replicas() == 2
        assert scene.reason("AbleToScale") == ("True", "SucceededGetScale")
        assert scene.reason("ScalingActive") == ("False", "FailedGetResourceMetric")
        why = (
            "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from "
            "resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
        )
        assert scene.messages("FailedGetResourceMetric") == [why]
        assert scene.messages("FailedComputeMetricsReplicas") == [
            f"invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: {why}"
        ]


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        (
            {
                "type": "Pods",
                "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": 1}},
            },
            "FailedGetPodsMetric",
        ),
        (
            {"type": "External", "external": {"metric": {"name": "rps"}, "target": {"type": "Value", "value": 1}}},
            "FailedGetExternalMetric",
        ),
        (
            {
                "type": "Object",
                "object": {
                    "describedObject": {"kind": "Service", "name": "web"},
                    "metric": {"name": "rps"},
                    "target": {"type": "Value", "value": 1},
                },
            },
            "FailedGetObjectMetric",
        ),
    ],
    ids=["pods", "external", "object"],
)
async def test_other_kinds_of_metrics_are_told_to_be_out_of_reach(metric: JsonObject, reason: str) -> None:
    load = Load()
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.create(AUTOSCALERS, autoscaler(metrics=[metric]))
        await cluster.run(PERIOD_S + 1)
        assert scene.reason("ScalingActive") == ("False", reason)
        assert len(scene.messages(reason)) == 1


@pytest.mark.parametrize(
    ("kind", "group", "why"),
    [
        ("Deployment", "apps/v1", 'deployments.apps "web" not found'),
        ("Lamp", "example.org/v1", 'no matches for kind "Lamp" in group "example.org"'),
        ("DaemonSet", "apps/v1", "the server could not find the requested resource"),
    ],
    ids=["no such object", "no such kind", "no scale"],
)
async def test_a_target_that_cannot_be_had_is_told(kind: str, group: str, why: str) -> None:
    load = Load()
    async with emulated_cluster(measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(AUTOSCALERS, autoscaler(kind, group))
        await cluster.run(PERIOD_S + 1)
        assert scene.reason("AbleToScale") == ("False", "FailedGetScale")
        assert scene.messages("FailedGetScale") == [why]


async def test_two_autoscalers_of_the_same_pods_both_stand_still() -> None:
    load = Load(total_millicores=200.0)
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene = Scene(cluster, load)
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler(maxReplicas=1))
        await cluster.create(AUTOSCALERS, {**autoscaler(maxReplicas=1), "metadata": {"name": "second"}})
        await cluster.run(3 * PERIOD_S)
        assert scene.reason("ScalingActive") == ("False", "AmbiguousSelector")
        assert scene.messages("AmbiguousSelector")[0] == (
            "pods by selector app=web are controlled by multiple HPAs: [default/second default/web]"
        )
        await cluster.delete(AUTOSCALERS, "second")
        await cluster.run(PERIOD_S + 1)
        assert scene.reason("ScalingActive") == ("True", "ValidMetricFound")


async def test_a_pod_that_is_not_measured_does_not_lead_to_fewer_replicas_at_once() -> None:
    load = Load(total_millicores=90.0)
    async with emulated_cluster(nodes=1, measures=load, settings=ControllerSettings(autoscaler_down_window_s=0)) as it:
        scene = Scene(it, load)
        await it.create(DEPLOYMENTS, loaded(replicas=3))
        await it.run(WARM_S)
        load.silent = {it.names(PODS)[0]}
        await it.create(AUTOSCALERS, autoscaler())
        await it.run(2 * PERIOD_S)
        assert scene.replicas() == 3, "30 % of two, and the third taken to use all that it requested"
        load.silent = set()
        await it.run(PERIOD_S)
        assert scene.replicas() == 2
