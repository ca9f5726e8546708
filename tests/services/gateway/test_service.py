"""The gateway as a service: weights from etcd, other gateways from the bus, requests over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest
from galileo_backends.http import HttpClient, Response
from galileo_bus.service import SettingError
from galileo_schemas.events import ClusterInventory, NodeUpdate, PodContainer, PodRunning, Resync
from galileo_schemas.labels import FUNCTION, TYPE_FUNCTION, TYPE_GATEWAY
from galileo_services.gateway.service import GatewayService

from tests.services.gateway.conftest import Edge, Pod
from tests.services.harness import House, until

LOCAL = "127.0.0.1"
ZONE_A = {"gateway_zone": "zone-a", "gateway_node": "node-1", "gateway_listen_host": LOCAL, "gateway_listen_port": "0"}
KEY = "golb/function/zone-a/resnet"


def weights(*addresses: str) -> bytes:
    return json.dumps({"ips": addresses, "weights": [1] * len(addresses)}).encode()


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient(timeout_s=5)
    yield client
    await client.close()


async def informed(house: House, gateway: GatewayService) -> None:
    """Returns when the gateway listens, after it was told of a cluster without pods."""
    await until(lambda: bool(house.said.of(Resync)))
    await house.person.say(ClusterInventory(nodes=[], pods=[], as_of=0.0))
    await until(lambda: gateway.ready() is None)


def running(name: str, uid: str, address: str, **labels: str) -> PodRunning:
    host, _, port = address.rpartition(":")
    return PodRunning(
        pod_uid=uid,
        name=name,
        node_name="node-2",
        pod_ip=host,
        containers={"main": PodContainer(name="main", port=int(port))},
        labels=labels,
        status="Running",
        ready=True,
    )


async def ask(client: HttpClient, gateway: GatewayService, path: str = "/function/resnet/x") -> Response:
    return await client.request("GET", LOCAL, gateway._gateway.port, path)


async def test_it_serves_by_what_etcd_holds_and_follows_it(house: House, edge: Edge, client: HttpClient) -> None:
    first, second = await edge.pod(), await edge.pod()
    await house.etcd.put(KEY, weights(first.address))
    await house.etcd.put("golb/function/zone-ab/resnet", weights("10.9.9.9:1"))
    async with house.living(GatewayService, **ZONE_A) as gateway:
        await informed(house, gateway)
        assert (await ask(client, gateway)).status == 200
        await house.etcd.put(KEY, weights(second.address))
        await until(lambda: "resnet" in gateway._gateway.table.functions)
        await until(lambda: gateway._gateway.table.functions["resnet"].weights.ips == (second.address,))
        assert (await ask(client, gateway)).status == 200
        await house.etcd.delete(KEY)
        await until(lambda: "resnet" not in gateway._gateway.table.functions)
        assert (await ask(client, gateway)).status == 404
        assert gateway.figures()["forwarded"] == 2.0
    assert [len(pod.requests) for pod in (first, second)] == [1, 1]


async def test_a_wrong_value_in_etcd_leaves_the_function_as_it_was(
    house: House, edge: Edge, client: HttpClient
) -> None:
    pod = await edge.pod()
    await house.etcd.put(KEY, weights(pod.address))
    async with house.living(GatewayService, **ZONE_A) as gateway:
        await informed(house, gateway)
        await house.etcd.put(KEY, b'{"ips": "none"}')
        await until(lambda: gateway.figures()["refused_weights"] == 1.0)
        assert (await ask(client, gateway)).status == 200


async def test_addresses_that_the_bus_tells_to_be_gateways_are_asked_for_the_whole_path(
    house: House, edge: Edge, client: HttpClient
) -> None:
    other: Pod = await edge.pod()
    await house.etcd.put(KEY, weights(other.address))
    async with house.living(GatewayService, **ZONE_A) as gateway:
        await informed(house, gateway)
        await ask(client, gateway)
        await house.person.say(NodeUpdate(name="node-2", zone="zone-b"))
        await house.person.say(
            running("gateway-b", "uid-2", other.address, type=TYPE_GATEWAY, **{FUNCTION: "api-gateway"})
        )
        await until(lambda: gateway._gateway.table.is_gateway(other.address))
        await ask(client, gateway)
    assert [request.target for request in other.requests] == ["/x", "/function/resnet/x"]


async def test_it_does_not_listen_before_it_knows_which_addresses_are_gateways(
    house: House, edge: Edge, client: HttpClient
) -> None:
    other: Pod = await edge.pod()
    await house.etcd.put(KEY, weights(other.address))
    async with house.living(GatewayService, **ZONE_A) as gateway:
        await until(lambda: "resnet" in gateway._gateway.table.functions)
        await house.person.say(ClusterInventory(nodes=[], pods=["uid-2"], as_of=0.0))  # of which it heard the end alone
        await asyncio.sleep(0.1)
        assert "which of them are gateways is not known" in str(gateway.ready())
        assert gateway._gateway.port == 0, "it listens nowhere"
        await house.person.say(NodeUpdate(name="node-2", zone="zone-b"))
        await house.person.say(running("gateway-b", "uid-2", other.address, type=TYPE_GATEWAY))
        await house.person.say(ClusterInventory(nodes=["node-2"], pods=["uid-2"], as_of=0.0))
        await until(lambda: gateway.ready() is None)
        await ask(client, gateway)
    assert [request.target for request in other.requests] == ["/function/resnet/x"]


async def test_a_function_without_a_living_pod_is_unavailable_and_one_nobody_knows_is_not_found(
    house: House, edge: Edge, client: HttpClient
) -> None:
    pod = await edge.pod()
    await house.etcd.put(KEY, weights(pod.address))
    async with house.living(GatewayService, **ZONE_A) as gateway:
        await informed(house, gateway)
        await house.person.say(running("resnet-1", "uid-1", pod.address, type=TYPE_FUNCTION, **{FUNCTION: "resnet"}))
        await until(lambda: gateway._gateway.table.is_known("resnet"))
        await house.etcd.delete(KEY)
        await until(lambda: "resnet" not in gateway._gateway.table.functions)
        answer = await ask(client, gateway)
        assert (answer.status, json.loads(answer.body)) == (
            503,
            {"error": "function resnet has no replica, zone zone-a"},
        )
        assert (await ask(client, gateway, "/function/alexnet")).status == 404


async def test_it_asks_for_what_is_known_when_it_joins(house: House) -> None:
    async with house.living(GatewayService, **ZONE_A):
        await until(lambda: bool(house.said.of(Resync)))
    assert [event.wants for event in house.said.of(Resync)] == [["nodes", "pods"]]


async def test_without_a_node_it_does_not_start(house: House) -> None:
    with pytest.raises(SettingError, match="gateway_node=: expected the name of the node"):
        async with house.living(GatewayService, **{**ZONE_A, "gateway_node": ""}):
            pass


async def test_a_port_that_is_taken_is_one_line(house: House) -> None:
    with socket.socket() as taken:
        taken.bind((LOCAL, 0))
        taken.listen()
        port = taken.getsockname()[1]

        async def live() -> None:
            async with house.living(GatewayService, **{**ZONE_A, "gateway_listen_port": str(port)}):
                await house.person.say(ClusterInventory(nodes=[], pods=[], as_of=0.0))
                await asyncio.sleep(0.5)

        with pytest.raises(SettingError, match=f"gateway_listen_port={port}: cannot listen on {LOCAL}:{port}"):
            await live()


async def test_it_stops_listening_when_it_stops(house: House, client: HttpClient) -> None:
    async with house.living(GatewayService, **ZONE_A) as gateway:
        await informed(house, gateway)
        port = gateway._gateway.port
        assert (await ask(client, gateway, "/healthz")).status == 200
    with socket.socket() as probe:
        assert probe.connect_ex((LOCAL, port)) != 0
