"""The emulated server answers as a real one did: recorded exchanges are replayed and compared.

NOT_OFFERED lists, for each file, the steps that are known to differ, with the reason. The test asserts that exactly
these differ, so that the list can only shrink when something was built, and only grow by an edit here.
"""

from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer, Store

from tests.emulation.kubernetes.preparations import PREPARATIONS, STRATEGIC, TRIMS, untrimmed
from tests.emulation.kubernetes.replay import Replay

VECTORS = Path(__file__).parents[2] / "vectors" / "kubernetes"

# Files that are not replayed at all yet.
NOT_REPLAYED = {
    "deployments": "needs controllers; tests/emulation/controllers/test_recorded_deployments.py replays it",
    "discovery": "trimmed to kinds of which some are not offered; test_discovery.py replays the rest",
    "kubectl": "another form; test_kubectl_recording.py runs the same commands",
    "watch-bookmarks": "lasts minutes; test_recorded_bookmarks.py (make soak), in virtual time test_watching.py",
}

NOT_OFFERED: dict[str, dict[int, str]] = {
    "binding": {},
    "custom-resources": {},
    "pod-lifecycle": {},
    "watches": {},
    "concurrency-and-errors": {},
    "nodes": {},
    "defaults": {},
    "patches": {},
    "lists": {},
    "expired": {},
    "eviction": {},
    "resize": {},
    "server-side-apply": {},
    "events": {},
}


@pytest.mark.parametrize("name", NOT_OFFERED)
async def test_answers_as_recorded_except_for_the_steps_listed(
    name: str, store: Store, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    recording = orjson.loads((VECTORS / f"{name}.json").read_bytes())

    async def prepare(step: int) -> None:
        if (name, step) == ("expired", 5):
            store.forget_history()
        for method, path, body in PREPARATIONS[name].get(step, []):
            await make(session, server.url, method, path, body)

    keep_managers = name == "server-side-apply"
    trim = TRIMS.get(name, untrimmed)
    replay = Replay(session, server.url, prepare=prepare, trim=trim, keep_managers=keep_managers)
    differences = await replay.run(recording["steps"])
    told = "\n".join(f"step {step}: {line}" for step, found in differences.items() for line in found)
    assert set(differences) == set(NOT_OFFERED[name]), told


async def make(session: aiohttp.ClientSession, url: str, method: str, path: str, body: dict[str, Any]) -> None:
    content_type = STRATEGIC if method == "PATCH" else "application/json"
    async with session.request(
        method, url + path, data=orjson.dumps(body), headers={"Content-Type": content_type}
    ) as response:
        assert response.status in (200, 201), await response.text()


def test_every_recording_is_replayed_or_named_with_a_reason() -> None:
    recorded = {path.stem for path in VECTORS.glob("*.json")}
    assert recorded == set(NOT_OFFERED) | set(NOT_REPLAYED)
