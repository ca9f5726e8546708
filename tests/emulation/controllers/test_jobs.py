"""Jobs run pods until enough have succeeded, or give up; what they count, they count once."""

from typing import Any

import pytest
from galileo_emulation.controllers.conditions import condition, has_status
from galileo_emulation.controllers.job.indexes import INDEX, next_indexes, read_indexes, write_indexes
from galileo_emulation.controllers.job.pods import TRACKING
from galileo_emulation.controllers.job.tally import tally
from galileo_emulation.controllers.pod_facts import is_active
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import JOBS, PODS

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, template

pytestmark = pytest.mark.looptime


def job(name: str = "work", **spec: Any) -> JsonObject:
    return {"metadata": {"name": name}, "spec": {"template": template(name, restartPolicy="Never"), **spec}}


def status(cluster: EmulatedCluster) -> JsonObject:
    found: JsonObject = cluster.get(JOBS, "work")["status"]
    return found


def active(cluster: EmulatedCluster) -> list[JsonObject]:
    return [pod for pod in cluster.all(PODS) if is_active(pod)]


async def finish(cluster: EmulatedCluster, pod: JsonObject, phase: str) -> None:
    await cluster.change_status(PODS, pod["metadata"]["name"], {"phase": phase})
    await cluster.run(0.1)


async def test_pods_run_in_parallel_until_the_completions_are_reached() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(completions=3, parallelism=2))
        await cluster.run(1)
        assert (status(cluster)["active"], status(cluster)["ready"]) == (2, 2)
        for left in (2, 1, 0):
            await finish(cluster, active(cluster)[0], "Succeeded")
            assert len(active(cluster)) == left
        assert status(cluster)["succeeded"] == 3
        assert has_status(cluster.get(JOBS, "work"), "Complete")
        assert "completionTime" in status(cluster)
        assert status(cluster)["uncountedTerminatedPods"] == {}
        assert all("finalizers" not in pod["metadata"] for pod in cluster.all(PODS))
        assert cluster.reasons("work")[-1] == "Completed"


async def test_a_pod_is_held_until_its_end_is_counted() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(completions=2, parallelism=1))
        await cluster.run(1)
        (pod,) = active(cluster)
        assert pod["metadata"]["finalizers"] == [TRACKING]
        await cluster.change_status(PODS, pod["metadata"]["name"], {"phase": "Succeeded"})
        await cluster.delete(PODS, pod["metadata"]["name"])
        await cluster.run(1)
        assert status(cluster)["succeeded"] == 1
        assert pod["metadata"]["name"] not in cluster.names(PODS)


async def test_failed_pods_are_tried_again_with_growing_waits_until_the_limit() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(backoffLimit=2))
        waits = []
        for _ in range(2):
            await cluster.run(0.5)
            await finish(cluster, active(cluster)[0], "Failed")
            failed_at = cluster.now
            while not active(cluster):
                await cluster.run(0.5)
            waits.append(round(cluster.now - failed_at))
        assert waits == [10, 20]
        await finish(cluster, active(cluster)[0], "Failed")
        failed = condition(cluster.get(JOBS, "work"), "Failed")
        assert failed is not None
        assert failed["reason"] == "BackoffLimitExceeded"
        assert status(cluster)["failed"] == 3
        await cluster.run(120)
        assert active(cluster) == []


async def test_a_job_that_takes_too_long_is_ended() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(activeDeadlineSeconds=30, completions=2, parallelism=2))
        await cluster.run(29)
        assert len(active(cluster)) == 2
        await cluster.run(3)
        failed = condition(cluster.get(JOBS, "work"), "Failed")
        assert failed is not None
        assert failed["reason"] == "DeadlineExceeded"
        assert cluster.names(PODS) == []


async def test_each_index_is_done_once_and_by_a_pod_of_its_own() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(completionMode="Indexed", completions=4, parallelism=2))
        await cluster.run(1)
        by_index = {pod["metadata"]["annotations"][INDEX]: pod for pod in active(cluster)}
        assert sorted(by_index) == ["0", "1"]
        pod = by_index["1"]
        assert pod["metadata"]["name"].startswith("work-1-")
        assert pod["spec"]["hostname"] == "work-1"
        (variable,) = pod["spec"]["containers"][0]["env"]
        assert variable["name"] == "JOB_COMPLETION_INDEX"
        await finish(cluster, by_index["0"], "Failed")
        await finish(cluster, by_index["1"], "Succeeded")
        await cluster.run(15)
        assert sorted(pod["metadata"]["annotations"][INDEX] for pod in active(cluster)) == ["0", "2"]
        assert status(cluster)["completedIndexes"] == "1"
        while not has_status(cluster.get(JOBS, "work"), "Complete"):
            await finish(cluster, active(cluster)[0], "Succeeded")
        assert (status(cluster)["completedIndexes"], status(cluster)["succeeded"]) == ("0-3", 4)


