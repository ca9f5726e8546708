"""The recorded bookmarks come again, in the time that they took: two and a half minutes.

The recording's watches see one namespace, which does not change, while pods of another one do.
"""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer

from tests.emulation.kubernetes.objects import pod
from tests.emulation.kubernetes.replay import Replay, Step

RECORDING = Path(__file__).parents[2] / "vectors" / "kubernetes" / "watch-bookmarks.json"
# Between the bookmarks of the recording; nothing changed elsewhere between its last two.
CHANGES_ELSEWHERE_AT_S = (3.0, 30.0, 90.0)
TOLERANCE_S = 3.0


@pytest.mark.soak
@pytest.mark.timeout(240)
async def test_bookmarks_come_as_recorded(server: ApiServer, session: aiohttp.ClientSession) -> None:
    steps = orjson.loads(RECORDING.read_bytes())["steps"]
    for name in ("bookmarks", "elsewhere"):
        async with session.post(f"{server.url}/api/v1/namespaces", json={"metadata": {"name": name}}) as response:
            assert response.status == 201
    async with session.get(server.url + steps[0]["request"]["path"]) as response:
        version = (await response.json())["metadata"]["resourceVersion"]
    async with asyncio.TaskGroup() as tasks:
        changing = tasks.create_task(change_elsewhere(server, session))
        watching = [tasks.create_task(follow(server, session, step, version)) for step in steps[1:]]
    assert changing.done()
    found: list[str] = []
    replay = Replay(session, server.url, prepare=nothing, trim=lambda step, answer: answer)
    for step, task in zip(steps[1:], watching, strict=True):
        arrived = task.result()
        found += replay.compared(step["events"], [event for _, event in arrived])
        times = zip(step["arrival_seconds"], (at for at, _ in arrived), strict=False)
        found += [f"after {at:.1f} s, recorded {due} s" for due, at in times if abs(due - at) > TOLERANCE_S]
    assert found == []


async def nothing(step: int) -> None:
    """Nothing was there before a step."""


async def change_elsewhere(server: ApiServer, session: aiohttp.ClientSession) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, at_s in enumerate(CHANGES_ELSEWHERE_AT_S):
        await asyncio.sleep(began + at_s - loop.time())
        async with session.post(f"{server.url}/api/v1/namespaces/elsewhere/pods", json=pod(f"p{number}")) as response:
            assert response.status == 201


async def follow(
    server: ApiServer, session: aiohttp.ClientSession, step: Step, version: str
) -> list[tuple[float, dict[str, Any]]]:
    """The events of a recorded watch, each with when it came; until the server ends it, or the client as recorded."""
    loop = asyncio.get_running_loop()
    began, arrived = loop.time(), []
    query = {**step["request"]["query"], "resourceVersion": version}
    own_end_s = 120.0 if step["ended_by"].startswith("client") else None
    try:
        async with asyncio.timeout(own_end_s):
            async with session.get(
                server.url + step["request"]["path"], params=query, timeout=aiohttp.ClientTimeout()
            ) as response:
                async for line in response.content:
                    arrived.append((loop.time() - began, orjson.loads(line)))  # noqa: PERF401  (kept when cut)
    except TimeoutError:
        assert own_end_s is not None
    return arrived
