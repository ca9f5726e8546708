"""Every write says who manages what: metadata.managedFields of objects that were created, changed and patched."""

import random
from typing import Any

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer, LocalApi, Store

from tests.emulation.kubernetes.applications import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    PODS,
    SERVICES,
    config_map,
    deployment,
    fields,
    managers,
    pod,
)
from tests.emulation.kubernetes.calls import JSON_PATCH, MERGE, STRATEGIC, Calls

MAP = f"{CONFIG_MAPS}/settings"


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store(now=clock, rng=random.Random(1))


async def test_the_creator_manages_what_it_sent_and_its_defaults_but_not_what_admission_adds(calls: Calls) -> None:
    made = await calls.create(f"{PODS}?fieldManager=maker", pod())
    assert managers(made) == [("maker", "Update", "")]
    assert fields(made, "maker") == {
        "f:spec": {
            "f:containers": {
                'k:{"name":"main"}': {
                    ".": {},
                    "f:image": {},
                    "f:imagePullPolicy": {},
                    "f:name": {},
                    "f:resources": {},
                    "f:terminationMessagePath": {},
                    "f:terminationMessagePolicy": {},
                }
            },
            "f:dnsPolicy": {},
            "f:enableServiceLinks": {},
            "f:restartPolicy": {},
            "f:schedulerName": {},
            "f:securityContext": {},
            "f:terminationGracePeriodSeconds": {},
        }
    }


async def test_a_workloads_creator_manages_its_template_field_by_field(calls: Calls) -> None:
    made = await calls.create(f"{DEPLOYMENTS}?fieldManager=maker", deployment())
    owned = fields(made, "maker")["f:spec"]
    assert owned["f:strategy"] == {
        "f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}},
        "f:type": {},
    }
    assert owned["f:selector"] == {}
    assert owned["f:template"]["f:metadata"] == {"f:labels": {".": {}, "f:app": {}}}
    assert "." not in owned["f:template"]["f:spec"]["f:containers"]


async def test_ports_without_protocol_are_known_by_the_default(calls: Calls) -> None:
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "web", "port": 80}]
    body = {"metadata": {"name": "dns"}, "spec": {"ports": ports, "selector": {"app": "x"}}}
    made = await calls.create(SERVICES, body)
    (entry,) = made["metadata"]["managedFields"]
    owned = entry["fieldsV1"]["f:spec"]
    assert set(owned["f:ports"]) == {".", 'k:{"port":53,"protocol":"UDP"}', 'k:{"port":80,"protocol":"TCP"}'}
    assert owned["f:selector"] == {}
    assert "f:clusterIP" not in owned


async def test_without_a_name_the_user_agents_first_part_manages(
    server: ApiServer, session: aiohttp.ClientSession
) -> None:
    headers = {"Content-Type": "application/json"}
    for agent, name in (("tool/1.2 (linux)", "tool"), ("", "unknown")):
        sent = orjson.dumps(config_map(f"by-{name}", a="1"))
        agents = {"User-Agent": agent} if agent else {}
        async with session.post(
            server.url + CONFIG_MAPS,
            data=sent,
            headers={**headers, **agents},
            skip_auto_headers=() if agent else ("User-Agent",),
        ) as response:
            assert managers(await response.json()) == [(name, "Update", "")]


async def test_who_writes_over_a_field_manages_it_from_then_on(calls: Calls, clock: Clock) -> None:
    await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1", b="1"))
    clock.now_s += 10
    status, changed = await calls.patch(f"{MAP}?fieldManager=two", {"data": {"b": "2", "c": "2"}})
    assert status == 200
    assert managers(changed) == [("one", "Update", ""), ("two", "Update", "")]
    assert fields(changed, "one") == {"f:data": {".": {}, "f:a": {}}}
    assert fields(changed, "two") == {"f:data": {"f:b": {}, "f:c": {}}}
    assert [entry["time"][-3:] for entry in changed["metadata"]["managedFields"]] == ["20Z", "30Z"]


