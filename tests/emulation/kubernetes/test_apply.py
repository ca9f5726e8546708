"""Server-side apply: what is created, merged, taken out and refused."""

import random
from typing import Any

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer, Store

from tests.emulation.kubernetes.applications import (
    APPLY,
    CONFIG_MAPS,
    DEPLOYMENTS,
    PODS,
    SERVICES,
    applied,
    apply,
    config_map,
    conflicts,
    deployment,
    fields,
    managers,
    pod,
)
from tests.emulation.kubernetes.calls import STRATEGIC, Calls

MAP = f"{CONFIG_MAPS}/settings"
WEB = f"{DEPLOYMENTS}/web"


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


def container(name: str, image: str = "registry.example/x:1", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": image, **more}


def with_containers(*containers: dict[str, Any]) -> Any:
    body = deployment()
    body["spec"]["template"]["spec"]["containers"] = list(containers)
    return body


async def test_what_does_not_exist_is_created(calls: Calls) -> None:
    status, made = await apply(calls, MAP, config_map(a="1"), "alpha")
    assert (status, made["data"]) == (201, {"a": "1"})
    assert managers(made) == [("alpha", "Apply", "")]
    assert fields(made, "alpha", "Apply") == {"f:data": {"f:a": {}}}


async def test_applying_again_changes_nothing_not_even_a_time(calls: Calls, clock: Clock) -> None:
    _, made = await apply(calls, MAP, config_map(a="1"), "alpha")
    clock.now_s += 60
    assert await apply(calls, MAP, config_map(a="1"), "alpha") == (200, made)


async def test_applying_in_another_form_what_is_stored_changes_nothing(calls: Calls, clock: Clock) -> None:
    body = with_containers(container("a", resources={"limits": {"cpu": "1000m"}}))
    _, made = await apply(calls, WEB, body, "alpha")
    assert made["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "1"}
    clock.now_s += 60
    assert await apply(calls, WEB, body, "alpha") == (200, made)


async def test_what_only_the_applier_managed_is_removed_and_the_rest_stays(calls: Calls) -> None:
    await applied(calls, MAP, config_map(a="1", b="1"), "alpha")
    await calls.patch(f"{MAP}?fieldManager=other", {"data": {"c": "1"}})
    body = await applied(calls, MAP, config_map(a="1"), "alpha")
    assert body["data"] == {"a": "1", "c": "1"}


async def test_what_another_applies_too_stays_when_one_gives_it_up(calls: Calls) -> None:
    await applied(calls, MAP, config_map(a="1"), "alpha")
    await applied(calls, MAP, config_map(a="1"), "beta")
    body = await applied(calls, MAP, config_map(), "alpha")
    assert body["data"] == {"a": "1"}
    assert managers(body) == [("beta", "Apply", "")]
    body = await applied(calls, MAP, config_map(b="1"), "beta")
    assert body["data"] == {"b": "1"}


async def test_agreeing_with_another_is_no_conflict_and_has_no_time(calls: Calls) -> None:
    await applied(calls, MAP, config_map(a="1"), "alpha")
    body = await applied(calls, MAP, config_map(a="1"), "beta")
    beta = next(entry for entry in body["metadata"]["managedFields"] if entry["manager"] == "beta")
    assert "time" not in beta
    assert [name for name, _, _ in managers(body)] == ["beta", "alpha"]


async def test_every_conflict_is_named_with_its_managers(calls: Calls) -> None:
    await applied(calls, MAP, config_map(a="1", b="1"), "alpha")
    await calls.patch(f"{MAP}?fieldManager=gamma", {"data": {"c": "1"}})
    status, refusal = await apply(calls, MAP, config_map(a="2", b="2", c="2"), "beta")
    assert status == 409
    assert conflicts(refusal) == [
        ('conflict with "alpha"', ".data.a"),
        ('conflict with "alpha"', ".data.b"),
        ('conflict with "gamma" using v1', ".data.c"),
    ]
    assert refusal["message"] == (
        'Apply failed with 3 conflicts: conflicts with "alpha":\n- .data.a\n- .data.b\n'
        'conflicts with "gamma" using v1:\n- .data.c'
    )
    assert (await calls.get(MAP))["data"] == {"a": "1", "b": "1", "c": "1"}


async def test_force_takes_fields_from_their_managers(calls: Calls) -> None:
    await applied(calls, MAP, config_map(a="1", b="1"), "alpha")
    body = await applied(calls, MAP, config_map(a="2"), "beta", query="&force=true")
    assert body["data"] == {"a": "2", "b": "1"}
    assert fields(body, "alpha", "Apply") == {"f:data": {"f:b": {}}}
    assert fields(body, "beta", "Apply") == {"f:data": {"f:a": {}}}


async def test_a_write_takes_a_field_from_an_applier_who_then_conflicts(calls: Calls) -> None:
    await applied(calls, WEB, deployment(replicas=2), "alpha")
    await calls.patch(f"{WEB}?fieldManager=scaler", {"spec": {"replicas": 5}}, content_type=STRATEGIC)
    status, refusal = await apply(calls, WEB, deployment(replicas=2), "alpha")
    assert (status, conflicts(refusal)) == (409, [('conflict with "scaler" using apps/v1', ".spec.replicas")])
    body = await applied(calls, WEB, deployment(), "alpha")
    assert body["spec"]["replicas"] == 5


async def test_an_object_without_managers_is_before_first_applys(calls: Calls) -> None:
    await calls.create(CONFIG_MAPS, config_map(a="1", b="1"))
    await calls.patch(MAP, {"metadata": {"managedFields": []}})
    status, refusal = await apply(calls, MAP, config_map(a="2"), "alpha")
    assert (status, conflicts(refusal)) == (409, [('conflict with "before-first-apply" using v1', ".data.a")])
    body = await applied(calls, MAP, config_map(a="2"), "alpha", query="&force=true")
    assert managers(body) == [("alpha", "Apply", ""), ("before-first-apply", "Update", "")]
    assert fields(body, "before-first-apply") == {"f:data": {".": {}, "f:b": {}}}


async def test_a_dry_run_shows_and_stores_nothing(calls: Calls) -> None:
    status, shown = await apply(calls, MAP, config_map(a="1"), "alpha", query="&dryRun=All")
    assert (status, managers(shown)) == (201, [("alpha", "Apply", "")])
    assert (await calls.send("GET", MAP))[0] == 404
    made = await applied(calls, MAP, config_map(a="1"), "alpha")
    _, shown = await apply(calls, MAP, config_map(b="1"), "alpha", query="&dryRun=All")
    assert (shown["data"], shown["metadata"]["resourceVersion"]) == ({"b": "1"}, made["metadata"]["resourceVersion"])
    assert await calls.get(MAP) == made


def names(body: Any) -> list[str]:
    return [item["name"] for item in body["spec"]["template"]["spec"]["containers"]]


async def test_lists_with_keys_are_merged_in_the_order_of_what_was_applied(calls: Calls) -> None:
    await applied(calls, WEB, with_containers(container("a"), container("b"), container("c")), "alpha")
    body = await applied(calls, WEB, with_containers(container("c"), container("x"), container("a")), "beta")
    assert names(body) == ["b", "c", "x", "a"]
    body = await applied(calls, WEB, with_containers(container("b")), "alpha")
    assert names(body) == ["b", "c", "x", "a"]
    body = await applied(calls, WEB, with_containers(container("c")), "beta")
    assert names(body) == ["b", "c"]


async def test_one_containers_fields_may_have_two_managers(calls: Calls) -> None:
    await applied(calls, WEB, with_containers(container("a")), "alpha")
    partial = with_containers({"name": "a", "resources": {"limits": {"cpu": "1"}}})
    body = await applied(calls, WEB, partial, "beta")
    (merged,) = body["spec"]["template"]["spec"]["containers"]
    assert (merged["image"], merged["resources"]["limits"]) == ("registry.example/x:1", {"cpu": "1"})
    body = await applied(calls, WEB, with_containers({"name": "a"}), "beta")
    (merged,) = body["spec"]["template"]["spec"]["containers"]
    assert merged["resources"] == {}


async def test_ports_of_the_same_number_differ_by_protocol(calls: Calls) -> None:
    def service(*ports: dict[str, Any]) -> Any:
        spec = {"ports": list(ports), "selector": {"app": "dns"}}
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "dns"}, "spec": spec}

    await applied(calls, f"{SERVICES}/dns", service({"name": "tcp", "port": 53}), "alpha")
    body = await applied(calls, f"{SERVICES}/dns", service({"name": "udp", "port": 53, "protocol": "UDP"}), "beta")
    assert [(port["name"], port["protocol"]) for port in body["spec"]["ports"]] == [("tcp", "TCP"), ("udp", "UDP")]


