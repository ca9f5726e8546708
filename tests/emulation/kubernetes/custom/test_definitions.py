"""The life of a definition: established, served, changed, taken away."""

import asyncio

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer
from galileo_emulation.kubernetes.storage.catalog import preference

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.custom.definitions import (
    DEFINITIONS,
    LAMPS,
    Json,
    definition,
    lamp,
    spec_schema,
    version,
)

LAMP_DEFINITION = f"{DEFINITIONS}/lamps.example.org"
TEXT = {"type": "string"}


def conditions(found: Json) -> dict[str, tuple[str, str]]:
    return {entry["type"]: (entry["status"], entry["reason"]) for entry in found["status"]["conditions"]}


async def test_a_kind_is_served_as_soon_as_it_is_defined(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    await calls.create(LAMPS, lamp(spec={"colour": "red"}))
    resources = (await calls.get("/apis/example.org/v1"))["resources"]
    assert [(entry["name"], entry["shortNames"], entry["categories"]) for entry in resources] == [
        ("lamps", ["lp"], ["light"])
    ]


async def test_a_kind_without_namespaces_is_at_the_top(calls: Calls) -> None:
    body = definition(spec_schema(colour=TEXT))
    body["spec"]["scope"] = "Cluster"
    await calls.create(DEFINITIONS, body)
    made = await calls.create("/apis/example.org/v1/lamps", lamp(spec={"colour": "red"}))
    assert "namespace" not in made["metadata"]
    assert (await calls.send("GET", LAMPS))[0] == 404


async def test_a_taken_name_is_not_given_twice_and_is_free_again_later(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    other = definition(spec_schema(colour=TEXT))
    other["metadata"]["name"] = "lights.example.org"
    other["spec"]["names"] = {"plural": "lights", "kind": "Lamp", "listKind": "LightList"}
    await calls.create(DEFINITIONS, other)
    waiting = await calls.get(f"{DEFINITIONS}/lights.example.org")
    assert conditions(waiting) == {
        "NamesAccepted": ("False", "KindConflict"),
        "Established": ("False", "NotAccepted"),
    }
    assert (await calls.send("GET", "/apis/example.org/v1/namespaces/default/lights"))[0] == 404
    await calls.send("DELETE", LAMP_DEFINITION)
    served = await calls.get(f"{DEFINITIONS}/lights.example.org")
    assert conditions(served)["Established"] == ("True", "InitialNamesAccepted")
    await calls.get("/apis/example.org/v1/namespaces/default/lights")


async def test_a_group_of_kubernetes_needs_an_approval(calls: Calls) -> None:
    body = definition(spec_schema(colour=TEXT))
    body["metadata"]["name"], body["spec"]["group"] = "lamps.light.k8s.io", "light.k8s.io"
    annotation = "api-approved.kubernetes.io"
    assert await calls.refused(DEFINITIONS, body) == [("FieldValueRequired", f"metadata.annotations[{annotation}]")]
    body["metadata"]["annotations"] = {annotation: "https://example.org/approval"}
    await calls.create(DEFINITIONS, body)
    found = await calls.get(f"{DEFINITIONS}/lamps.light.k8s.io")
    assert conditions(found)["KubernetesAPIApprovalPolicyConformant"] == ("True", "ApprovedAnnotation")


async def test_a_changed_schema_holds_at_once(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    await calls.create(LAMPS, lamp("old", spec={"colour": "red", "size": 3}))
    changed = definition(spec_schema(colour={**TEXT, "enum": ["blue"], "default": "blue"}, size={"type": "integer"}))
    status, answer = await calls.patch(LAMP_DEFINITION, changed)
    assert (status, answer["metadata"]["generation"]) == (200, 2)
    assert await calls.refused(LAMPS, lamp("new", spec={"colour": "red"})) == [
        ("FieldValueNotSupported", "spec.colour")
    ]
    made = await calls.create(LAMPS, lamp("new", spec={"size": 4}))
    assert made["spec"] == {"colour": "blue", "size": 4}


async def test_objects_show_defaults_that_came_after_them_and_keep_what_the_schema_lost(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT, size={"type": "integer"})))
    made = await calls.create(LAMPS, lamp(spec={"colour": "red", "size": 3}))
    brightness = {"type": "integer", "default": 5}
    without_size = spec_schema(colour=TEXT, brightness=brightness)
    await calls.patch(LAMP_DEFINITION, {"spec": {"versions": [version(without_size)]}})
    shown = await calls.get(f"{LAMPS}/a")
    assert shown["spec"] == {"colour": "red", "brightness": 5}
    assert shown["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    assert (await calls.get(LAMPS))["items"][0]["spec"] == shown["spec"]
    with_size = spec_schema(colour=TEXT, size={"type": "integer"})
    await calls.patch(LAMP_DEFINITION, {"spec": {"versions": [version(with_size)]}})
    assert (await calls.get(f"{LAMPS}/a"))["spec"] == {"colour": "red", "size": 3}


async def test_what_is_wrong_already_does_not_stand_in_the_way_of_other_changes(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT, size={"type": "integer"})))
    await calls.create(LAMPS, lamp(spec={"colour": "red", "size": 1}))
    stricter = spec_schema(colour={**TEXT, "maxLength": 2}, size={"type": "integer"})
    await calls.patch(LAMP_DEFINITION, {"spec": {"versions": [version(stricter)]}})
    assert (await calls.patch(f"{LAMPS}/a", {"spec": {"size": 2}}))[0] == 200
    assert await calls.refused_change(f"{LAMPS}/a", {"spec": {"colour": "blue"}}) == [
        ("FieldValueTooLong", "spec.colour")
    ]