async def test_what_is_removed_is_managed_by_nobody_and_an_entry_without_fields_goes(calls: Calls) -> None:
    await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    await calls.patch(f"{MAP}?fieldManager=two", {"data": {"b": "2"}})
    _, changed = await calls.patch(f"{MAP}?fieldManager=one", {"data": {"b": None}})
    assert managers(changed) == [("one", "Update", "")]


@pytest.mark.parametrize("content_type", [MERGE, STRATEGIC, JSON_PATCH])
async def test_every_kind_of_patch_is_tracked(calls: Calls, content_type: str) -> None:
    await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    patch: Any = {"data": {"b": "2"}}
    if content_type == JSON_PATCH:
        patch = [{"op": "add", "path": "/data/b", "value": "2"}]
    status, changed = await calls.patch(f"{MAP}?fieldManager=two", patch, content_type=content_type)
    assert status == 200
    assert fields(changed, "two") == {"f:data": {"f:b": {}}}


async def test_the_status_is_managed_through_its_subresource(calls: Calls) -> None:
    await calls.create(f"{PODS}?fieldManager=maker", {**pod(), "status": {"phase": "Failed", "reason": "ignored"}})
    condition = {"type": "Ready", "status": "True"}
    patch = {"status": {"phase": "Running", "conditions": [condition]}, "spec": {"nodeName": "ignored"}}
    _, changed = await calls.patch(f"{PODS}/web/status?fieldManager=agent", patch)
    assert managers(changed) == [("agent", "Update", "status"), ("maker", "Update", "")]
    assert fields(changed, "agent", subresource="status") == {
        "f:status": {
            "f:conditions": {
                ".": {},
                'k:{"type":"Ready"}': {
                    ".": {},
                    "f:lastProbeTime": {},
                    "f:lastTransitionTime": {},
                    "f:status": {},
                    "f:type": {},
                },
            },
            "f:phase": {},
        }
    }
    assert "f:status" not in fields(changed, "maker")


async def test_an_unchanged_write_leaves_versions_managers_and_times(calls: Calls, clock: Clock) -> None:
    made = await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    clock.now_s += 60
    for manager in ("one", "two"):
        status, same = await calls.send("PUT", f"{MAP}?fieldManager={manager}", config_map(a="1"))
        assert (status, same) == (200, made)


async def test_managers_that_are_sent_back_are_taken_as_they_are(calls: Calls) -> None:
    made = await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    status, same = await calls.send("PUT", f"{MAP}?fieldManager=two", made)
    assert (status, same) == (200, made)
    made["data"]["a"] = "2"
    _, changed = await calls.send("PUT", f"{MAP}?fieldManager=two", made)
    assert managers(changed) == [("one", "Update", ""), ("two", "Update", "")]


async def test_managers_can_be_written_and_what_cannot_be_read_counts_as_not_sent(calls: Calls) -> None:
    made = await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    (entry,) = made["metadata"]["managedFields"]
    for broken in ({**entry, "operation": "Other"}, {**entry, "fieldsType": ""}, {**entry, "fieldsV1": {"a": {}}}):
        _, same = await calls.patch(MAP, {"metadata": {"managedFields": [broken]}})
        assert same == made
    renamed = {**entry, "manager": "other", "operation": "Apply"}
    status, changed = await calls.patch(MAP, {"metadata": {"managedFields": [renamed]}})
    assert (status, managers(changed)) == (200, [("other", "Apply", "")])
    assert changed["metadata"]["resourceVersion"] > made["metadata"]["resourceVersion"]


async def test_a_json_patch_reaches_single_entries(calls: Calls) -> None:
    await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    patch = [
        {"op": "test", "path": "/metadata/managedFields/0/manager", "value": "one"},
        {"op": "replace", "path": "/metadata/managedFields/0/manager", "value": "two"},
    ]
    status, changed = await calls.patch(MAP, patch, content_type=JSON_PATCH)
    assert (status, managers(changed)) == (200, [("two", "Update", "")])