async def test_sets_are_merged_value_by_value(calls: Calls) -> None:
    def holding(*finalizers: str) -> Any:
        return {**config_map(), "metadata": {"name": "settings", "finalizers": list(finalizers)}}

    await applied(calls, MAP, holding("a/1", "a/2"), "alpha")
    body = await applied(calls, MAP, holding("b/1", "a/1"), "beta")
    assert body["metadata"]["finalizers"] == ["b/1", "a/1", "a/2"]
    body = await applied(calls, MAP, holding(), "alpha")
    assert body["metadata"]["finalizers"] == ["b/1", "a/1"]


async def test_lists_and_structures_that_the_api_keeps_whole_are_replaced_whole(calls: Calls) -> None:
    tolerations = [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]
    body = deployment()
    body["spec"]["template"]["spec"]["tolerations"] = tolerations
    body["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    first = await applied(calls, WEB, body, "alpha")
    owned = fields(first, "alpha", "Apply")["f:spec"]["f:template"]["f:spec"]
    assert (owned["f:tolerations"], owned["f:nodeSelector"]) == ({}, {})
    body["spec"]["template"]["spec"]["tolerations"] = tolerations[:1]
    status, refusal = await apply(calls, WEB, body, "beta")
    assert (status, conflicts(refusal)[0][1]) == (409, ".spec.template.spec.tolerations")
    second = await applied(calls, WEB, body, "beta", query="&force=true")
    assert second["spec"]["template"]["spec"]["tolerations"] == tolerations[:1]


async def test_null_gives_a_field_its_default_and_is_managed(calls: Calls) -> None:
    await applied(calls, WEB, deployment(replicas=3), "alpha")
    body = await applied(calls, WEB, deployment(replicas=None), "alpha")
    assert body["spec"]["replicas"] == 1
    assert fields(body, "alpha", "Apply")["f:spec"]["f:replicas"] == {}


async def test_a_status_is_applied_through_its_subresource_alone(calls: Calls) -> None:
    await applied(calls, f"{PODS}/web", {**pod(), "status": {"phase": "Failed"}}, "alpha")
    status = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "status": {"phase": "Running"}}
    body = await applied(calls, f"{PODS}/web/status", {**status, "spec": {"nodeName": "x"}}, "agent")
    assert managers(body) == [("agent", "Apply", "status"), ("alpha", "Apply", "")]
    assert (body["status"]["phase"], "nodeName" in body["spec"]) == ("Running", False)
    assert fields(body, "agent", "Apply", "status") == {"f:status": {"f:phase": {}}}
    assert "f:status" not in fields(body, "alpha", "Apply")
    assert (await apply(calls, f"{PODS}/missing/status", status, "agent"))[0] == 404


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"metadata": {"name": "other"}}, 400, "does not match the name on the URL"),
        ({"metadata": {}}, 400, "undeterminable"),
        ({"metadata": {"name": "settings", "uid": "00000000-0000-0000-0000-000000000000"}}, 409, "uid mismatch"),
        ({"metadata": {"name": "settings", "namespace": "elsewhere"}}, 400, "namespace"),
        ({"apiVersion": "v2"}, 400, "invalid object type: /v2, Kind=ConfigMap"),
        ({"kind": "Secret"}, 400, "invalid object type: /v1, Kind=Secret"),
        ({"data": ["a"]}, 500, ".data: expected map"),
        ({"data": {"a": 1}}, 500, ".data.a: expected string"),
        ({"metadata": {"name": "settings", "finalizers": ["a", "a"]}}, 500, "duplicate entries"),
        ({"metadata": {"name": "settings", "ownerReferences": [{"kind": "Pod"}]}}, 500, 'omits key field "uid"'),
    ],
)
async def test_what_does_not_fit_is_refused(calls: Calls, change: dict[str, Any], code: int, told: str) -> None:
    status, refusal = await apply(calls, MAP, {**config_map(), **change}, "alpha")
    assert status == code, refusal
    assert told in refusal["message"]
    assert (await calls.send("GET", MAP))[0] == 404