async def test_without_completions_the_first_success_starts_no_more_and_the_last_end_completes() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(parallelism=3))
        await cluster.run(1)
        assert len(active(cluster)) == 3
        await finish(cluster, active(cluster)[0], "Succeeded")
        assert len(active(cluster)) == 2
        while active(cluster):
            await finish(cluster, active(cluster)[0], "Succeeded")
        assert has_status(cluster.get(JOBS, "work"), "Complete")


async def test_a_suspended_job_has_no_pods_and_its_ends_are_no_failures() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(suspend=True, parallelism=2, completions=2, backoffLimit=0))
        await cluster.run(1)
        assert cluster.names(PODS) == []
        assert "startTime" not in status(cluster)
        await cluster.change(JOBS, "work", spec={"suspend": False})
        await cluster.run(1)
        assert len(active(cluster)) == 2
        assert "startTime" in status(cluster)
        await cluster.change(JOBS, "work", spec={"suspend": True})
        await cluster.run(1)
        assert cluster.names(PODS) == []
        assert status(cluster).get("failed", 0) == 0
        assert has_status(cluster.get(JOBS, "work"), "Suspended")
        assert [reason for reason in cluster.reasons("work") if reason in ("Suspended", "Resumed")] == [
            "Suspended",
            "Resumed",
            "Suspended",
        ]


async def test_a_job_goes_by_itself_after_its_time_to_live() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(ttlSecondsAfterFinished=60))
        await cluster.run(1)
        await finish(cluster, active(cluster)[0], "Succeeded")
        await cluster.run(55)
        assert cluster.names(JOBS) == ["work"]
        await cluster.run(10)
        assert (cluster.names(JOBS), cluster.names(PODS)) == ([], [])


async def test_pods_of_a_deleted_job_are_not_held() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(JOBS, job(parallelism=2))
        await cluster.run(1)
        await cluster.delete(JOBS, "work", propagation="Background")
        await cluster.run(1)
        assert (cluster.names(JOBS), cluster.names(PODS)) == ([], [])


async def test_what_is_not_built_is_told_and_left_alone() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        policy = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}
        await cluster.create(JOBS, job(podFailurePolicy=policy))
        await cluster.run(1)
        assert cluster.names(PODS) == []
        assert cluster.reasons("work") == ["NotBuilt"]


def test_an_end_that_is_noted_is_counted_when_the_pod_is_let_go_and_not_before() -> None:
    noted = {"uncountedTerminatedPods": {"succeeded": ["1"], "failed": ["2"]}, "succeeded": 3}
    body = {**job(completions=9), "status": noted}

    def ended(uid: str, phase: str, *finalizers: str) -> JsonObject:
        return {"metadata": {"uid": uid, "finalizers": list(finalizers)}, "status": {"phase": phase}}

    held = tally(body, [ended("1", "Succeeded", TRACKING), ended("2", "Failed", TRACKING)], ending=False)
    assert (held.counted_succeeded, held.noted_succeeded, held.succeeded) == (3, ["1"], 4)
    assert (held.counted_failed, held.noted_failed, held.failed) == (0, ["2"], 1)
    let_go = tally(body, [ended("1", "Succeeded"), ended("2", "Failed")], ending=False)
    assert (let_go.counted_succeeded, let_go.noted_succeeded, let_go.succeeded) == (4, [], 4)
    assert (let_go.counted_failed, let_go.failed) == (1, 1)
    gone = tally(body, [], ending=False)
    assert (gone.counted_succeeded, gone.counted_failed) == (4, 1)


def test_indexes_are_written_as_runs_and_read_back() -> None:
    assert write_indexes({0, 1, 2, 3, 5, 7, 8}) == "0-3,5,7,8"
    assert read_indexes("0-3,5,7,8", 8) == {0, 1, 2, 3, 5, 7}
    assert write_indexes(()) == ""
    assert next_indexes(6, {0, 2}, 3) == [1, 3, 4]