async def test_versions_show_the_same_objects(calls: Calls) -> None:
    body = definition(spec_schema(colour=TEXT))
    old = version(spec_schema(colour=TEXT, hue={**TEXT, "default": "warm"}), "v1beta1", storage=False)
    body["spec"]["versions"].append(old)
    await calls.create(DEFINITIONS, body)
    assert (await calls.get("/apis/example.org"))["preferredVersion"]["version"] == "v1"
    await calls.create(LAMPS, lamp(spec={"colour": "red"}))
    beta = LAMPS.replace("/v1/", "/v1beta1/")
    shown = await calls.get(f"{beta}/a")
    assert (shown["apiVersion"], shown["spec"]) == ("example.org/v1beta1", {"colour": "red", "hue": "warm"})
    status, changed = await calls.patch(f"{beta}/a", {"spec": {"colour": "blue"}})
    assert (status, changed["metadata"]["generation"]) == (200, 2)
    assert (await calls.get(f"{LAMPS}/a"))["spec"] == {"colour": "blue"}


async def test_stored_versions_are_remembered_and_cannot_be_dropped(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    first = version(spec_schema(colour=TEXT), storage=False)
    second = version(spec_schema(colour=TEXT), "v2")
    _, changed = await calls.patch(LAMP_DEFINITION, {"spec": {"versions": [first, second]}})
    assert changed["status"]["storedVersions"] == ["v1", "v2"]
    assert await calls.refused_change(LAMP_DEFINITION, {"spec": {"versions": [second]}}) == [
        ("FieldValueInvalid", "status.storedVersions[0]")
    ]
    for stored in ([], ["v1"], ["v1", "v2", "v3"]):
        ((reason, field),) = await calls.refused_change(
            f"{LAMP_DEFINITION}/status", {"status": {"storedVersions": stored}}
        )
        assert (reason, field.partition("[")[0]) == ("FieldValueInvalid", "status.storedVersions")
    await calls.patch(f"{LAMP_DEFINITION}/status", {"status": {"storedVersions": ["v2"]}})
    assert (await calls.patch(LAMP_DEFINITION, {"spec": {"versions": [second]}}))[0] == 200
    assert (await calls.send("GET", LAMPS))[0] == 404


async def test_a_version_that_is_not_served_is_not_there(calls: Calls) -> None:
    body = definition(spec_schema(colour=TEXT))
    body["spec"]["versions"].append(version(spec_schema(colour=TEXT), "v2", served=False, storage=False))
    await calls.create(DEFINITIONS, body)
    assert (await calls.send("GET", LAMPS))[0] == 200
    assert [entry["version"] for entry in (await calls.get("/apis/example.org"))["versions"]] == ["v1"]


async def test_a_deprecated_version_warns(calls: Calls, server: ApiServer, session: aiohttp.ClientSession) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT), deprecated=True))
    async with session.post(server.url + LAMPS, json=lamp()) as response:
        assert response.headers["Warning"] == '299 - "example.org/v1 Lamp is deprecated"'
    async with session.get(server.url + LAMPS) as response:
        assert response.headers["Warning"] == '299 - "example.org/v1 Lamp is deprecated"'


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("spec.names.plural", {"names": {"plural": "lights"}}),
        ("spec.group", {"group": "example.net"}),
        ("spec.scope", {"scope": "Cluster"}),
        ("spec.names.kind", {"names": {"kind": "Light"}}),
    ],
)
async def test_what_objects_hang_on_cannot_change(calls: Calls, field: str, change: Json) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    assert ("FieldValueInvalid", field) in await calls.refused_change(LAMP_DEFINITION, {"spec": change})


