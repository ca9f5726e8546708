"""The twin resizes as a real API server did: the recorded exchanges of the resize subresource, step by step.

NOT_ASKED names the steps that a `Kubernetes` has no call for.
"""

import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from galileo_backends.kubernetes import NODES, PODS, ApiError, MemoryKubernetes, PatchKind

from .conftest import now

RECORDING = orjson.loads((Path(__file__).parents[2] / "vectors" / "kubernetes" / "resize.json").read_bytes())

NOT_ASKED = {
    14: "claims of devices: the twin does not know them",
    28: "a dry run",
}
_KINDS: dict[str, PatchKind] = {
    "application/strategic-merge-patch+json": "strategic",
    "application/merge-patch+json": "merge",
    "application/json-patch+json": "json",
}


class Recorded:
    """Sends the recorded requests; resource versions are those that the twin gave."""

    def __init__(self) -> None:
        self.twin = MemoryKubernetes(now=now, rng=random.Random(1), namespaces=("resize",))
        self.versions: dict[str, str] = {}

    async def send(self, request: dict[str, Any]) -> dict[str, Any] | None:
        """The answer's pod, None for a binding. Raises ApiError."""
        _, _, _, _, namespace, _, *rest = request["path"].split("/")
        match request["method"], rest:
            case "POST", []:
                return await self.twin.create(PODS, _limits_as_requests(request["body"]), namespace=namespace)
            case "POST", [name, "binding"]:
                await self.twin.bind(namespace, name, request["body"]["target"]["name"])
                return None
            case "GET", [name, *_]:
                return await self.twin.get(PODS, name, namespace=namespace)
            case "PUT", [name, "resize"]:  # a `Kubernetes` patches only: a merge patch of the same containers
                whole = request["body"]
                version = {"resourceVersion": whole["metadata"]["resourceVersion"]}
                same = {"metadata": version, "spec": {"containers": whole["spec"]["containers"]}}
                return await self._patch(name, namespace, ["resize"], "merge", same)
            case "PATCH", [name, *part]:
                return await self._patch(name, namespace, part, _KINDS[request["content_type"]], request["body"])
        raise AssertionError(f"no call for {request['method']} {request['path']}")

    async def _patch(self, name: str, namespace: str, part: list[str], kind: PatchKind, body: Any) -> dict[str, Any]:
        if isinstance(body, dict) and (version := body.get("metadata", {}).get("resourceVersion")):
            body = {**body, "metadata": {"resourceVersion": self.versions[version]}}
        if part == ["resize"]:
            return await self.twin.patch_resize(name, body, namespace=namespace, kind=kind)
        if part == ["status"]:
            return await self.twin.patch_status(PODS, name, body, namespace=namespace, kind=kind)
        return await self.twin.patch(PODS, name, body, namespace=namespace, kind=kind)


def _limits_as_requests(body: dict[str, Any]) -> dict[str, Any]:
    """The twin has no defaults: what the API server would add to a new pod, as far as it matters here."""
    for container in body["spec"]["containers"]:
        given = container.get("resources", {})
        if "limits" in given:
            given["requests"] = {**given["limits"], **given.get("requests", {})}
    return body


def _resources(pod: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(row["name"], row.get("resources") or {}) for row in pod["spec"]["containers"]]


async def test_the_twin_resizes_as_recorded() -> None:
    recorded = Recorded()
    await recorded.twin.create(NODES, {"metadata": {"name": "resize-node"}})
    capacity = {"status": {"allocatable": {"cpu": "4", "memory": "8Gi"}}}
    await recorded.twin.patch_status(NODES, "resize-node", capacity)
    await recorded.twin.create(NODES, {"metadata": {"name": "resize-bare"}})
    for step in RECORDING["steps"]:
        number, answer = step["step"], step["response"]
        if number in NOT_ASKED:
            continue
        told = f"step {number}: {step['note']}"
        if answer["status"] >= 400:
            with pytest.raises(ApiError) as raised:
                await recorded.send(step["request"])
            assert (raised.value.status, raised.value.reason) == (answer["status"], answer["body"]["reason"]), told
            _compare_causes(raised.value, answer["body"], told)
            continue
        found = await recorded.send(step["request"])
        if found is None:
            continue
        recorded.versions[answer["body"]["metadata"]["resourceVersion"]] = found["metadata"]["resourceVersion"]
        assert _resources(found) == _resources(answer["body"]), told
        assert found["metadata"]["generation"] == answer["body"]["metadata"]["generation"], told


def _compare_causes(error: ApiError, body: dict[str, Any], told: str) -> None:
    """Ours are among the recorded ones: a real server goes on to look for more."""
    ours = {(cause.get("reason"), cause.get("field")) for cause in error.details.get("causes", ())}
    theirs = {(cause.get("reason"), cause.get("field")) for cause in body.get("details", {}).get("causes", ())}
    # A patch of the main resource is refused as a whole; which words it gets is no matter of resizes.
    assert ours <= theirs, told
    assert ours or not theirs or "through the main resource" in told, told
