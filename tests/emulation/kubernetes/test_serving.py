"""What the server offers besides objects: health, discovery, admission, and a stop that does not hang."""

import asyncio
from pathlib import Path

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer, Store
from galileo_emulation.kubernetes.apiobjects import JsonObject

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
VECTORS = Path(__file__).parents[2] / "vectors" / "kubernetes"
POD = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/livez"])
async def test_health_is_plain_text(server: ApiServer, session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(server.url + path) as response:
        assert (response.status, await response.text()) == (200, "ok")


async def test_both_forms_of_discovery_name_the_same_kinds(server: ApiServer, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{server.url}/api/v1") as response:
        listed = {entry["name"] for entry in (await response.json())["resources"] if "/" not in entry["name"]}
    async with session.get(f"{server.url}/api", headers={"Accept": AGGREGATED}) as response:
        (core,) = orjson.loads(await response.read())["items"]
    aggregated = {entry["resource"] for entry in core["versions"][0]["resources"]}
    assert listed == aggregated
    assert {"pods", "nodes", "namespaces", "events"} <= aggregated


async def test_discovery_describes_offered_kinds_as_a_real_server_does(
    server: ApiServer, session: aiohttp.ClientSession
) -> None:
    recording = orjson.loads((VECTORS / "discovery.json").read_bytes())["steps"]
    for step in (7, 8, 10):
        async with session.get(server.url + recording[step]["request"]["path"]) as response:
            offered = {entry["name"]: entry for entry in (await response.json())["resources"]}
        for entry in recording[step]["response"]["body"]["resources"]:
            entry.pop("storageVersionHash", None)
            if entry["name"] in offered:
                assert offered[entry["name"]] == entry


async def test_an_unknown_group_is_404_in_plain_text(server: ApiServer, session: aiohttp.ClientSession) -> None:
    for path in ("/apis/metrics.k8s.io/v1beta1", "/apis/nothing.example/v1/namespaces/default/things"):
        async with session.get(server.url + path) as response:
            assert (response.status, await response.text()) == (404, "404 page not found\n")


async def test_admission_may_change_what_is_created(store: Store, session: aiohttp.ClientSession) -> None:
    def label(plural: str, body: JsonObject) -> None:
        body["metadata"].setdefault("labels", {})["admitted-as"] = plural

    async with ApiServer(store, admit=label) as server:
        url = f"{server.url}/api/v1/namespaces/default/pods"
        async with session.post(url, json=POD) as response:
            assert (await response.json())["metadata"]["labels"] == {"admitted-as": "pods"}


async def test_the_server_stops_while_a_watch_is_open(store: Store, session: aiohttp.ClientSession) -> None:
    async with ApiServer(store) as server:
        response = await session.get(f"{server.url}/api/v1/pods", params={"watch": "true"})
        assert response.status == 200
        stopping = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping < 2
    response.close()


async def test_the_address_is_not_known_before_the_start(store: Store) -> None:
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = ApiServer(store).url


@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("POST", "/api/v1/namespaces/default/pods", {"metadata": "a", "spec": {}}, "metadata"),
        ("POST", "/api/v1/namespaces/default/pods/a/binding", {"metadata": 5}, "metadata"),
        ("DELETE", "/api/v1/namespaces/default/pods/a", {"gracePeriodSeconds": "soon"}, "gracePeriodSeconds"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused_with_the_place(
    server: ApiServer, session: aiohttp.ClientSession, method: str, path: str, body: JsonObject, place: str
) -> None:
    async with session.request(method, server.url + path, json=body) as response:
        status = await response.json()
    assert (response.status, status["reason"]) == (400, "BadRequest")
    assert f"{place}: expected" in status["message"]
