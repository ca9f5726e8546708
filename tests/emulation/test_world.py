"""A world on real sockets: pods answer over the delayed network, are limited, drained, killed and stopped."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from galileo_backends.http import ConnectFailed, ConnectionLost, HttpClient, Response, serve
from galileo_emulation.network.free_ports import can_listen, has_many_loopback_addresses
from galileo_emulation.specification import GATEWAY_IMAGE, LOAD_CLIENT_IMAGE, PORT_OFFSET
from galileo_emulation.world import UnknownNodeError, World

from tests.emulation.kubelets.cluster import RESNET, Cluster
from tests.emulation.kubelets.until import until

many = pytest.mark.skipif(not has_many_loopback_addresses(), reason="one loopback address on this system")


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(now=time.time)


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[World]:
    async with cluster.world() as running:
        yield running


@pytest.fixture
async def client(world: World) -> AsyncIterator[HttpClient]:
    """A client on node n1, in zone-a."""
    client = HttpClient(local_address=world.node_ip("n1") if world.addresses.many_addresses else None)
    yield client
    await client.close()


async def run_pod(cluster: Cluster, world: World, name: str, *, node: str = "n1", **spec: Any) -> str:
    """Start a replica of resnet and return its address."""
    spec.setdefault("ports", [{"containerPort": world.function_port}])
    cluster.create_pod(name, image=RESNET.image, node=node, **spec)
    await until(lambda: cluster.is_ready(name))
    ip: str = cluster.status(name)["podIP"]
    return ip


async def get(client: HttpClient, world: World, ip: str) -> Response:
    return await client.request("GET", ip, world.function_port, "/")


def samples(cluster: Cluster, channel: str) -> list[float]:
    return [float(payload.split()[1]) for said, payload in cluster.published if said == channel]


@many
async def test_a_pod_answers_and_its_distance_is_felt(cluster: Cluster, world: World, client: HttpClient) -> None:
    near = await run_pod(cluster, world, "near", node="n1")
    far = await run_pod(cluster, world, "far", node="n2")
    times_s = {}
    for name, ip in (("near", near), ("far", far)):
        began = time.perf_counter()
        response = await get(client, world, ip)
        times_s[name] = time.perf_counter() - began
        assert response.status == 200
        assert orjson.loads(response.body)["pod"] == name
    assert times_s["far"] - times_s["near"] == pytest.approx(0.030, abs=0.012)


@many
async def test_the_work_is_seen_in_the_telemetry_of_its_container(
    cluster: Cluster, world: World, client: HttpClient
) -> None:
    ip = await run_pod(cluster, world, "p")
    container_id = cluster.status("p")["containerStatuses"][0]["containerID"].removeprefix("containerd://")
    await asyncio.gather(*(get(client, world, ip) for _ in range(10)))
    channel = f"telem/n1/kubernetes_cgrp_cpu/{container_id}"
    await until(lambda: bool(samples(cluster, channel)) and samples(cluster, channel)[-1] > 0.1999e9)
    assert samples(cluster, channel)[-1] == pytest.approx(10 * 0.020e9)
    assert samples(cluster, channel) == sorted(samples(cluster, channel))
    assert max(samples(cluster, "telem/n1/cpu")) > 30.0
    assert set(cluster.info) == {"n1", "n2"}


@many
async def test_a_deleted_pod_serves_on_while_requests_come_and_loses_none(
    cluster: Cluster, world: World, client: HttpClient
) -> None:
    ip = await run_pod(cluster, world, "p", node="n2")
    cluster.delete_pod("p", grace_s=30)
    answers = []
    for _ in range(8):  # for longer than a pod without requests would live on
        answers.append((await get(client, world, ip)).status)
        await asyncio.sleep(0.05)
    assert answers == [200] * 8
    in_hand = [asyncio.create_task(get(client, world, ip)) for _ in range(5)]
    await until(lambda: cluster.pod("p") is None)
    assert [(await request).status for request in in_hand] == [200] * 5
    with pytest.raises(ConnectFailed):
        await get(client, world, ip)


@many
async def test_the_grace_period_cuts_requests_that_take_longer(
    cluster: Cluster, world: World, client: HttpClient
) -> None:
    ip = await run_pod(cluster, world, "p", resources={"limits": {"cpu": "10m"}})
    slow = asyncio.create_task(get(client, world, ip))  # 20 ms of work at a hundredth of a core
    await asyncio.sleep(0.05)
    cluster.delete_pod("p", grace_s=1)
    began = time.monotonic()
    await until(lambda: cluster.pod("p") is None)
    assert 0.8 < time.monotonic() - began < 1.6
    with pytest.raises(ConnectionLost):
        await slow


@many
async def test_a_limit_holds_and_a_resize_lifts_it(cluster: Cluster, world: World, client: HttpClient) -> None:
    ip = await run_pod(cluster, world, "p", resources={"limits": {"cpu": "100m"}})
    began = time.perf_counter()
    await get(client, world, ip)
    assert time.perf_counter() - began == pytest.approx(0.2, abs=0.05)
    slow = asyncio.create_task(get(client, world, ip))
    await asyncio.sleep(0.05)
    await cluster.resize("p", cpu_limit="1")
    began = time.perf_counter()
    await slow
    assert time.perf_counter() - began < 0.08
    await until(lambda: cluster.status("p")["containerStatuses"][0]["resources"]["limits"]["cpu"] == "1")


@many
async def test_a_port_that_is_taken_is_told_and_the_pod_starts_when_it_is_free(cluster: Cluster, world: World) -> None:
    next_ip = world.node_ip("n1").removesuffix(".1") + ".2"
    blocker = await asyncio.start_server(lambda reader, writer: writer.close(), next_ip, world.function_port)
    ports = [{"containerPort": world.function_port}]
    cluster.create_pod("p", image=RESNET.image, ports=ports)
    await until(lambda: cluster.waiting_reason("p") == "CreateContainerError")
    message = cluster.status("p")["containerStatuses"][0]["state"]["waiting"]["message"]
    assert "address already in use" in message
    blocker.close()
    await blocker.wait_closed()
    await until(lambda: cluster.is_ready("p"))


@many
async def test_a_gateway_in_another_process_is_ready_when_it_listens_and_no_longer_when_it_is_gone(
    cluster: Cluster, world: World, client: HttpClient
) -> None:
    cluster.create_pod("gw", image=GATEWAY_IMAGE, node="n2", ports=[{"containerPort": world.function_port}])
    await until(lambda: cluster.status("gw")["phase"] == "Running")
    assert not cluster.is_ready("gw")
    ip = cluster.status("gw")["podIP"]
    seen: list[str] = []

    async def answer(request: object) -> Response:
        seen.append(getattr(request, "peer")[0])  # noqa: B009
        return Response(200)

    gateway = await serve(answer, host=ip, port=world.function_port + PORT_OFFSET)
    await until(lambda: cluster.is_ready("gw"))
    assert (await get(client, world, ip)).status == 200
    assert seen == [world.node_ip("n1")]
    await gateway.close(grace_s=0.1)
    await until(lambda: not cluster.is_ready("gw"))


async def test_a_load_client_is_ready_at_once(cluster: Cluster, world: World) -> None:
    cluster.create_pod("load", image=LOAD_CLIENT_IMAGE)
    await until(lambda: cluster.is_ready("load"))


@many
async def test_a_killed_node_refuses_connections_and_its_pods_answer_again_when_it_is_back(
    cluster: Cluster, world: World, client: HttpClient
) -> None:
    await run_pod(cluster, world, "p")
    in_hand = asyncio.create_task(get(client, world, cluster.status("p")["podIP"]))
    await asyncio.sleep(0.005)
    await world.kill_node("n1")
    with pytest.raises(ConnectionLost):
        await in_hand
    with pytest.raises(ConnectFailed):
        await get(client, world, cluster.status("p")["podIP"])
    old_ip = cluster.status("p")["podIP"]
    await world.restore_node("n1")
    await until(lambda: cluster.status("p")["podIP"] != old_ip and cluster.is_ready("p"))
    assert (await get(client, world, cluster.status("p")["podIP"])).status == 200
    with pytest.raises(UnknownNodeError, match="no node 'n9'; there are n1, n2"):
        await world.kill_node("n9")


@many
async def test_a_pod_removed_by_force_stops_at_once_and_its_address_is_given_back(
    cluster: Cluster, world: World, client: HttpClient
) -> None:
    ip = await run_pod(cluster, world, "p")
    cluster.delete_pod("p", grace_s=0)
    await until(lambda: cluster.pod("p") is None)
    await until(lambda: can_listen(ip, world.function_port))  # the kubelet heard of it
    with pytest.raises(ConnectFailed):
        await get(client, world, ip)


async def test_with_one_loopback_address_pods_differ_by_port(cluster: Cluster) -> None:
    async with cluster.world(single_address=True) as world:
        ports_of_pods = set()
        for name in ("p", "q"):
            containers = [{"ports": [{"containerPort": world.function_port}]}]
            world.addresses.admit_pod({"spec": {"containers": containers}})
            assert await run_pod(cluster, world, name, ports=containers[0]["ports"]) == "127.0.0.1"
            ports_of_pods.add(containers[0]["ports"][0]["containerPort"])
        assert len(ports_of_pods) == 2
        client = HttpClient()
        for port in ports_of_pods:
            assert (await client.request("GET", "127.0.0.1", port, "/")).status == 200
        await client.close()


async def test_a_world_with_work_in_hand_stops_within_a_second(cluster: Cluster) -> None:
    client = HttpClient()
    async with cluster.world() as world:
        ips = [await run_pod(cluster, world, f"p{index}") for index in range(5)]
        requests = [asyncio.create_task(get(client, world, ip)) for ip in ips * 20]
        await asyncio.sleep(0.05)
        began = time.monotonic()
    assert time.monotonic() - began < 1.0
    await asyncio.gather(*requests, return_exceptions=True)
    await client.close()
    assert cluster.pod("p0") is not None  # the API is not the world's to clear


@many
async def test_a_world_that_stops_while_a_pod_is_draining_leaves_nothing_open(cluster: Cluster) -> None:
    async with cluster.world() as world:
        ip = await run_pod(cluster, world, "p")
        _, writer = await asyncio.open_connection(ip, world.function_port)  # this side never closes
        cluster.delete_pod("p")
        await until(lambda: can_listen(ip, world.function_port))  # the pod takes no more connections
        assert cluster.pod("p") is not None
        began = time.monotonic()
    assert time.monotonic() - began < 1.0
    assert can_listen(ip, world.function_port)
    assert can_listen(ip, world.function_port + PORT_OFFSET)
    writer.close()


async def test_a_fault_ends_the_world_and_is_told(cluster: Cluster) -> None:
    class FaultError(Exception):
        pass

    async def broken(**_: object) -> bool:
        raise FaultError

    world = cluster.world()
    await world.__aenter__()
    cluster.api.patch_pod_status = broken  # type: ignore[method-assign]
    cluster.create_pod("p", image=RESNET.image)
    with pytest.raises(ExceptionGroup) as told:
        await world.wait()
    with pytest.raises(ExceptionGroup):
        await world.__aexit__(None, None, None)
    assert told.group_contains(FaultError)
