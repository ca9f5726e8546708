"""What a client may say about the dependents of what it deletes, and how it is kept until somebody acts on it."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls

SETTINGS = "/api/v1/namespaces/default/configmaps/settings"
PODS = "/api/v1/namespaces/default/pods"
CONTAINER = {"name": "main", "image": "registry.example/app:1"}


async def make_settings(calls: Calls) -> None:
    await calls.create("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "settings"}})


def finalizers(body: Any) -> list[str]:
    found: list[str] = body["metadata"].get("finalizers", [])
    return found


@pytest.mark.parametrize(
    ("options", "query", "left"),
    [
        ({"propagationPolicy": "Foreground"}, "", ["foregroundDeletion"]),
        ({"propagationPolicy": "Orphan"}, "", ["orphan"]),
        (None, "?propagationPolicy=Foreground", ["foregroundDeletion"]),
        ({"orphanDependents": True}, "", ["orphan"]),
        (None, "?orphanDependents=true", ["orphan"]),
    ],
)
async def test_a_finalizer_says_what_is_to_become_of_dependents(
    calls: Calls, options: Any, query: str, left: list[str]
) -> None:
    await make_settings(calls)
    status, body = await calls.send("DELETE", SETTINGS + query, options)
    assert (status, finalizers(body)) == (200, left)
    assert "deletionTimestamp" in body["metadata"]
    assert body["metadata"]["deletionGracePeriodSeconds"] == 0


@pytest.mark.parametrize("options", [None, {"propagationPolicy": "Background"}, {"orphanDependents": False}])
async def test_without_one_the_object_goes_at_once(calls: Calls, options: Any) -> None:
    await make_settings(calls)
    assert (await calls.send("DELETE", SETTINGS, options))[1]["status"] == "Success"
    assert (await calls.send("GET", SETTINGS))[0] == 404


async def test_a_later_deletion_may_say_otherwise(calls: Calls) -> None:
    await make_settings(calls)
    await calls.send("DELETE", SETTINGS, {"propagationPolicy": "Foreground"})
    _, body = await calls.send("DELETE", SETTINGS, {"propagationPolicy": "Orphan"})
    assert finalizers(body) == ["orphan"]
    assert finalizers((await calls.send("DELETE", SETTINGS))[1]) == ["orphan"]
    await calls.send("DELETE", SETTINGS, {"propagationPolicy": "Background"})
    assert (await calls.send("GET", SETTINGS))[0] == 404


async def test_a_job_lets_its_dependents_go_unless_told_otherwise(calls: Calls) -> None:
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    template = {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}}
    for name in ("a", "b"):
        await calls.create(jobs, {"metadata": {"name": name}, "spec": {"template": template}})
    assert finalizers((await calls.send("DELETE", f"{jobs}/a"))[1]) == ["orphan"]
    assert (await calls.send("DELETE", f"{jobs}/b", {"propagationPolicy": "Background"}))[1]["status"] == "Success"


async def test_a_pod_without_a_node_waits_for_its_dependents_too(calls: Calls) -> None:
    await calls.create(PODS, {"metadata": {"name": "web"}, "spec": {"containers": [CONTAINER]}})
    _, body = await calls.send("DELETE", f"{PODS}/web", {"propagationPolicy": "Foreground"})
    assert finalizers(body) == ["foregroundDeletion"]
    assert finalizers(await calls.get(f"{PODS}/web")) == ["foregroundDeletion"]


async def test_all_of_a_collection_are_deleted_under_the_policy(calls: Calls) -> None:
    await make_settings(calls)
    await calls.send("DELETE", "/api/v1/namespaces/default/configmaps", {"propagationPolicy": "Orphan"})
    assert finalizers(await calls.get(SETTINGS)) == ["orphan"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"propagationPolicy": "Sideways"}, "FieldValueNotSupported"),
        ({"propagationPolicy": "Orphan", "orphanDependents": True}, "FieldValueInvalid"),
    ],
)
async def test_what_makes_no_sense_is_refused(calls: Calls, options: Any, reason: str) -> None:
    await make_settings(calls)
    status, body = await calls.send("DELETE", SETTINGS, options)
    assert status == 422
    assert [(cause["reason"], cause["field"]) for cause in body["details"]["causes"]] == [(reason, "propagationPolicy")]
    assert (await calls.send("GET", SETTINGS))[0] == 200
