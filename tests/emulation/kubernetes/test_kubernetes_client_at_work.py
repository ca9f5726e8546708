"""kubernetes_asyncio at work for a while: lists, watches, patches and leader election, without a surprise.

A few seconds in the usual tests, ten minutes in `make soak`. What would be a surprise: a change that a watch does not
tell, or tells twice; a watch that is opened again and again; a leader that loses its lease while it renews it, or two
leaders at once; any error.
"""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer, kubeconfig
from kubernetes_asyncio import client, config, watch
from kubernetes_asyncio.leaderelection.electionconfig import Config
from kubernetes_asyncio.leaderelection.leaderelection import LeaderElection
from kubernetes_asyncio.leaderelection.resourcelock.leaselock import LeaseLock

WATCH_S = 5
"""A watch is told to end so often, and has to go on where it was."""


@pytest.fixture
async def api(server: ApiServer, tmp_path: Path) -> AsyncIterator[Any]:
    path = tmp_path / "kubeconfig"
    path.write_text(kubeconfig(server.url))
    configuration = client.Configuration()
    await config.load_kube_config(str(path), client_configuration=configuration)
    async with client.ApiClient(configuration) as opened:
        yield opened


async def test_a_few_seconds_without_a_surprise(server: ApiServer, session: aiohttp.ClientSession, api: Any) -> None:
    await work(server, session, api, seconds=6.0)


@pytest.mark.soak
@pytest.mark.timeout(720)
async def test_ten_minutes_without_a_surprise(server: ApiServer, session: aiohttp.ClientSession, api: Any) -> None:
    await work(server, session, api, seconds=600.0)


async def work(server: ApiServer, session: aiohttp.ClientSession, api: Any, *, seconds: float) -> None:
    core = client.CoreV1Api(api)
    seen: list[tuple[str, str, str]] = []
    written: list[tuple[str, str, str]] = []
    leaders: Counter[str] = Counter()
    lost: list[str] = []
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    version = (await core.list_namespaced_pod("default")).metadata.resource_version
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(follow(core, version, seen))
        candidates = [tasks.create_task(candidate(api, name, leaders, lost)) for name in ("one", "two")]
        number = 0
        while loop.time() < end:
            await change(core, f"pod-{number}", written)
            await check_list(core, written)
            number += 1
            await asyncio.sleep(0.05)
        await told(seen, len(written))
        for task in (watching, *candidates):
            task.cancel()
    assert seen == written
    assert (len(leaders), lost) == (1, [])
    async with session.get(f"{server.url}/metrics") as response:
        page = await response.text()
    assert requests_of(page, resource="pods", verb="list") >= number
    assert not re.search(r'code="5\d\d"', page)


async def change(core: Any, name: str, written: list[tuple[str, str, str]]) -> None:
    """One pod's life in three changes."""
    container = client.V1Container(name="main", image="registry.example/app:1")
    body = client.V1Pod(metadata=client.V1ObjectMeta(name=name), spec=client.V1PodSpec(containers=[container]))
    created = await core.create_namespaced_pod("default", body)
    written.append(("ADDED", name, created.metadata.resource_version))
    patched = await core.patch_namespaced_pod(name, "default", {"metadata": {"labels": {"changed": "yes"}}})
    written.append(("MODIFIED", name, patched.metadata.resource_version))
    if len(written) % 5 == 0:
        running = await core.patch_namespaced_pod_status(name, "default", {"status": {"phase": "Running"}})
        written.append(("MODIFIED", name, running.metadata.resource_version))


async def check_list(core: Any, written: list[tuple[str, str, str]]) -> None:
    listed = await core.list_namespaced_pod("default", limit=50)
    names = {name for _, name, _ in written}
    assert len(listed.items) == min(50, len(names))


async def follow(core: Any, version: str, seen: list[tuple[str, str, str]]) -> None:
    """Watch without end: each watch ends after some seconds, and the next goes on from where it was."""
    while True:
        async with watch.Watch() as watching:
            stream = watching.stream(
                core.list_namespaced_pod, "default", resource_version=version, timeout_seconds=WATCH_S
            )
            async for event in stream:
                metadata = event["object"].metadata
                version = metadata.resource_version
                seen.append((event["type"], metadata.name, version))


async def candidate(api: Any, name: str, leaders: Counter[str], lost: list[str]) -> None:
    async def lead() -> None:
        leaders[name] += 1
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    async def stop() -> None:
        lost.append(name)

    lock = LeaseLock("election", "default", name, api)
    election = Config(
        lock, lease_duration=4, renew_deadline=3, retry_period=1, onstarted_leading=lead, onstopped_leading=stop
    )
    await LeaderElection(election).run()


async def told(seen: list[tuple[str, str, str]], count: int) -> None:
    async with asyncio.timeout(10):
        while len(seen) < count:  # noqa: ASYNC110  (what another task has seen)
            await asyncio.sleep(0.02)


def requests_of(page: str, *, resource: str, verb: str) -> int:
    found = re.search(rf'apiserver_request_total{{code="200",resource="{resource}",verb="{verb}"}} (\d+)', page)
    return int(found[1]) if found else 0
