"""A function that gets more requests than its memory holds is killed, on real sockets."""

import asyncio
import time
from dataclasses import replace

import pytest
from galileo_backends.http import ConnectionLost, HttpClient
from galileo_emulation.kubernetes.node_access import LogRequest

from tests.emulation.kubelets.cluster import RESNET, SPEC, Cluster
from tests.emulation.kubelets.until import until

HEAVY = replace(RESNET, cpu_ms_per_request=300.0, memory_bytes_per_request=10_000_000)  # 50 MB, and 10 MB a request


async def test_requests_in_hand_break_and_the_container_starts_again() -> None:
    cluster, client = Cluster(now=time.time), HttpClient()
    async with cluster.world(replace(SPEC, functions=(HEAVY,), image_pull_s=0.0)) as world:
        container = {
            "ports": [{"containerPort": world.function_port}],
            "resources": {"limits": {"memory": "100M"}},
        }
        cluster.create_pod("p", image=HEAVY.image, container=container)
        await until(lambda: cluster.is_ready("p"))
        ip = cluster.status("p")["podIP"]
        in_hand = [asyncio.create_task(client.request("POST", ip, world.function_port, "/")) for _ in range(5)]
        await asyncio.sleep(0.1)
        assert cluster.container("p")["restartCount"] == 0
        in_hand.append(asyncio.create_task(client.request("POST", ip, world.function_port, "/")))
        for request in in_hand:
            with pytest.raises(ConnectionLost):
                await request
        await until(lambda: cluster.is_ready("p") and cluster.container("p")["restartCount"] == 1)
        ended = cluster.container("p")["lastState"]["terminated"]
        assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)
        assert (await client.request("GET", ip, world.function_port, "/")).status == 200
        await client.close()
        before = LogRequest(namespace="default", pod="p", container="main", previous=True)
        log = b"".join([piece async for piece in world.node_access.log(before)])
        assert log.count(b"POST / 499 ") == 6
