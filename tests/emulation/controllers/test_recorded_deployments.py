"""Deployments go as recorded beside the controllers of a real cluster."""

import random
import time
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from galileo_emulation.controllers import Controllers, ControllerSettings
from galileo_emulation.kubernetes import ApiServer, Store
from galileo_emulation.kubernetes.kinds import PODS

from tests.emulation.controllers.controlled_replay import ControlledReplay
from tests.emulation.kubernetes.replay import Json

RECORDING = Path(__file__).parents[2] / "vectors" / "kubernetes" / "deployments.json"

# As while it was recorded; and events, which are not in it, would raise the versions of lists.
RECORDED_WITH = ControllerSettings(
    controllers=("garbage-collector", "namespace", "replica-set", "deployment"), events=False, request_s=0.05
)
# Sent while the namespace was being emptied.
_AT_ONCE = 72
# The steps that name a pod which the recorder had looked up before, and the pod's label app.
_LOOKED_UP = {
    30: ("background", "background-<hash-3>-<suffix-6>"),
    42: ("foreground", "foreground-<hash-4>-<suffix-7>"),
    54: ("orphan", "orphan-<hash-5>-<suffix-8>"),
}
_SHOWN_SPEC = ("replicas", "nodeName")


def _trimmed(step: dict[str, Any], answer: Json) -> Json:
    """An answer as the file has it: no managedFields, and little of specs in events."""
    if "events" in step:
        shown = answer["object"]
        spec = {key: value for key, value in shown["spec"].items() if key in _SHOWN_SPEC}
        return {**answer, "object": {**_unmanaged(shown), "spec": spec}}
    if "items" in answer:
        # Names end in hashes, so that their order is chance; recorded was the order of change.
        items = sorted(map(_unmanaged, answer["items"]), key=lambda item: int(item["metadata"]["resourceVersion"]))
        return {**answer, "items": items}
    return _unmanaged(answer)


def _unmanaged(body: Json) -> Json:
    if "metadata" not in body:
        return body
    return {**body, "metadata": {key: value for key, value in body["metadata"].items() if key != "managedFields"}}


async def test_deployments_roll_scale_and_are_deleted_as_recorded() -> None:
    store = Store(now=time.time, rng=random.Random(1))
    recording = orjson.loads(RECORDING.read_bytes())
    async with (
        Controllers(store, RECORDED_WITH) as controllers,
        ApiServer(store) as server,
        aiohttp.ClientSession() as session,
    ):
        async with session.post(f"{server.url}/api/v1/namespaces", json={"metadata": {"name": "deploy"}}) as response:
            assert response.status == 201

        async def prepare(step: int) -> None:
            if step != _AT_ONCE:
                await controllers.settled(within_s=0.5)
            if step in _LOOKED_UP:
                app, recorded = _LOOKED_UP[step]
                pods = [found.body["metadata"] for found in store.objects(PODS, "deploy").values()]
                (name,) = (pod["name"] for pod in pods if pod["labels"]["app"] == app)
                replay.learn(recorded, name)

        replay = ControlledReplay(session, server.url, prepare=prepare, trim=_trimmed)
        differences = await replay.run(recording["steps"])
        told = "\n".join(f"step {step}: {line}" for step, found in differences.items() for line in found)
        assert not differences, told
        assert controllers.faults == []
