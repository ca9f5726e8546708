"""The stages of a pod's life follow from circumstances alone."""

from dataclasses import replace

import pytest
from galileo_emulation.kubelets.pod_lifecycle import (
    Circumstances,
    Lifecycle,
    Stage,
    first_stage,
    next_stage,
    wake_at,
)

SEEN = Circumstances(now=100.0, image_ready_at=102.0, start_s=0.5, grace_s=30.0, retry_s=10.0, quiet_s=1.0)


def test_a_pod_is_pulled_started_and_runs() -> None:
    life = first_stage(SEEN)
    assert life == Lifecycle(Stage.PULLING, 100.0, 102.0)
    assert next_stage(life, replace(SEEN, now=101.9)) is life
    life = next_stage(life, replace(SEEN, now=102.0))
    assert life == Lifecycle(Stage.STARTING, 102.0, 102.5)
    life = next_stage(life, replace(SEEN, now=102.5))
    assert life.stage is Stage.RUNNING
    assert wake_at(life, SEEN) == float("inf")


def test_an_image_that_does_not_exist_alternates_between_error_and_backoff() -> None:
    seen = replace(SEEN, image_ready_at=None)
    life = first_stage(seen)
    stages = [life.stage]
    for _ in range(3):
        seen = replace(seen, now=life.until)
        life = next_stage(life, seen)
        stages.append(life.stage)
    assert stages == [Stage.PULL_FAILED, Stage.PULL_BACKOFF] * 2


def test_containers_that_cannot_start_are_tried_again() -> None:
    life = next_stage(Lifecycle(Stage.RUNNING, 100.0), replace(SEEN, start_error=True))
    assert life == Lifecycle(Stage.START_FAILED, 100.0, 110.0)
    assert next_stage(life, replace(SEEN, now=110.0)).stage is Stage.STARTING


@pytest.mark.parametrize("stage", [Stage.PULLING, Stage.PULL_FAILED, Stage.STARTING, Stage.START_FAILED])
def test_a_pod_that_never_ran_goes_at_once_when_deleted(stage: Stage) -> None:
    assert next_stage(Lifecycle(stage, 90.0, 200.0), replace(SEEN, deleting=True)).stage is Stage.GONE


def stopping(**changes: float) -> Circumstances:
    seen = replace(SEEN, deleting=True)
    return replace(seen, **changes)  # type: ignore[arg-type]  # the fields given are numbers


def test_a_stopping_pod_serves_until_no_request_came_for_a_while() -> None:
    life = next_stage(Lifecycle(Stage.RUNNING, 0.0), stopping())
    assert life == Lifecycle(Stage.STOPPING, 100.0, 130.0)
    assert wake_at(life, stopping()) == 101.0
    assert next_stage(life, stopping(now=101.0, last_request_at=100.6)) == life
    assert next_stage(life, stopping(now=105.0, last_request_at=100.6, in_flight=1)) == life
    assert next_stage(life, stopping(now=101.6, last_request_at=100.6)).stage is Stage.GONE


def test_the_grace_period_ends_a_pod_with_requests_in_hand() -> None:
    life = Lifecycle(Stage.STOPPING, 100.0, 130.0)
    busy = stopping(now=130.0, in_flight=3, last_request_at=129.9)
    assert wake_at(life, busy) == 130.0
    assert next_stage(life, busy).stage is Stage.GONE


def test_a_second_deletion_may_shorten_the_grace_period_but_not_prolong_it() -> None:
    life = Lifecycle(Stage.STOPPING, 100.0, 130.0)
    assert next_stage(life, stopping(now=100.5, in_flight=1, grace_s=5.0)).until == 105.5
    assert next_stage(life, stopping(now=100.5, in_flight=1, grace_s=60.0)).until == 130.0


def test_without_grace_a_running_pod_goes_at_once() -> None:
    assert next_stage(Lifecycle(Stage.RUNNING, 0.0), stopping(grace_s=0.0)).stage is Stage.GONE
