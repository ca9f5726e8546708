"""What kubectl sees and does through the API server when emulated kubelets stand behind it."""

import asyncio
import time
from pathlib import Path

import orjson
from galileo_backends.http import HttpClient
from galileo_emulation.kubernetes import ApiServer

from tests.emulation.kubelets.cluster import RESNET, Cluster
from tests.emulation.kubelets.until import until
from tests.emulation.kubernetes.kubectl import Kubectl


async def test_logs_use_and_resizes_reach_the_nodes(tmp_path: Path) -> None:
    cluster, client = Cluster(now=time.time), HttpClient()
    async with cluster.world() as world, ApiServer(cluster.store, nodes=world.node_access) as server:
        kubectl = Kubectl(server.url, tmp_path)
        resources = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}}
        ports = [{"containerPort": world.function_port}]
        cluster.create_pod("p", image=RESNET.image, ports=ports, resources=resources)
        await until(lambda: cluster.is_ready("p"))
        following = asyncio.create_task(kubectl("logs", "p", "--follow"))
        for path in ("/one", "/two"):
            await client.request("GET", cluster.status("p")["podIP"], world.function_port, path)
        await client.close()
        assert "GET /two 200" in await kubectl("logs", "p", "--tail=1")

        await until(lambda: ("default", "p") in world.node_access.container_usage())
        name, cpu, memory = (await kubectl("top", "pod", "p", "--no-headers")).split()
        assert (name, cpu[-1], memory) == ("p", "m", "47Mi")

        wanted = {"spec": {"containers": [{"name": "main", "resources": {"limits": {"cpu": "800m"}}}]}}
        patch = orjson.dumps(wanted).decode()
        await kubectl("patch", "pod", "p", "--subresource=resize", "--patch", patch)
        await until(lambda: cluster.container("p")["resources"]["limits"]["cpu"] == "800m")
        assert cluster.status("p")["observedGeneration"] == 2

        await kubectl("delete", "pod", "p", "--wait=false")
        assert [line.split()[2] for line in (await following).splitlines()] == ["/one", "/two"]
