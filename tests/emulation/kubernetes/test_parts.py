"""Subresources that take one part of an object: resize, ephemeral containers, and the finalizers of a namespace."""

from typing import Any

from tests.emulation.kubernetes.calls import STRATEGIC, Calls
from tests.emulation.kubernetes.objects import PODS, pod

FORBIDDEN = "FieldValueForbidden"


def debugger(**fields: Any) -> dict[str, Any]:
    own = {"name": "look", "image": "registry.example/shell:1", "targetContainerName": "c"}
    return {"spec": {"ephemeralContainers": [{**own, **fields}]}}


async def test_a_pod_gets_a_container_to_look_into_it(calls: Calls) -> None:
    await calls.create(PODS, pod())
    path = f"{PODS}/p/ephemeralcontainers"
    status, changed = await calls.patch(path, debugger(), content_type=STRATEGIC)
    assert status == 200
    (added,) = changed["spec"]["ephemeralContainers"]
    assert (added["name"], added["terminationMessagePolicy"]) == ("look", "File")
    assert changed["metadata"]["generation"] == 2
    assert await calls.refused_change(path, debugger(image="registry.example/other:1"), content_type=STRATEGIC) == [
        (FORBIDDEN, "spec.ephemeralContainers")
    ]
    assert await calls.refused_change(path, {"spec": {"ephemeralContainers": None}}) == [
        (FORBIDDEN, "spec.ephemeralContainers")
    ]


async def test_a_container_that_looks_has_no_ports_and_looks_at_one_that_is_there(calls: Calls) -> None:
    await calls.create(PODS, pod())
    body = debugger(ports=[{"containerPort": 80}], targetContainerName="nobody")
    assert await calls.refused_change(f"{PODS}/p/ephemeralcontainers", body) == [
        (FORBIDDEN, "spec.ephemeralContainers[0].ports"),
        ("FieldValueNotFound", "spec.ephemeralContainers[0].targetContainerName"),
    ]


async def test_ephemeral_containers_come_by_their_own_door_only(calls: Calls) -> None:
    await calls.create(PODS, pod())
    assert await calls.refused_change(f"{PODS}/p", debugger()) == [(FORBIDDEN, "spec")]
    status, changed = await calls.patch(
        f"{PODS}/p/ephemeralcontainers", {**debugger(), "metadata": {"labels": {"a": "b"}}}
    )
    assert (status, "labels" in changed["metadata"]) == (200, False)


async def test_sidecars_are_resized_and_other_init_containers_are_not(calls: Calls) -> None:
    resources = {"requests": {"cpu": "100m"}}
    init = [
        {"name": "once", "image": "x", "resources": resources},
        {"name": "side", "image": "x", "restartPolicy": "Always", "resources": resources},
    ]
    await calls.create(PODS, pod(initContainers=init))
    path, more = f"{PODS}/p/resize", {"requests": {"cpu": "200m"}}
    status, changed = await calls.patch(
        path, {"spec": {"initContainers": [{"name": "side", "resources": more}]}}, content_type=STRATEGIC
    )
    assert (status, changed["spec"]["initContainers"][1]["resources"]) == (200, more)
    body = {"spec": {"initContainers": [{"name": "once", "resources": more}]}}
    assert await calls.refused_change(path, body, content_type=STRATEGIC) == [(FORBIDDEN, "spec")]


async def test_a_node_must_hold_what_runs_at_once(calls: Calls) -> None:
    await calls.create("/api/v1/nodes", {"metadata": {"name": "n"}, "status": {"allocatable": {"cpu": "1"}}})
    sidecar = {"name": "s", "image": "x", "restartPolicy": "Always", "resources": {"requests": {"cpu": "400m"}}}
    body = pod(container={"resources": {"requests": {"cpu": "500m"}}}, initContainers=[sidecar], nodeName="n")
    await calls.create(PODS, body)
    for cpu, expected in (("700m", 403), ("600m", 200)):
        wanted = {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]}}
        assert (await calls.patch(f"{PODS}/p/resize", wanted, content_type=STRATEGIC))[0] == expected


async def test_a_namespace_goes_with_its_last_finalizer(calls: Calls) -> None:
    await calls.create("/api/v1/namespaces", {"metadata": {"name": "n"}})
    path = "/api/v1/namespaces/n"
    held = await calls.get(path)
    status, put = await calls.send("PUT", path, {**held, "spec": {}})
    assert (status, put["spec"]) == (200, {"finalizers": ["kubernetes"]})
    _, going = await calls.send("DELETE", path)
    assert going["status"]["phase"] == "Terminating"
    going["spec"]["finalizers"] = ["example.com/mine"]
    status, put = await calls.send("PUT", f"{path}/finalize", going)
    assert (status, put["spec"]["finalizers"]) == (200, ["example.com/mine"])
    put["spec"] = {}
    assert (await calls.send("PUT", f"{path}/finalize", put))[0] == 200
    assert (await calls.send("GET", path))[0] == 404
    assert (await calls.send("GET", "/api/v1/namespaces/default/finalize"))[0] == 405