async def test_objects_that_are_held_hold_the_definition(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    held = lamp()
    held["metadata"]["finalizers"] = ["example.org/hold"]
    await calls.create(LAMPS, held)
    await calls.create(LAMPS, lamp("free"))
    await calls.send("DELETE", LAMP_DEFINITION)
    waiting = await calls.get(LAMP_DEFINITION)
    assert conditions(waiting)["Terminating"] == ("True", "InstanceDeletionInProgress")
    (left,) = (await calls.get(LAMPS))["items"]
    assert (left["metadata"]["name"], "deletionTimestamp" in left["metadata"]) == ("a", True)
    assert (await calls.send("POST", LAMPS, lamp("new")))[0] == 405
    await calls.patch(f"{LAMPS}/a", {"metadata": {"finalizers": None}})
    assert (await calls.send("GET", LAMP_DEFINITION))[0] == 404
    assert (await calls.send("GET", LAMPS))[1] == "404 page not found\n"


async def test_a_definition_that_comes_again_does_not_bring_back_the_old_objects(calls: Calls) -> None:
    for _ in range(2):
        await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
        listed = await calls.get(LAMPS)
        assert listed["items"] == []
        await calls.create(LAMPS, lamp())
        await calls.send("DELETE", LAMP_DEFINITION)


async def test_the_past_of_an_earlier_definition_is_not_the_new_ones(
    calls: Calls, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    before = (await calls.get(LAMPS))["metadata"]["resourceVersion"]
    await calls.create(LAMPS, lamp())
    await calls.send("DELETE", LAMP_DEFINITION)
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    parameters = {"watch": "true", "resourceVersion": before, "timeoutSeconds": "1"}
    async with session.get(f"{server.url}{LAMPS}", params=parameters) as response:
        events = [orjson.loads(line) async for line in response.content]
    assert [(event["type"], event["object"]["code"]) for event in events] == [("ERROR", 410)]


def test_versions_are_preferred_by_stability_and_age() -> None:
    names = ["v1", "v10", "v2", "v1beta2", "v2beta1", "v1alpha1", "foo1", "v11alpha2", "foo10"]
    ordered = ["v10", "v2", "v1", "v2beta1", "v1beta2", "v11alpha2", "v1alpha1", "foo1", "foo10"]
    assert sorted(names, key=preference) == ordered


async def test_discovery_names_the_preferred_version_first(calls: Calls) -> None:
    body = definition(spec_schema(colour=TEXT))
    body["spec"]["versions"] = [
        version(spec_schema(colour=TEXT), "v1alpha1"),
        version(spec_schema(colour=TEXT), "v1beta1", storage=False),
    ]
    await calls.create(DEFINITIONS, body)
    group = await calls.get("/apis/example.org")
    assert group["preferredVersion"]["version"] == "v1beta1"
    assert [entry["version"] for entry in group["versions"]] == ["v1beta1", "v1alpha1"]


async def test_a_watch_ends_when_its_kind_changes(
    calls: Calls, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    async with session.get(f"{server.url}{LAMPS}", params={"watch": "true"}) as response:
        await calls.create(LAMPS, lamp())
        await calls.patch(LAMP_DEFINITION, {"spec": {"versions": [version(spec_schema(size={"type": "integer"}))]}})
        async with asyncio.timeout(5):
            lines = [orjson.loads(line) async for line in response.content]
    assert [event["type"] for event in lines] == ["ADDED"]


async def test_a_watch_ends_when_no_version_is_served_any_more(
    calls: Calls, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    async with session.get(f"{server.url}{LAMPS}", params={"watch": "true"}) as response:
        await calls.patch(LAMP_DEFINITION, {"spec": {"versions": [version(spec_schema(colour=TEXT), served=False)]}})
        async with asyncio.timeout(5):
            assert await response.content.read() == b""
    assert (await calls.send("GET", LAMPS))[0] == 404


async def test_webhook_conversion_is_refused_in_one_line(calls: Calls) -> None:
    body = definition(spec_schema(colour=TEXT))
    client = {"url": "https://127.0.0.1/convert"}
    body["spec"]["conversion"] = {
        "strategy": "Webhook",
        "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": client},
    }
    assert await calls.refused(DEFINITIONS, body) == [("FieldValueForbidden", "spec.conversion.strategy")]


async def test_both_forms_of_discovery_follow(calls: Calls) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT), subresources={"status": {}}))
    _, aggregated = await calls.send("GET", "/apis", accept=accept)
    (group,) = [item for item in aggregated["items"] if item["metadata"].get("name") == "example.org"]
    (found,) = group["versions"][0]["resources"]
    assert (found["resource"], found["responseKind"]["kind"]) == ("lamps", "Lamp")
    assert [part["subresource"] for part in found["subresources"]] == ["status"]
    await calls.send("DELETE", LAMP_DEFINITION)
    assert "example.org" not in {entry["name"] for entry in (await calls.get("/apis"))["groups"]}
