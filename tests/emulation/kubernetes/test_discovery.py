"""What the server says of itself is what a real one says, for the groups, kinds and subresources that it offers.

The recording was trimmed to some groups and kinds; ours is trimmed to the same before it is compared. NOT_OFFERED
names what the recording has and this server has not, and the test holds that list exact.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer, Store

from tests.emulation.kubernetes.replay import Replay

Json = Any

RECORDING = Path(__file__).parents[2] / "vectors" / "kubernetes" / "discovery.json"
NOT_OFFERED = {
    "nodes/proxy": "nodes are not reached through the server",
    "pods/attach": "containers have no terminal",
    "pods/ephemeralcontainers": "containers cannot be added",
    "pods/exec": "containers have no shell",
    "pods/portforward": "containers are reached at their addresses",
    "pods/proxy": "containers are reached at their addresses",
    "services/proxy": "containers are reached at their addresses",
}


@pytest.fixture
async def demanding(store: Store) -> AsyncIterator[ApiServer]:
    async with ApiServer(store, credentials_demanded=True) as running:
        yield running


async def test_discovery_is_as_recorded(demanding: ApiServer, session: aiohttp.ClientSession) -> None:
    steps = orjson.loads(RECORDING.read_bytes())["steps"]
    missing: set[str] = set()
    for step in steps:
        step["response"]["body"] = _without(step["response"]["body"], missing)

    def trim(step: dict[str, Any], answer: Json) -> Json:
        return _like(step["response"]["body"], answer)

    async def nothing(step: int) -> None:
        """Nothing was there before."""

    replay = Replay(session, demanding.url, prepare=nothing, trim=trim)
    differences = await replay.run(steps)
    assert differences == {}, "\n".join(f"{step}: {line}" for step, lines in differences.items() for line in lines)
    assert missing == set(NOT_OFFERED)


def _without(recorded: Json, missing: set[str]) -> Json:
    """The recorded answer without what is not offered; what was left out is noted in `missing`."""
    if isinstance(recorded, list):
        kept = []
        for item in recorded:
            name = _name(item)
            if name in NOT_OFFERED:
                missing.add(name)
            else:
                kept.append(_without(item, missing))
        return kept
    if not isinstance(recorded, dict):
        return recorded
    result = {}
    for key, value in recorded.items():
        if key == "subresources":
            offered = [item for item in value if f"{recorded['resource']}/{item['subresource']}" not in NOT_OFFERED]
            missing |= {f"{recorded['resource']}/{item['subresource']}" for item in value if item not in offered}
            result[key] = offered
        else:
            result[key] = _without(value, missing)
    return result


def _name(item: Json) -> str:
    return str(item.get("groupVersion", item.get("name", ""))) if isinstance(item, dict) else ""


def _like(recorded: Json, answer: Json) -> Json:
    """The answer without the entries that the recording, trimmed, does not have either."""
    if isinstance(recorded, dict) and isinstance(answer, dict):
        if all("serverRelativeURL" in str(value) for value in recorded.values()):
            answer = {key: answer[key] for key in recorded}
        return {key: _like(recorded[key], value) if key in recorded else value for key, value in answer.items()}
    if isinstance(recorded, list) and isinstance(answer, list) and all(isinstance(item, dict) for item in recorded):
        return list(_matching(recorded, answer))
    return answer


def _matching(recorded: list[Json], answer: list[Json]) -> Iterator[Json]:
    known = {_key(item): item for item in recorded}
    for item in answer:
        if _key(item) in known:
            yield _like(known[_key(item)], item)


def _key(item: Json) -> str:
    metadata = item.get("metadata")
    if metadata is not None:
        return str(metadata.get("name", ""))
    names = ("name", "resource", "subresource", "version", "clientCIDR")
    return str(next((item[name] for name in names if name in item), item))
