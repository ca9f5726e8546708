"""Workloads that cannot work, and changes that would make them others, are refused with causes."""

from typing import Any

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

INVALID, REQUIRED = "FieldValueInvalid", "FieldValueRequired"
FORBIDDEN, UNSUPPORTED = "FieldValueForbidden", "FieldValueNotSupported"
ROLLING = "spec.updateStrategy.rollingUpdate"


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"replicas": -1}, [(INVALID, "spec.replicas")]),
        ({"selector": {}}, [(INVALID, "spec.selector")]),
        ({"selector": {"matchLabels": {"app": "other"}}}, [(INVALID, "spec.template.metadata.labels")]),
        (
            {"selector": {"matchExpressions": [{"key": "app", "operator": "In"}]}},
            [(REQUIRED, "spec.selector.matchExpressions[0].values"), (INVALID, "spec.template.metadata.labels")],
        ),
        ({"strategy": {"type": "Sideways"}}, [(UNSUPPORTED, "spec.strategy.type")]),
        (
            {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
            [(FORBIDDEN, "spec.strategy.rollingUpdate")],
        ),
        (
            {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}}},
            [(INVALID, "spec.strategy.rollingUpdate.maxUnavailable")],
        ),
        (
            {"strategy": {"rollingUpdate": {"maxUnavailable": "200%"}}},
            [(INVALID, "spec.strategy.rollingUpdate.maxUnavailable")],
        ),
        ({"progressDeadlineSeconds": 5, "minReadySeconds": 5}, [(INVALID, "spec.progressDeadlineSeconds")]),
    ],
)
async def test_a_deployment_that_cannot_roll_is_refused(
    calls: Calls, spec: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(DEPLOYMENTS, workload(**spec)) == causes


@pytest.mark.parametrize("place", [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS])
async def test_pods_of_workloads_are_always_restarted_and_checked_like_pods(calls: Calls, place: str) -> None:
    body = daemon_set() if place == DAEMON_SETS else workload()
    template = body["spec"]["template"]["spec"]
    template |= {"restartPolicy": "Never", "activeDeadlineSeconds": 5}
    template["containers"][0]["volumeMounts"] = [{"name": "nowhere", "mountPath": "/x"}]
    assert await calls.refused(place, body) == [
        ("FieldValueNotFound", "spec.template.spec.containers[0].volumeMounts[0].name"),
        (UNSUPPORTED, "spec.template.spec.restartPolicy"),
        (FORBIDDEN, "spec.template.spec.activeDeadlineSeconds"),
    ]


@pytest.mark.parametrize("place", [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS])
async def test_a_selector_stays_as_it_was_made(calls: Calls, place: str) -> None:
    await calls.create(place, daemon_set() if place == DAEMON_SETS else workload())
    labels = {"app": "web", "tier": "front"}
    change = {"spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}}
    stateful = [(FORBIDDEN, "spec")]
    expected = stateful if place == STATEFUL_SETS else [(INVALID, "spec.selector")]
    assert await calls.refused_change(f"{place}/web", change) == expected


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"podManagementPolicy": "Random"}, [(INVALID, "spec.podManagementPolicy")]),
        ({"updateStrategy": {"type": "Other"}}, [(INVALID, "spec.updateStrategy")]),
        ({"updateStrategy": {"type": "OnDelete", "rollingUpdate": {"partition": 1}}}, [(INVALID, ROLLING)]),
        ({"updateStrategy": {"rollingUpdate": {"partition": -1}}}, [(INVALID, f"{ROLLING}.partition")]),
        ({"ordinals": {"start": -1}}, [(INVALID, "spec.ordinals.start")]),
        ({"serviceName": "Not.A.Label"}, [(INVALID, "spec.serviceName")]),
    ],
)
async def test_a_stateful_set_that_cannot_roll_is_refused(
    calls: Calls, spec: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(STATEFUL_SETS, workload(**spec)) == causes


async def test_a_stateful_set_may_change_what_the_controller_can_carry_out(calls: Calls) -> None:
    await calls.create(STATEFUL_SETS, workload())
    path = f"{STATEFUL_SETS}/web"
    status, _ = await calls.patch(path, {"spec": {"replicas": 5, "minReadySeconds": 1}})
    assert status == 200
    assert await calls.refused_change(path, {"spec": {"podManagementPolicy": "Parallel"}}) == [(FORBIDDEN, "spec")]


@pytest.mark.parametrize(
    ("rolling", "causes"),
    [
        ({"maxUnavailable": 0}, [(REQUIRED, f"{ROLLING}.maxUnavailable")]),
        ({"maxUnavailable": 1, "maxSurge": 1}, [(INVALID, f"{ROLLING}.maxSurge")]),
        ({"maxUnavailable": "x"}, [(INVALID, f"{ROLLING}.maxUnavailable")]),
    ],
)
async def test_a_daemon_set_has_either_room_or_gaps(
    calls: Calls, rolling: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    body = daemon_set(updateStrategy={"rollingUpdate": rolling})
    assert await calls.refused(DAEMON_SETS, body) == causes


async def test_no_part_of_a_status_is_more_than_the_whole(calls: Calls) -> None:
    await calls.create(DEPLOYMENTS, workload())
    status = {"replicas": 1, "readyReplicas": 2, "availableReplicas": 3}
    assert await calls.refused_change(f"{DEPLOYMENTS}/web/status", {"status": status}) == [
        (INVALID, "status.readyReplicas"),
        (INVALID, "status.availableReplicas"),
        (INVALID, "status.availableReplicas"),
    ]


async def test_a_revision_keeps_its_data(calls: Calls) -> None:
    place = "/apis/apps/v1/namespaces/default/controllerrevisions"
    assert await calls.refused(place, {"metadata": {"name": "r"}, "revision": -1}) == [
        (REQUIRED, "data"),
        (INVALID, "revision"),
    ]
    await calls.create(place, {"metadata": {"name": "r"}, "data": {"spec": {"a": 1}}, "revision": 1})
    assert (await calls.patch(f"{place}/r", {"revision": 2}))[0] == 200
    assert await calls.refused_change(f"{place}/r", {"data": {"spec": {"a": 2}}}) == [(INVALID, "data")]


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"minReplicas": 0}, [(INVALID, "spec.minReplicas")]),
        ({"minReplicas": 6}, [(INVALID, "spec.maxReplicas")]),
        ({"scaleTargetRef": {"kind": "Deployment"}}, [(REQUIRED, "spec.scaleTargetRef.name")]),
        ({"metrics": [{"type": "Resource"}]}, [(REQUIRED, "spec.metrics[0].resource")]),
        (
            {"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}]},
            [(REQUIRED, "spec.metrics[0].resource.target.averageUtilization")],
        ),
        (
            {"behavior": {"scaleUp": {"stabilizationWindowSeconds": 4000}}},
            [(INVALID, "spec.behavior.scaleUp.stabilizationWindowSeconds")],
        ),
        (
            {"behavior": {"scaleUp": {"policies": [{"type": "Many", "value": 0, "periodSeconds": 5}]}}},
            [
                (UNSUPPORTED, "spec.behavior.scaleUp.policies[0].type"),
                (INVALID, "spec.behavior.scaleUp.policies[0].value"),
            ],
        ),
    ],
)
async def test_an_autoscaler_without_sense_is_refused(
    calls: Calls, spec: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(AUTOSCALERS, autoscaler(**spec)) == causes