@pytest.mark.parametrize("nothing", [[], [{}]])
async def test_managers_can_be_cleared_and_are_not_tracked_until_somebody_applies(
    calls: Calls, nothing: list[Any]
) -> None:
    await calls.create(CONFIG_MAPS, config_map(a="1"))
    _, cleared = await calls.patch(MAP, {"metadata": {"managedFields": nothing}})
    assert "managedFields" not in cleared["metadata"]
    _, changed = await calls.patch(MAP, {"data": {"a": "2"}})
    assert "managedFields" not in changed["metadata"]


async def test_a_subresource_cannot_be_used_to_write_managers(calls: Calls) -> None:
    await calls.create(f"{PODS}?fieldManager=maker", pod())
    patch = {"metadata": {"managedFields": [{}]}, "status": {"phase": "Running"}}
    _, changed = await calls.patch(f"{PODS}/web/status?fieldManager=agent", patch)
    assert managers(changed) == [("agent", "Update", "status"), ("maker", "Update", "")]


async def test_beyond_ten_updaters_the_oldest_are_put_together(calls: Calls, clock: Clock) -> None:
    await calls.create(f"{CONFIG_MAPS}?fieldManager=m00", config_map(k00="x"))
    for number in range(1, 12):
        clock.now_s += 1
        await calls.patch(f"{MAP}?fieldManager=m{number:02}", {"data": {f"k{number:02}": "x"}})
    body = await calls.get(MAP)
    assert [name for name, _, _ in managers(body)] == ["ancient-changes", *(f"m{number:02}" for number in range(3, 12))]
    assert fields(body, "ancient-changes") == {"f:data": {".": {}, "f:k00": {}, "f:k01": {}, "f:k02": {}}}


async def test_deletion_marks_and_bindings_have_no_manager(calls: Calls) -> None:
    made = await calls.create(
        f"{PODS}?fieldManager=maker", {**pod(), "metadata": {"name": "web", "finalizers": ["a/b"]}}
    )
    status, _ = await calls.send("POST", f"{PODS}/web/binding", {"target": {"name": "edge-1"}})
    assert status == 201
    await calls.send("DELETE", f"{PODS}/web")
    gone = await calls.get(f"{PODS}/web")
    assert gone["metadata"]["managedFields"] == made["metadata"]["managedFields"]
    assert fields(gone, "maker")["f:metadata"] == {"f:finalizers": {".": {}, 'v:"a/b"': {}}}


async def test_managers_are_in_every_form_of_answer(calls: Calls) -> None:
    made = await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    entries = made["metadata"]["managedFields"]
    listed = await calls.get(CONFIG_MAPS)
    assert listed["items"][0]["metadata"]["managedFields"] == entries
    for form in ("PartialObjectMetadata", "Table"):
        accept = f"application/json;as={form};g=meta.k8s.io;v=v1"
        _, body = await calls.send("GET", MAP, accept=accept)
        shown = body["rows"][0]["object"] if form == "Table" else body
        assert shown["metadata"]["managedFields"] == entries


async def test_a_watch_shows_managers(calls: Calls, server: ApiServer, session: aiohttp.ClientSession) -> None:
    made = await calls.create(f"{CONFIG_MAPS}?fieldManager=one", config_map(a="1"))
    async with session.get(f"{server.url}{CONFIG_MAPS}?watch=true&timeoutSeconds=1") as response:
        event = orjson.loads(await response.content.readline())
    assert event == {"type": "ADDED", "object": made}