async def test_force_belongs_to_apply(calls: Calls) -> None:
    await calls.create(CONFIG_MAPS, config_map(a="1"))
    assert await calls.refused_change(f"{MAP}?force=true", {}) == [("FieldValueForbidden", "force")]


async def send_text(server: ApiServer, session: aiohttp.ClientSession, text: str, *, query: str = "") -> Any:
    url = f"{server.url}{MAP}?fieldManager=alpha{query}"
    async with session.patch(url, data=text.encode(), headers={"Content-Type": APPLY}) as response:
        return response, await response.json()


async def test_yaml_is_read_as_json_would_be(server: ApiServer, session: aiohttp.ClientSession) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {when: 2024-05-05, at: 12:30, 1: one}\n"
    response, body = await send_text(server, session, text)
    assert response.status == 201, body
    assert body["data"] == {"when": "2024-05-05", "at": "12:30", "1": "one"}
    response, body = await send_text(server, session, "a: [")
    assert (response.status, body["reason"]) == (400, "BadRequest")
    assert "error decoding YAML" in body["message"]
    response, body = await send_text(server, session, "- a")
    assert response.status == 400


async def test_a_field_that_stands_twice_is_warned_of_or_refused(
    server: ApiServer, session: aiohttp.ClientSession
) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: x, a: y}\n"
    response, _ = await send_text(server, session, text, query="&fieldValidation=Strict")
    assert response.status == 400
    response, body = await send_text(server, session, text, query="&fieldValidation=Warn")
    assert (response.status, body["data"]) == (201, {"a": "y"})
    assert response.headers["Warning"] == '299 - "key \\"a\\" already set in map"'


