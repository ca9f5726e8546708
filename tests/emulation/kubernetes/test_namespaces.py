"""Namespaces are what everything else stands in."""

import pytest

from tests.emulation.kubernetes.calls import Calls


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
async def test_what_every_cluster_needs_stays(calls: Calls, name: str) -> None:
    status, refusal = await calls.send("DELETE", f"/api/v1/namespaces/{name}")
    assert (status, refusal["reason"], refusal["details"]["name"]) == (403, "Forbidden", name)
    assert (await calls.get(f"/api/v1/namespaces/{name}"))["status"]["phase"] == "Active"


async def test_others_go(calls: Calls) -> None:
    await calls.create("/api/v1/namespaces", {"metadata": {"name": "other"}})
    status, going = await calls.send("DELETE", "/api/v1/namespaces/other")
    assert (status, going["status"]["phase"]) == (200, "Terminating")
