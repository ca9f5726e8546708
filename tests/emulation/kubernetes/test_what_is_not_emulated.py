"""What is not there says so in one line, with what to do instead."""

import pytest

from tests.emulation.kubernetes.calls import Calls

NAMESPACED = "/api/v1/namespaces/default/replicationcontrollers"


async def test_replication_controllers_can_be_listed_and_there_is_none(calls: Calls) -> None:
    for path in (NAMESPACED, "/api/v1/replicationcontrollers"):
        listed = await calls.get(path)
        assert (listed["kind"], listed["items"]) == ("ReplicationControllerList", [])
    assert (await calls.send("GET", f"{NAMESPACED}/a"))[0] == 404


async def test_replication_controllers_can_neither_be_made_nor_watched(calls: Calls) -> None:
    for method, path in (("POST", NAMESPACED), ("GET", f"{NAMESPACED}?watch=true")):
        code, refusal = await calls.send(method, path)
        assert code == 405
        assert refusal["message"].endswith("there is none: use a replica set or a deployment")


@pytest.mark.parametrize(
    ("part", "advice"),
    [
        ("exec", "kubectl logs shows what it wrote"),
        ("attach", "kubectl logs shows what it wrote"),
        ("portforward", "which kubectl get pods -o wide shows"),
        ("proxy", "which kubectl get pods -o wide shows"),
    ],
)
async def test_shells_and_tunnels_are_refused_with_what_to_do_instead(calls: Calls, part: str, advice: str) -> None:
    code, refusal = await calls.send("POST", f"/api/v1/namespaces/default/pods/a/{part}")
    assert code == 501
    assert "not emulated" in refusal["message"]
    assert refusal["message"].endswith(advice)
    assert "\n" not in refusal["message"]
