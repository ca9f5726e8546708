"""Nothing and absent are the same where the API does not tell them apart, so that sending the same changes nothing."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import DEPLOYMENTS, PODS, SERVICES, pod, workload


@pytest.mark.parametrize(
    ("place", "body", "empty"),
    [
        (DEPLOYMENTS, workload(), {"paused": False, "minReadySeconds": 0}),
        (PODS, pod(), {"hostNetwork": False, "nodeName": "", "subdomain": ""}),
        (
            SERVICES,
            {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}},
            {"clusterIP": "", "externalName": ""},
        ),
    ],
)
async def test_sending_nothing_changes_nothing(
    calls: Calls, place: str, body: dict[str, Any], empty: dict[str, Any]
) -> None:
    made = await calls.create(place, body)
    path = f"{place}/{made['metadata']['name']}"
    status, put = await calls.send("PUT", path, {**body, "spec": {**body["spec"], **empty}})
    assert status == 200, put
    assert put["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_empty_texts_take_the_defaults(calls: Calls) -> None:
    probe = {"httpGet": {"path": "", "port": 80}, "timeoutSeconds": 0}
    container = {"imagePullPolicy": "", "env": [{"name": "A", "value": ""}], "readinessProbe": probe}
    made = await calls.create(PODS, pod(container=container, schedulerName="", restartPolicy=""))
    (found,) = made["spec"]["containers"]
    assert (made["spec"]["schedulerName"], made["spec"]["restartPolicy"]) == ("default-scheduler", "Always")
    assert (found["imagePullPolicy"], found["env"]) == ("IfNotPresent", [{"name": "A"}])
    assert (found["readinessProbe"]["httpGet"]["path"], found["readinessProbe"]["timeoutSeconds"]) == ("/", 1)


async def test_what_is_told_apart_from_absent_is_kept(calls: Calls) -> None:
    place = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    made = await calls.create(place, {"metadata": {"name": "l"}, "spec": {"holderIdentity": ""}})
    assert made["spec"] == {"holderIdentity": ""}
    made = await calls.create(PODS, pod(automountServiceAccountToken=False, terminationGracePeriodSeconds=0))
    assert made["spec"]["automountServiceAccountToken"] is False
    assert made["spec"]["terminationGracePeriodSeconds"] == 0
    made = await calls.create(DEPLOYMENTS, workload(replicas=0))
    assert made["spec"]["replicas"] == 0
