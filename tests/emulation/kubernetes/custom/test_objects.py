"""Objects of custom kinds over HTTP, beyond what the recording shows."""

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer

from tests.emulation.kubernetes.calls import JSON_PATCH, Calls
from tests.emulation.kubernetes.custom.definitions import DEFINITIONS, LAMPS, Json, definition, lamp, spec_schema

TEXT = {"type": "string"}
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


async def test_without_a_status_subresource_the_status_is_like_any_field(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(ANYTHING))
    made = await calls.create(LAMPS, lamp(status={"phase": "Lit"}))
    assert made["status"] == {"phase": "Lit"}
    _, changed = await calls.patch(f"{LAMPS}/a", {"status": {"phase": "Dark"}})
    assert (changed["status"]["phase"], changed["metadata"]["generation"]) == ("Dark", 2)
    assert (await calls.send("GET", f"{LAMPS}/a/status"))[0] == 404


async def test_fields_beside_spec_and_status_are_kept_and_raise_the_generation(calls: Calls) -> None:
    schema = {"type": "object", "properties": {"data": TEXT, "spec": ANYTHING, "status": ANYTHING}}
    await calls.create(DEFINITIONS, definition(schema, subresources={"status": {}}))
    await calls.create(LAMPS, lamp(data="one"))
    _, changed = await calls.patch(f"{LAMPS}/a", {"data": "two"})
    assert (changed["data"], changed["metadata"]["generation"]) == ("two", 2)
    _, same = await calls.patch(f"{LAMPS}/a/status", {"data": "three", "status": {"phase": "Lit"}})
    assert (same["data"], same["status"], same["metadata"]["generation"]) == ("two", {"phase": "Lit"}, 2)


@pytest.mark.parametrize("content", [{"spec": "text"}, {"spec": [1]}, {"spec": {"finalizers": ["a"]}}, {"spec": None}])
async def test_a_spec_may_be_anything_that_the_schema_allows(calls: Calls, content: Json) -> None:
    await calls.create(DEFINITIONS, definition(ANYTHING))
    await calls.create(LAMPS, lamp(**content))
    assert (await calls.patch(f"{LAMPS}/a", {"metadata": {"labels": {"a": "b"}}}))[0] == 200
    assert (await calls.send("DELETE", f"{LAMPS}/a"))[0] == 200
    assert (await calls.send("GET", f"{LAMPS}/a"))[0] == 404


async def test_null_is_kept_where_it_is_allowed_and_left_out_elsewhere(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(a={**TEXT, "nullable": True}, b=TEXT)))
    made = await calls.create(LAMPS, lamp(spec={"a": None, "b": None}))
    assert made["spec"] == {"a": None}


async def test_an_embedded_object_keeps_its_identity_and_has_to_have_one(calls: Calls) -> None:
    template = {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": ANYTHING}}
    await calls.create(DEFINITIONS, definition(spec_schema(template=template)))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"x": 1}, "other": 2}
    made = await calls.create(LAMPS, lamp(spec={"template": pod}))
    assert made["spec"]["template"] == {field: pod[field] for field in ("apiVersion", "kind", "metadata", "spec")}
    assert await calls.refused(LAMPS, lamp("b", spec={"template": {"kind": "Pod"}})) == [
        ("FieldValueRequired", "spec.template.apiVersion")
    ]


async def test_unknown_metadata_is_named_and_wrong_metadata_refused(
    calls: Calls, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    await calls.create(DEFINITIONS, definition(ANYTHING))
    body = lamp()
    body["metadata"]["colour"] = "red"
    async with session.post(server.url + LAMPS, json=body) as response:
        assert response.headers["Warning"] == '299 - "unknown field \\"metadata.colour\\""'
    for metadata in ({"name": "b", "labels": {"a": 5}}, "b"):
        status, answer = await calls.send("POST", LAMPS, {**lamp("b"), "metadata": metadata})
        assert status == 400
        assert "metadata" in answer["message"]


async def test_field_validation_strict_and_ignore(
    calls: Calls, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    body = lamp(spec={"colour": "red", "size": 1})
    async with session.post(f"{server.url}{LAMPS}?fieldValidation=Ignore", json=body) as response:
        assert (response.status, "Warning" in response.headers) == (201, False)
    twice = orjson.dumps(lamp("b", spec={"colour": "red"})).replace(b'"colour"', b'"colour":"blue","colour"')
    headers = {"Content-Type": "application/json"}
    async with session.post(f"{server.url}{LAMPS}?fieldValidation=Strict", data=twice, headers=headers) as response:
        assert (response.status, "duplicate field" in (await response.json())["message"]) == (400, True)
    status, answer = await calls.patch(f"{LAMPS}/a?fieldValidation=Strict", {"spec": {"size": 2}})
    assert (status, answer["details"]["causes"][0]["field"]) == (422, "patch")


async def test_a_patch_cannot_make_another_kind_of_it(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(ANYTHING))
    await calls.create(LAMPS, lamp())
    status, _ = await calls.patch(
        f"{LAMPS}/a", [{"op": "replace", "path": "/kind", "value": "Light"}], content_type=JSON_PATCH
    )
    assert status == 422


async def test_a_change_to_what_is_there_already_keeps_the_version(calls: Calls) -> None:
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT)))
    made = await calls.create(LAMPS, lamp(spec={"colour": "red"}))
    _, same = await calls.patch(f"{LAMPS}/a", {"spec": {"colour": "red", "unknown": 1}})
    assert same["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_pages_and_tables_of_lists(calls: Calls) -> None:
    column = {"name": "Colour", "type": "string", "jsonPath": ".spec.colour"}
    await calls.create(DEFINITIONS, definition(spec_schema(colour=TEXT), additionalPrinterColumns=[column]))
    for name in ("a", "b", "c"):
        await calls.create(LAMPS, lamp(name, spec={"colour": name * 3}))
    first = await calls.get(f"{LAMPS}?limit=2")
    rest = await calls.get(f"{LAMPS}?limit=2&continue={first['metadata']['continue']}")
    assert [item["metadata"]["name"] for item in first["items"] + rest["items"]] == ["a", "b", "c"]
    assert await calls.table(LAMPS) == (["Name", "Colour"], [["a", "aaa"], ["b", "bbb"], ["c", "ccc"]])


async def test_a_list_nested_as_deep_as_json_goes_is_refused_or_pruned(
    server: ApiServer, session: aiohttp.ClientSession, calls: Calls
) -> None:
    await calls.create(
        DEFINITIONS, definition(spec_schema(colour=TEXT, any={"x-kubernetes-preserve-unknown-fields": True}))
    )
    deep = b"[" * 900 + b"]" * 900
    for name, field in (("a", b"any"), ("b", b"gone")):
        body = b'{"apiVersion":"example.org/v1","kind":"Lamp","metadata":{"name":"%b"},"spec":{"%b":%b}}'
        data = body % (name.encode(), field, deep)
        async with session.post(
            server.url + LAMPS, data=data, headers={"Content-Type": "application/json"}
        ) as response:
            assert response.status == (400 if name == "a" else 201)
