"""Which fields selectors may name depends on the kind."""

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import JOBS, PODS, REPLICA_SETS, SECRETS, SERVICES, job, pod, workload

EVENTS = "/api/v1/namespaces/default/events"
NODES = "/api/v1/nodes"


async def names(calls: Calls, place: str, selector: str) -> list[str]:
    found = await calls.get(f"{place}?fieldSelector={selector}")
    return [item["metadata"]["name"] for item in found["items"]]


async def test_each_kind_is_selected_by_its_own_fields(calls: Calls) -> None:
    await calls.create(PODS, pod("plain"))
    await calls.create(PODS, pod("host", hostNetwork=True, restartPolicy="Never"))
    assert await names(calls, PODS, "spec.hostNetwork=false") == ["plain"]
    assert await names(calls, PODS, "spec.restartPolicy!=Never,status.phase=Pending") == ["plain"]
    for name in ("a", "b"):
        await calls.create(REPLICA_SETS, workload(name))
        await calls.create(JOBS, job(name))
    await calls.patch(f"{REPLICA_SETS}/a/status", {"status": {"replicas": 2}})
    assert await names(calls, REPLICA_SETS, "status.replicas=0") == ["b"]
    await calls.patch(f"{JOBS}/a/status", {"status": {"succeeded": 1}})
    assert await names(calls, JOBS, "status.successful=1") == ["a"]
    await calls.create(SECRETS, {"metadata": {"name": "s"}, "type": "example/own"})
    assert await names(calls, SECRETS, "type=example/own") == ["s"]
    await calls.create(SERVICES, {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], "clusterIP": "None"}})
    assert await names(calls, SERVICES, "spec.clusterIP=None,spec.type=ClusterIP") == ["s"]
    assert "default" in await names(calls, "/api/v1/namespaces", "status.phase=Active")
    await calls.create(NODES, {"metadata": {"name": "n"}, "spec": {"unschedulable": True}})
    assert await names(calls, NODES, "spec.unschedulable=true") == ["n"]


async def test_events_are_selected_by_where_they_come_from(calls: Calls) -> None:
    about = {"kind": "Pod", "namespace": "default", "name": "p"}
    await calls.create(EVENTS, {"metadata": {"name": "e"}, "involvedObject": about, "source": {"component": "kubelet"}})
    assert await names(calls, EVENTS, "source=kubelet,involvedObject.name=p") == ["e"]
    assert await names(calls, EVENTS, "source=other") == []


@pytest.mark.parametrize("selector", ["status.replicas=0", "spec.colour=red"])
async def test_other_fields_are_refused(calls: Calls, selector: str) -> None:
    status, refusal = await calls.send("GET", f"{PODS}?fieldSelector={selector}")
    assert (status, refusal["reason"]) == (400, "BadRequest")
