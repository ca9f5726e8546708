"""A replica answers HTTP, spends CPU time on it, and grows with its load."""

import asyncio
import random
import time
from collections.abc import AsyncIterator

import orjson
import pytest
from galileo_backends.http.client import HttpClient
from galileo_emulation.functions.function_server import FunctionServer
from galileo_emulation.functions.node_cpu import NodeCpu
from galileo_emulation.network.addresses import AddressPlan, claim_addresses
from galileo_emulation.specification import FunctionSpec

from tests.emulation.kubelets.until import until

FUNCTION = FunctionSpec(
    name="resnet",
    image="resnet",
    cpu_ms_per_request=50,
    memory_bytes=1000,
    memory_bytes_per_request=7,
    response_bytes=300,
)


@pytest.fixture
def addresses() -> AddressPlan:
    return claim_addresses(["n1"])


@pytest.fixture
async def server(addresses: AddressPlan) -> AsyncIterator[FunctionServer]:
    server = FunctionServer(
        FUNCTION, container_id="c", pod="p", node="n1", cpu=NodeCpu(cores=1), rng=random.Random(1), now=time.time
    )
    await server.start(host=addresses.node_ip("n1"), port=addresses.function_port)
    yield server
    await server.close(grace_s=1.0)
    addresses.close()


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.close()


async def test_an_answer_tells_who_worked_and_when(
    server: FunctionServer, client: HttpClient, addresses: AddressPlan
) -> None:
    before = time.time()
    response = await client.request(
        "POST", addresses.node_ip("n1"), addresses.function_port, "/any/path?x=1", body=b"image"
    )
    assert response.status == 200
    assert orjson.loads(response.body) == {"function": "resnet", "pod": "p", "node": "n1"}
    assert len(response.body) == 300
    start, end = response.headers.get("X-Start"), response.headers.get("X-End")
    assert start is not None
    assert end is not None
    assert len(start.split(".")[1]) == 7
    assert before <= float(start) + 1e-6
    assert 0.050 <= float(end) - float(start) < 0.150


async def test_requests_at_the_same_time_take_longer_and_memory_follows_them(
    server: FunctionServer, client: HttpClient, addresses: AddressPlan
) -> None:
    host, port = addresses.node_ip("n1"), addresses.function_port
    began = time.monotonic()
    requests = [asyncio.create_task(client.request("GET", host, port, "/")) for _ in range(4)]
    await until(lambda: server.in_flight == 4, every_s=0.001)
    assert server.memory_bytes == 1000 + 4 * 7
    await asyncio.gather(*requests)
    assert time.monotonic() - began >= 0.2
    assert server.memory_bytes == 1000


async def test_a_request_whose_sender_leaves_stops_costing_cpu_time(
    server: FunctionServer, addresses: AddressPlan
) -> None:
    _, writer = await asyncio.open_connection(addresses.node_ip("n1"), addresses.function_port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: server.in_flight == 1, every_s=0.001)
    writer.close()
    await writer.wait_closed()
    began = time.monotonic()
    await until(lambda: server.in_flight == 0, every_s=0.001)
    assert time.monotonic() - began < 0.040  # it had 50 ms of work
