"""Managers of objects that were written without apply, as a real server had them.

In the recordings managedFields is dropped from objects, but the texts of some refusals hold whole objects with it.
"""

import re
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer, Store

from tests.emulation.kubernetes.preparations import PREPARATIONS, untrimmed
from tests.emulation.kubernetes.replay import Replay
from tests.emulation.kubernetes.test_recorded_exchanges import make

VECTORS = Path(__file__).parents[2] / "vectors" / "kubernetes"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def object_in(message: str) -> Any:
    """The object that a refused patch would have made: JSON in quotes in the refusal's text."""
    quoted = message.split("Invalid value: ", 1)[1]
    end = re.search(r'(?<!\\)": ', quoted)
    assert end is not None, message
    return orjson.loads(orjson.loads(quoted[: end.start() + 1]))


@pytest.mark.parametrize(("recording", "number"), [("patches", 24), ("patches", 27), ("nodes", 30)])
async def test_after_many_writes_managers_are_as_recorded(
    recording: str, number: int, store: Store, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    steps = orjson.loads((VECTORS / f"{recording}.json").read_bytes())["steps"]

    async def prepare(step: int) -> None:
        for method, path, body in PREPARATIONS[recording].get(step, []):
            await make(session, server.url, method, path, body)

    replay = Replay(session, server.url, prepare=prepare, trim=untrimmed)
    await replay.run([step for step in steps if step["step"] < number])
    refused = next(step for step in steps if step["step"] == number)
    expected = object_in(refused["response"]["body"]["message"])["metadata"]["managedFields"]
    async with session.get(server.url + refused["request"]["path"]) as response:
        found = (await response.json())["metadata"]["managedFields"]
    for entry in found:
        assert _TIME.fullmatch(entry.pop("time"))
    assert found == [{name: value for name, value in entry.items() if name != "time"} for entry in expected]
