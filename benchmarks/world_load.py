"""Work for the emulated API server: pods are created, listed, and patched while many watch."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import orjson

PODS = "/api/v1/namespaces/default/pods"
NODES = "/api/v1/nodes"
AT_ONCE = 16
PATIENCE_S = 5.0
PATCH = {"Content-Type": "application/merge-patch+json"}


def pod(name: str) -> dict[str, Any]:
    """A pod as people write them."""
    resources = {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}}
    ports = [{"name": "function-port", "containerPort": 8080}]
    container = {"name": "main", "image": "edgerun/resnet:1.0", "resources": resources, "ports": ports}
    labels = {"ether.edgerun.io/function": "resnet", "ether.edgerun.io/zone": "zone-a", "type": "fn"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {"containers": [container], "schedulerName": "custom-scheduler", "nodeSelector": {"zone": "zone-a"}},
    }


async def create_pods(session: aiohttp.ClientSession, url: str, first: int, count: int) -> float:
    """Create `count` pods over 16 connections; pods a second."""
    numbers = iter(range(first, first + count))

    async def some() -> None:
        for number in numbers:
            async with session.post(url + PODS, data=orjson.dumps(pod(f"pod-{number:05d}"))) as response:
                if response.status != 201:
                    raise RuntimeError(f"a pod was not created: {response.status} {await response.text()}")
                await response.read()

    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - started)


async def list_seconds(session: aiohttp.ClientSession, url: str, expected: int) -> float:
    """How long a list of all pods takes, to the last byte."""
    started = time.perf_counter()
    async with session.get(f"{url}/api/v1/pods") as response:
        payload = await response.read()
    taken = time.perf_counter() - started
    found = len(orjson.loads(payload)["items"])
    if found != expected:
        raise RuntimeError(f"the list holds {found} pods, expected {expected}")
    return taken


class Watchers:
    """Watches over all pods, each on its own connection; notes how old each change is when it arrives."""

    def __init__(self, session: aiohttp.ClientSession, url: str, count: int) -> None:
        self._session = session
        self._url = url
        self._count = count
        self._tasks: list[asyncio.Task[None]] = []
        self.ages_s: list[float] = []
        self._arrived = asyncio.Event()

    async def until(self, count: int) -> None:
        """Wait until `count` changes have been seen over all watchers. Raises TimeoutError after five seconds."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.ages_s) < count:
                self._arrived.clear()
                await self._arrived.wait()

    async def __aenter__(self) -> Watchers:
        async with self._session.get(self._url + PODS, params={"limit": "1"}) as response:
            version = (await response.json())["metadata"]["resourceVersion"]
        query = {"watch": "true", "resourceVersion": version, "allowWatchBookmarks": "true"}
        for number in range(self._count):
            response = await self._session.get(f"{self._url}/api/v1/pods", params=query, timeout=None)
            self._tasks.append(asyncio.create_task(self._follow(response), name=f"watcher {number}"))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, response: aiohttp.ClientResponse) -> None:
        async for line in response.content:
            now = time.perf_counter()
            mark = line.find(b'"sent-at":"')
            if mark >= 0:
                self.ages_s.append(now - float(line[mark + 11 : line.index(b'"', mark + 11)]))
                self._arrived.set()


async def change_pods(session: aiohttp.ClientSession, url: str, *, rate: float, seconds: float, pods: int) -> int:
    """Change pods at a steady rate, each change carrying the moment at which it was sent; how many."""
    count = int(rate * seconds)
    started = time.perf_counter()
    under_way: set[asyncio.Task[None]] = set()

    async def change(name: str) -> None:
        body = b'{"metadata":{"annotations":{"sent-at":"%.6f"}}}' % time.perf_counter()
        async with session.patch(f"{url}{PODS}/{name}", data=body, headers=PATCH) as response:
            await response.read()
            if response.status != 200:
                raise RuntimeError(f"{name} was not changed: {response.status}")

    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        task = asyncio.create_task(change(f"pod-{number * 7 % pods:05d}"))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    return count


async def report_statuses(session: aiohttp.ClientSession, url: str, *, changes: int, pods: int) -> float:
    """Write so many statuses as kubelets do, over 16 connections; statuses a second."""
    numbers = iter(range(changes))

    async def some() -> None:
        for number in numbers:
            name = f"pod-{number * 7 % pods:05d}"
            body = orjson.dumps({"status": status(number)})
            async with session.patch(f"{url}{PODS}/{name}/status", data=body, headers=PATCH) as response:
                await response.read()
                if response.status != 200:
                    raise RuntimeError(f"the status of {name} was not written: {response.status}")

    started = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return changes / (time.perf_counter() - started)


def status(number: int) -> dict[str, Any]:
    """The status of a running pod; each number's is another one."""
    ip, moment = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}", "2026-01-01T00:00:00Z"
    kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    return {
        "phase": "Running",
        "hostIP": "10.0.0.1",
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "startTime": moment,
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": moment} for kind in kinds],
        "containerStatuses": [
            {
                "name": "main",
                "image": "edgerun/resnet:1.0",
                "imageID": "edgerun/resnet:1.0",
                "containerID": f"containerd://{number:064x}",
                "ready": True,
                "started": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": moment}},
            }
        ],
    }