async def test_cbor_is_not_offered(server: ApiServer, session: aiohttp.ClientSession, calls: Calls) -> None:
    await calls.create(CONFIG_MAPS, config_map(a="1"))
    headers = {"Content-Type": "application/apply-patch+cbor"}
    async with session.patch(f"{server.url}{MAP}?fieldManager=a", data=b"\xa0", headers=headers) as response:
        assert response.status == 415
        assert APPLY in (await response.json())["message"]


async def test_a_custom_kind_is_merged_as_its_schema_says(calls: Calls) -> None:
    properties = {"number": {"type": "integer"}, "name": {"type": "string"}}
    port = {"type": "object", "properties": properties, "required": ["number"]}
    ports = {
        "type": "array",
        "items": port,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["number"],
    }
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"ports": ports}}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [version]}
    definition = {"metadata": {"name": "widgets.example.org"}, "spec": spec}
    await calls.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)

    def widget(*items: dict[str, Any]) -> Any:
        metadata = {"name": "w"}
        return {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": metadata, "spec": {"ports": list(items)}}

    path = "/apis/example.org/v1/namespaces/default/widgets/w"
    await applied(calls, path, widget({"number": 1, "name": "a"}), "alpha")
    body = await applied(calls, path, widget({"number": 2, "name": "b"}), "beta")
    assert [item["number"] for item in body["spec"]["ports"]] == [1, 2]
    status, refusal = await apply(calls, path, widget({"number": 1, "name": "x"}), "beta")
    assert (status, conflicts(refusal)) == (409, [('conflict with "alpha"', ".spec.ports[number=1].name")])
    body = await applied(calls, path, widget(), "alpha")
    assert [item["number"] for item in body["spec"]["ports"]] == [2]
