"""Cron jobs start jobs by the clock, as often and as many at a time as they are told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from galileo_emulation.controllers.conditions import has_status
from galileo_emulation.controllers.cron_job.schedule_times import last_due, next_after
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.checks.cron_schedule import parse_schedule
from galileo_emulation.kubernetes.kinds import CRON_JOBS, JOBS, PODS

from tests.emulation.controllers.emulated_cluster import START, EmulatedCluster, emulated_cluster, template

# 2023-11-14 22:13:20
NOW = datetime.fromtimestamp(START, UTC)


def moments(text: str, count: int, *, after: datetime = NOW, zone: str = "UTC") -> list[str]:
    found, schedule = [], parse_schedule(text)
    moment: datetime | None = after
    for _ in range(count):
        assert moment is not None
        moment = next_after(schedule, moment, ZoneInfo(zone))
        found.append(moment.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M") if moment else "never")
    return found


def test_fields_take_lists_ranges_steps_and_names() -> None:
    assert moments("*/20 * * * *", 3) == ["11-14 22:20", "11-14 22:40", "11-14 23:00"]
    assert moments("5,10-12 3 * * *", 4) == ["11-15 03:05", "11-15 03:10", "11-15 03:11", "11-15 03:12"]
    assert moments("0 0 1 jan *", 1) == ["01-01 00:00"]
    assert moments("0 12 * * mon-fri", 4) == ["11-15 12:00", "11-16 12:00", "11-17 12:00", "11-20 12:00"]
    assert moments("@hourly", 2) == ["11-14 23:00", "11-15 00:00"]
    assert moments("@every 90m", 2) == ["11-14 23:43", "11-15 01:13"]


def test_a_day_of_the_month_or_of_the_week_suffices_when_both_are_restricted() -> None:
    assert moments("0 0 17 * sun", 3) == ["11-17 00:00", "11-19 00:00", "11-26 00:00"]


def test_a_day_that_never_comes_has_no_moment() -> None:
    assert moments("0 0 30 2 *", 1) == ["never"]


def test_the_clock_of_the_zone_counts_and_hours_that_it_leaves_out_are_left_out() -> None:
    assert moments("0 9 * * *", 1, zone="Asia/Tokyo") == ["11-15 09:00"]
    before_spring = datetime(2023, 3, 25, 12, tzinfo=UTC)
    assert moments("30 2 * * *", 2, after=before_spring, zone="Europe/Vienna") == ["03-27 02:30", "03-28 02:30"]
    before_autumn = datetime(2023, 10, 28, 12, tzinfo=UTC)
    assert moments("30 2 * * *", 2, after=before_autumn, zone="Europe/Vienna") == ["10-29 02:30", "10-30 02:30"]


def test_of_many_missed_moments_the_last_is_found() -> None:
    schedule = parse_schedule("*/5 * * * *")
    due, count = last_due(schedule, NOW - timedelta(days=400), NOW, UTC)
    assert due == datetime(2023, 11, 14, 22, 10, tzinfo=UTC)
    assert count > 100
    assert last_due(schedule, NOW - timedelta(minutes=12), NOW, UTC)[1] == 2
    assert last_due(schedule, NOW - timedelta(minutes=1), NOW, UTC) == (None, 0)


def cron_job(schedule: str = "* * * * *", **spec: Any) -> JsonObject:
    job = {"template": template("work", restartPolicy="Never")}
    return {"metadata": {"name": "tick"}, "spec": {"schedule": schedule, "jobTemplate": {"spec": job}, **spec}}


async def finish_all(cluster: EmulatedCluster, phase: str = "Succeeded") -> None:
    for pod in cluster.all(PODS):
        if pod["status"]["phase"] == "Running":
            await cluster.change_status(PODS, pod["metadata"]["name"], {"phase": phase})
    await cluster.run(1)


def under_way(cluster: EmulatedCluster) -> int:
    return sum(not has_status(job, "Complete") and not has_status(job, "Failed") for job in cluster.all(JOBS))


@pytest.mark.looptime
async def test_a_job_is_started_at_each_moment_and_named_after_it() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(CRON_JOBS, cron_job())
        await cluster.run(30)
        assert cluster.names(JOBS) == []
        await cluster.run(120)
        # At 22:14 and 22:15, in minutes since 1970.
        assert cluster.names(JOBS) == ["tick-28333334", "tick-28333335"]
        status = cluster.get(CRON_JOBS, "tick")["status"]
        assert status["lastScheduleTime"] == "2023-11-14T22:15:00Z"
        assert [job["name"] for job in status["active"]] == ["tick-28333334", "tick-28333335"]
        await finish_all(cluster)
        status = cluster.get(CRON_JOBS, "tick")["status"]
        assert "active" not in status
        assert "lastSuccessfulTime" in status
        assert cluster.reasons("tick").count("SawCompletedJob") == 2


@pytest.mark.looptime
@pytest.mark.parametrize(("policy", "jobs", "running"), [("Allow", 3, 3), ("Forbid", 1, 1), ("Replace", 1, 1)])
async def test_how_many_run_at_a_time_is_up_to_the_policy(policy: str, jobs: int, running: int) -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(CRON_JOBS, cron_job(concurrencyPolicy=policy))
        await cluster.run(50)
        first = cluster.names(JOBS)
        await cluster.run(120)
        assert (len(cluster.names(JOBS)), under_way(cluster)) == (jobs, running)
        assert (first[0] in cluster.names(JOBS)) is (policy != "Replace")


@pytest.mark.looptime
async def test_as_many_ended_jobs_are_kept_as_the_limits_say() -> None:
    limits: dict[str, Any] = {"successfulJobsHistoryLimit": 2, "failedJobsHistoryLimit": 1}
    async with emulated_cluster(nodes=1) as cluster:
        body = cron_job(**limits)
        body["spec"]["jobTemplate"]["spec"]["backoffLimit"] = 0
        await cluster.create(CRON_JOBS, body)
        for minute in range(6):
            await cluster.run(60)
            await finish_all(cluster, "Failed" if minute % 2 else "Succeeded")
        outcomes = [has_status(job, "Complete") for job in cluster.all(JOBS)]
        assert (outcomes.count(True), outcomes.count(False)) == (2, 1)


@pytest.mark.looptime
async def test_a_suspended_one_starts_nothing_and_catches_up_with_the_last_moment_only() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(CRON_JOBS, cron_job(suspend=True))
        await cluster.run(300)
        assert cluster.names(JOBS) == []
        await cluster.change(CRON_JOBS, "tick", spec={"suspend": False})
        await cluster.run(1)
        assert len(cluster.names(JOBS)) == 1


@pytest.mark.looptime
async def test_a_moment_that_is_past_its_deadline_is_not_caught_up_with() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(CRON_JOBS, cron_job("0 * * * *", suspend=True, startingDeadlineSeconds=60))
        await cluster.run(3600)
        await cluster.change(CRON_JOBS, "tick", spec={"suspend": False})
        await cluster.run(1)
        assert cluster.names(JOBS) == []


@pytest.mark.looptime
async def test_its_jobs_go_with_it() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(CRON_JOBS, cron_job())
        await cluster.run(60)
        await cluster.delete(CRON_JOBS, "tick")
        await cluster.run(5)
        assert (cluster.names(JOBS), cluster.names(PODS)) == ([], [])