async def test_kubelets_in_the_process_write_as_kubelet(calls: Calls, store: Store) -> None:
    made = await calls.create(f"{PODS}?fieldManager=maker", pod())
    local = LocalApi(store)
    status = {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]}
    await local.patch_pod_status(namespace="default", name="web", uid=made["metadata"]["uid"], status=status)
    ready = {"type": "Ready", "status": "True"}
    await local.put_node({"metadata": {"name": "edge-1", "labels": {"a": "1"}}, "status": {}})
    await local.patch_node_status("edge-1", {"conditions": [ready]})
    await local.record_event(regarding=made, reason="Started", message="up", component="kubelet")
    changed = await calls.get(f"{PODS}/web")
    assert fields(changed, "kubelet", subresource="status") == {
        "f:status": {"f:phase": {}, "f:podIPs": {".": {}, 'k:{"ip":"10.0.0.1"}': {".": {}, "f:ip": {}}}}
    }
    node = await calls.get("/api/v1/nodes/edge-1")
    assert managers(node) == [("kubelet", "Update", ""), ("kubelet", "Update", "status")]
    (event,) = (await calls.get("/api/v1/namespaces/default/events"))["items"]
    assert managers(event) == [("kubelet", "Update", "")]
    assert "f:eventTime" not in fields(event, "kubelet")


async def test_a_name_that_cannot_be_a_managers_is_refused(calls: Calls) -> None:
    for name, reason in (("x" * 129, "FieldValueTooLong"), ("a%07b", "FieldValueInvalid")):
        status, answer = await calls.send("POST", f"{CONFIG_MAPS}?fieldManager={name}", config_map())
        assert (status, answer["details"]["causes"][0]["reason"]) == (422, reason)


async def test_a_namespaces_label_is_its_creators(calls: Calls) -> None:
    made = await calls.create("/api/v1/namespaces?fieldManager=maker", {"metadata": {"name": "edge"}})
    assert fields(made, "maker") == {"f:metadata": {"f:labels": {".": {}, "f:kubernetes.io/metadata.name": {}}}}
    assert managers(await calls.get("/api/v1/namespaces/default")) == [("kube-apiserver", "Update", "")]


async def test_who_wrote_in_another_version_is_told_in_its_own_fields(calls: Calls) -> None:
    newer = "/apis/events.k8s.io/v1/namespaces/default/events"
    event = {
        "metadata": {"name": "e"},
        "eventTime": "2024-05-05T00:00:00.000000Z",
        "regarding": {"kind": "Pod", "name": "web", "namespace": "default"},
        "reportingController": "a/b",
        "reportingInstance": "c",
        "action": "Watch",
        "reason": "Seen",
        "type": "Normal",
        "note": "first",
    }
    made = await calls.create(f"{newer}?fieldManager=new", event)
    assert {"f:note", "f:regarding", "f:reportingController"} <= set(fields(made, "new"))
    patch = {"message": "second"}
    _, changed = await calls.patch("/api/v1/namespaces/default/events/e?fieldManager=old", patch)
    assert fields(changed, "old") == {"f:message": {}}
    assert set(fields(made, "new")) - set(fields(changed, "new")) == {"f:note"}
    assert [entry["apiVersion"] for entry in changed["metadata"]["managedFields"]] == ["events.k8s.io/v1", "v1"]


async def test_a_resize_is_managed_through_its_subresource(calls: Calls) -> None:
    container = {"name": "main", "image": "registry.example/app:1", "resources": {"requests": {"cpu": "1"}}}
    await calls.create(f"{PODS}?fieldManager=maker", pod(containers=[container]))
    resized = {"spec": {"containers": [{"name": "main", "resources": {"requests": {"cpu": "2"}}}]}}
    status, changed = await calls.patch(f"{PODS}/web/resize?fieldManager=vpa", resized, content_type=STRATEGIC)
    assert status == 200, changed
    assert fields(changed, "vpa", subresource="resize") == {
        "f:spec": {"f:containers": {'k:{"name":"main"}': {"f:resources": {"f:requests": {"f:cpu": {}}}}}}
    }
    owned = fields(changed, "maker")["f:spec"]["f:containers"]['k:{"name":"main"}']
    assert owned["f:resources"] == {".": {}, "f:requests": {}}
