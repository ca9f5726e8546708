"""Requests through real gateways to real pods."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

import orjson
import pytest
from galileo_backends.http import Headers, HttpClient

if TYPE_CHECKING:
    from tests.services.gateway.conftest import Edge
from galileo_services.gateway.gateway import Gateway


def address(gateway: Gateway) -> str:
    return f"127.0.0.1:{gateway.port}"


def put(gateway: Gateway, function: str, *targets: str, weights: list[int] | None = None) -> None:
    value = {"ips": targets, "weights": weights if weights is not None else [1] * len(targets)}
    gateway.apply(f"golb/function/{gateway.zone}/{function}", orjson.dumps(value))


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def test_a_request_through_two_gateways_tells_its_whole_way(edge: Edge) -> None:
    pod = await edge.pod()
    near, far = await edge.gateway("edge-1", "zone-a"), await edge.gateway("cloud-1", "zone-c")
    for gateway in (near, far):
        gateway.set_gateways({address(near), address(far)})
    put(near, "resnet", address(far))
    put(far, "resnet", pod.address)

    response = await edge.get(near, "/function/resnet/predict?top=1")

    assert (response.status, response.body) == (200, b"/predict?top=1")
    way = {name: response.headers.getall(name) for name, _ in response.headers if name.startswith("X-")}
    assert way == {
        "X-Start": ["20.5000000"],
        "X-End": ["20.7500000"],
        "X-Forwarded-For": ["edge-1, cloud-1"],
        "X-Final-Host": [f"{address(far)}, {pod.address}"],
        "X-Forwarded-Host-edge-1": ["10.0000000"],
        "X-Forwarded-Host-cloud-1": ["11.0000000"],
    }
    (asked,) = pod.requests
    assert asked.target == "/predict?top=1"
    assert asked.headers.get("Host") == pod.address
    assert asked.headers.get("X-Forwarded-For") == "edge-1, cloud-1"
    assert asked.headers.get("X-Final-Host") == f"{address(far)}, {pod.address}"


async def test_method_body_and_status_pass_unchanged(edge: Edge) -> None:
    pod, gateway = await edge.pod(), await edge.gateway("edge-1", "zone-a")
    put(gateway, "resnet", pod.address)
    body = bytes(range(256)) * 1000
    headers = Headers([("Content-Type", "image/jpeg"), ("X-Twice", "1"), ("X-Twice", "2")])
    await edge.client.request("PUT", "127.0.0.1", gateway.port, "/function/resnet", headers, body)
    (asked,) = pod.requests
    assert (asked.method, asked.body) == ("PUT", body)
    assert asked.headers.get("content-type") == "image/jpeg"
    assert asked.headers.getall("X-Twice") == ["1", "2"]


async def test_two_gateways_without_pods_never_pass_a_request_back_and_forth(edge: Edge) -> None:
    one, other = await edge.gateway("edge-1", "zone-a"), await edge.gateway("edge-2", "zone-b")
    for gateway in (one, other):
        gateway.set_gateways({address(one), address(other)})
    put(one, "resnet", address(other))
    put(other, "resnet", address(one))
    response = await edge.get(one, "/function/resnet")
    assert response.status == 503
    assert "no replica" in orjson.loads(response.body)["error"]
    assert (one.counts["forwarded"], other.counts["refused_503"]) == (1, 1)


async def test_requests_are_spread_by_weight(edge: Edge) -> None:
    light, heavy = await edge.pod(), await edge.pod()
    gateway = await edge.gateway("edge-1", "zone-a")
    put(gateway, "resnet", light.address, heavy.address, weights=[2, 8])
    for _ in range(20):
        await edge.get(gateway, "/function/resnet")
    assert (len(light.requests), len(heavy.requests)) == (4, 16)


async def test_a_replica_that_cannot_be_reached_is_passed_over_once(edge: Edge, nobody: str) -> None:
    pod, gateway = await edge.pod(), await edge.gateway("edge-1", "zone-a")
    put(gateway, "resnet", nobody, pod.address)
    responses = [await edge.get(gateway, "/function/resnet") for _ in range(4)]
    assert [response.status for response in responses] == [200] * 4
    assert {response.headers.get("X-Final-Host") for response in responses} == {pod.address}
    assert gateway.counts["retried"] == 2


async def test_when_no_replica_can_be_reached_the_answer_is_502(edge: Edge, nobody: str) -> None:
    gateway = await edge.gateway("edge-1", "zone-a")
    put(gateway, "resnet", nobody)
    response = await edge.get(gateway, "/function/resnet")
    assert response.status == 502
    assert nobody in orjson.loads(response.body)["error"]
    assert response.headers.get("X-Forwarded-For") == "edge-1"


async def test_a_replica_that_does_not_answer_in_time_gives_504_and_is_not_asked_twice(edge: Edge) -> None:
    silent, other = await edge.pod(), await edge.pod()
    silent.silent = True
    gateway = await edge.gateway("edge-1", "zone-a", timeout_s=0.05)
    put(gateway, "resnet", silent.address, other.address)
    response = await edge.get(gateway, "/function/resnet")
    assert response.status == 504
    assert silent.address in orjson.loads(response.body)["error"]
    assert (len(silent.requests), other.requests, gateway.counts["failed_504"]) == (1, [], 1)


async def test_a_replica_that_dies_while_it_works_gives_502_and_is_not_asked_twice(edge: Edge) -> None:
    other, gateway = await edge.pod(), await edge.gateway("edge-1", "zone-a")

    async def dies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(dies, "127.0.0.1", 0) as dying:
        put(gateway, "resnet", f"127.0.0.1:{dying.sockets[0].getsockname()[1]}", other.address)
        assert (await edge.get(gateway, "/function/resnet")).status == 502
    assert other.requests == []


async def test_connections_to_clients_and_pods_are_used_again(edge: Edge) -> None:
    pod, gateway = await edge.pod(), await edge.gateway("edge-1", "zone-a")
    put(gateway, "resnet", pod.address)
    for _ in range(5):
        await edge.get(gateway, "/function/resnet")
    assert len({request.peer for request in pod.requests}) == 1
    assert edge.client.connections == 1


async def test_a_client_that_gives_up_is_given_up_at_the_pod_too(edge: Edge) -> None:
    pod, gateway = await edge.pod(), await edge.gateway("edge-1", "zone-a")
    pod.silent = True
    put(gateway, "resnet", pod.address)
    impatient = HttpClient(timeout_s=0.05)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await impatient.request("GET", "127.0.0.1", gateway.port, "/function/resnet", timeout_s=5)
    await impatient.close()
    pod.silent = False
    assert (await edge.get(gateway, "/function/resnet")).status == 200
    first, second = pod.requests
    assert first.peer != second.peer, "the connection of the abandoned request was closed"


async def test_health_and_weights_are_shown(edge: Edge) -> None:
    gateway = await edge.gateway("edge-1", "zone-a")
    put(gateway, "resnet", "10.0.0.1:8080", "10.0.0.2:8080", weights=[3, 0])
    assert (await edge.get(gateway, "/healthz")).status == 200
    shown = orjson.loads((await edge.get(gateway, "/gateway/weights")).body)
    assert (shown["node"], shown["zone"]) == ("edge-1", "zone-a")
    assert shown["functions"] == {"resnet": {"ips": ["10.0.0.1:8080", "10.0.0.2:8080"], "weights": [3, 0]}}
    assert (await edge.client.request("POST", "127.0.0.1", gateway.port, "/healthz")).status == 405


async def test_unknown_paths_and_functions_are_404_with_one_line_of_json(edge: Edge) -> None:
    gateway = await edge.gateway("edge-1", "zone-a")
    for target in ("/", "/function/resnet"):
        response = await edge.get(gateway, target)
        assert response.status == 404
        assert set(orjson.loads(response.body)) == {"error"}
        assert response.body.count(b"\n") == 1


async def test_wrong_weights_are_logged_counted_and_leave_the_gateway_serving(
    edge: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    pod, gateway = await edge.pod(), await edge.gateway("edge-1", "zone-a")
    put(gateway, "resnet", pod.address)
    with caplog.at_level(logging.WARNING):
        gateway.apply("golb/function/zone-a/resnet", b'{"ips": ["a:1", "b:1"], "weights": [1]}')
    assert [record.getMessage().count("expected one weight for each ip") for record in caplog.records] == [1]
    assert gateway.counts["refused_weights"] == 1
    assert (await edge.get(gateway, "/function/resnet")).status == 200
