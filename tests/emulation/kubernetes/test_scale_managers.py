"""Whoever writes a Scale manages the object's number of replicas."""

from tests.emulation.kubernetes.applications import (
    DEPLOYMENTS,
    Json,
    applied,
    apply,
    conflicts,
    deployment,
    fields,
    managers,
)
from tests.emulation.kubernetes.calls import Calls

WEB = f"{DEPLOYMENTS}/web"
SCALE = f"{WEB}/scale"
REPLICAS: Json = {"f:spec": {"f:replicas": {}}}


def scale(replicas: int) -> Json:
    return {
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {"name": "web"},
        "spec": {"replicas": replicas},
    }


async def test_a_written_scale_takes_the_replicas_from_who_managed_them(calls: Calls) -> None:
    await calls.create(f"{DEPLOYMENTS}?fieldManager=maker", deployment(replicas=1))
    status, _ = await calls.send("PUT", f"{SCALE}?fieldManager=scaler", scale(3))
    assert status == 200
    body = await calls.get(WEB)
    assert fields(body, "scaler", subresource="scale") == REPLICAS
    assert "f:replicas" not in fields(body, "maker")["f:spec"]
    entry = next(entry for entry in body["metadata"]["managedFields"] if entry["manager"] == "scaler")
    assert entry["apiVersion"] == "apps/v1"


async def test_writing_the_same_number_changes_nothing(calls: Calls) -> None:
    made = await calls.create(f"{DEPLOYMENTS}?fieldManager=maker", deployment(replicas=2))
    await calls.patch(f"{SCALE}?fieldManager=scaler", {"spec": {"replicas": 2}})
    assert await calls.get(WEB) == made


async def test_scaling_again_leaves_one_entry(calls: Calls) -> None:
    await applied(calls, WEB, deployment(replicas=1), "alpha")
    for number in (2, 3):
        await calls.patch(f"{SCALE}?fieldManager=scaler", {"spec": {"replicas": number}})
    body = await calls.get(WEB)
    assert managers(body) == [("alpha", "Apply", ""), ("scaler", "Update", "scale")]
    status, refusal = await apply(calls, WEB, deployment(replicas=1), "alpha")
    assert status == 409
    told = 'conflict with "scaler" with subresource "scale" using apps/v1'
    assert conflicts(refusal) == [(told, ".spec.replicas")]


async def test_a_scale_can_be_applied(calls: Calls) -> None:
    await applied(calls, WEB, deployment(replicas=1), "alpha")
    status, refusal = await apply(calls, SCALE, scale(4), "beta")
    assert (status, conflicts(refusal)) == (409, [('conflict with "alpha"', ".spec.replicas")])
    answer = await applied(calls, SCALE, scale(4), "beta", query="&force=true")
    assert (answer["kind"], answer["spec"]) == ("Scale", {"replicas": 4})
    body = await calls.get(WEB)
    assert body["spec"]["replicas"] == 4
    assert fields(body, "beta", "Apply", "scale") == REPLICAS
    shared = await applied(calls, WEB, deployment(replicas=4), "alpha")
    assert "f:replicas" in fields(shared, "alpha", "Apply")["f:spec"]
    assert fields(shared, "beta", "Apply", "scale") == REPLICAS


async def test_where_nobody_manages_the_replicas_scaling_tracks_nobody(calls: Calls) -> None:
    made = await applied(calls, WEB, deployment(), "alpha")
    await calls.patch(f"{SCALE}?fieldManager=scaler", {"spec": {"replicas": 3}})
    body = await calls.get(WEB)
    assert body["spec"]["replicas"] == 3
    assert body["metadata"]["managedFields"] == made["metadata"]["managedFields"]


async def test_what_is_no_scale_is_refused(calls: Calls) -> None:
    await applied(calls, WEB, deployment(replicas=1), "alpha")
    status, refusal = await apply(calls, SCALE, deployment(replicas=2), "beta")
    assert (status, refusal["message"]) == (400, "invalid object type: apps/v1, Kind=Deployment")
