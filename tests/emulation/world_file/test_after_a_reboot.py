"""Pods of a world that was stopped: nothing that was said of a run that is over is said any longer."""

from __future__ import annotations

from typing import Any

import pytest
from galileo_emulation.kubernetes.apiobjects import copied
from galileo_emulation.kubernetes.kinds import PODS
from galileo_emulation.kubernetes.operations.updates import update
from galileo_emulation.world_file.reboot import reboot, rebooted

from tests.emulation.world_file.worlds import add, content, new_store

THEN, NOW = "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"


def pod(node: str = "box-1", phase: str = "Running") -> dict[str, Any]:
    kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    return {
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"nodeName": node},
        "status": {
            "phase": phase,
            "podIP": "127.20.1.2",
            "podIPs": [{"ip": "127.20.1.2"}],
            "hostIP": "127.20.1.1",
            "qosClass": "Burstable",
            "containerStatuses": [{"name": "main", "ready": True}],
            "conditions": [{"type": kind, "status": "True", "lastTransitionTime": THEN} for kind in kinds],
        },
    }


def test_a_pod_that_ran_has_no_address_and_is_not_ready() -> None:
    after = rebooted(pod(), {"box-1"}, NOW)
    assert after is not None
    status = after["status"]
    assert (status["phase"], status["qosClass"]) == ("Pending", "Burstable")
    assert not {"podIP", "podIPs", "hostIP", "containerStatuses"} & status.keys()
    conditions = {one["type"]: (one["status"], one["lastTransitionTime"]) for one in status["conditions"]}
    assert conditions.pop("PodScheduled") == ("True", THEN)
    assert set(conditions.values()) == {("False", NOW)}


@pytest.mark.parametrize("other", [pod(phase="Succeeded"), pod(phase="Failed"), pod(node="elsewhere"), pod(node="")])
def test_other_pods_stay_as_they_are(other: dict[str, Any]) -> None:
    before = copied(other)
    assert rebooted(other, {"box-1"}, NOW) is None
    assert other == before


def test_in_a_store_it_is_a_change_that_watchers_see_and_is_done_once() -> None:
    store = new_store()
    add(store, "p", spec={"nodeName": "box-1", "containers": [{"name": "main", "image": "registry.example/app:1"}]})
    current = store.get(PODS, "default", "p")
    assert current is not None
    body = copied(current.body)
    body["status"] |= pod()["status"]
    update(store, PODS, current, body, part="status")
    version = store.version
    reboot(store, {"box-1"})
    assert [change.after is not None for change in store.history(PODS).since(version)] == [True]
    after = content(store)
    reboot(store, {"box-1"})
    assert content(store) == after
