"""Jobs choose their own pods; jobs and cron jobs that cannot run are refused."""

from typing import Any

import pytest
from galileo_emulation.kubernetes.checks.cron_schedule import ScheduleError, parse_schedule

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import CRON_JOBS, JOBS, cron_job, job

INVALID, REQUIRED, UNSUPPORTED = "FieldValueInvalid", "FieldValueRequired", "FieldValueNotSupported"


async def test_a_job_chooses_its_pods_by_its_own_uid(calls: Calls) -> None:
    made = await calls.create(JOBS, job())
    uid, spec = made["metadata"]["uid"], made["spec"]
    labels = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": "once",
        "controller-uid": uid,
        "job-name": "once",
    }
    assert spec["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert spec["template"]["metadata"]["labels"] == labels
    assert made["metadata"]["labels"] == labels
    numbers = {name: spec[name] for name in ("completions", "parallelism", "backoffLimit", "suspend")}
    assert numbers == {"completions": 1, "parallelism": 1, "backoffLimit": 6, "suspend": False}
    assert (spec["completionMode"], spec["podReplacementPolicy"]) == ("NonIndexed", "TerminatingOrFailed")
    assert made["status"] == {}


async def test_a_job_may_choose_pods_itself_when_it_says_so(calls: Calls) -> None:
    body = job(selector={"matchLabels": {"mine": "yes"}})
    assert (INVALID, "spec.selector") in await calls.refused(JOBS, body)
    body = job(selector={"matchLabels": {"mine": "yes"}}, manualSelector=True)
    body["spec"]["template"]["metadata"] = {"labels": {"mine": "yes"}}
    made = await calls.create(JOBS, body)
    assert made["spec"]["selector"] == {"matchLabels": {"mine": "yes"}}
    assert made["metadata"]["labels"] == {"mine": "yes"}


async def test_pods_of_jobs_come_to_an_end(calls: Calls) -> None:
    body = job()
    body["spec"]["template"]["spec"]["restartPolicy"] = "Always"
    assert await calls.refused(JOBS, body) == [(REQUIRED, "spec.template.spec.restartPolicy")]
    del body["spec"]["template"]["spec"]["restartPolicy"]
    assert await calls.refused(JOBS, body) == [(REQUIRED, "spec.template.spec.restartPolicy")]


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"parallelism": -1}, [(INVALID, "spec.parallelism")]),
        ({"completionMode": "Indexed", "parallelism": 1}, [(REQUIRED, "spec.completions")]),
        ({"completionMode": "Sorted"}, [(UNSUPPORTED, "spec.completionMode")]),
        ({"ttlSecondsAfterFinished": -1}, [(INVALID, "spec.ttlSecondsAfterFinished")]),
    ],
)
async def test_numbers_of_a_job_make_sense(calls: Calls, spec: dict[str, Any], causes: list[tuple[str, str]]) -> None:
    assert await calls.refused(JOBS, job(**spec)) == causes


async def test_what_a_job_does_is_fixed_but_not_how_much_of_it_at_a_time(calls: Calls) -> None:
    await calls.create(JOBS, job(completions=4))
    path = f"{JOBS}/once"
    assert (await calls.patch(path, {"spec": {"parallelism": 2, "suspend": True}}))[0] == 200
    assert await calls.refused_change(path, {"spec": {"completions": 5}}) == [(INVALID, "spec.completions")]
    command = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1}}}}
    assert await calls.refused_change(path, command) == [(INVALID, "spec.template")]
    placed = {"spec": {"template": {"spec": {"nodeSelector": {"zone": "a"}}}}}
    assert (await calls.patch(path, placed))[0] == 200  # while it is suspended and has not begun


async def test_a_cron_job_keeps_three_successes_and_one_failure(calls: Calls) -> None:
    made = await calls.create(CRON_JOBS, cron_job())
    spec = made["spec"]
    assert (spec["concurrencyPolicy"], spec["suspend"]) == ("Allow", False)
    assert (spec["successfulJobsHistoryLimit"], spec["failedJobsHistoryLimit"]) == (3, 1)
    assert "completions" not in spec["jobTemplate"]["spec"]
    assert spec["jobTemplate"]["spec"]["template"]["spec"]["dnsPolicy"] == "ClusterFirst"


@pytest.mark.parametrize(
    ("name", "spec", "causes"),
    [
        ("c", {"schedule": "every day"}, [(INVALID, "spec.schedule")]),
        ("c", {"schedule": ""}, [(REQUIRED, "spec.schedule")]),
        ("c", {"schedule": "TZ=UTC * * * * *"}, [(INVALID, "spec.schedule")]),
        ("c", {"timeZone": "Mars/Olympus"}, [(INVALID, "spec.timeZone")]),
        ("c", {"concurrencyPolicy": "Maybe"}, [(UNSUPPORTED, "spec.concurrencyPolicy")]),
        ("x" * 53, {}, [(INVALID, "metadata.name")]),
    ],
)
async def test_a_cron_job_that_would_never_run_is_refused(
    calls: Calls, name: str, spec: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(CRON_JOBS, cron_job(name, **spec)) == causes


def test_schedules_are_read_as_sets_of_numbers() -> None:
    schedule = parse_schedule("*/15 9-17 1,15 jan-mar mon-fri")
    assert schedule.minutes == {0, 15, 30, 45}
    assert schedule.hours == set(range(9, 18))
    assert schedule.days == {1, 15}
    assert schedule.months == {1, 2, 3}
    assert schedule.weekdays == {1, 2, 3, 4, 5}
    assert not schedule.any_day
    assert parse_schedule("@weekly").weekdays == {0}
    assert parse_schedule("0 0 ? * 7").weekdays == {0}
    assert parse_schedule("0 0 ? * 7").any_day
    assert parse_schedule("@every 1h30m10s").every_s == 5410
    assert parse_schedule("5/20 * * * *").minutes == {5, 25, 45}


@pytest.mark.parametrize(
    "text", ["* * * *", "60 * * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "@often", "a * * * *"]
)
def test_what_is_no_schedule_is_told_so(text: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(text)
