"""The steps of a container's life follow from circumstances alone."""

from dataclasses import replace

import pytest
from galileo_emulation.kubelets.container_life import Life, Seen, Step, next_life
from galileo_emulation.kubelets.restart_backoff import NONE_YET, Backoff, BackoffRule

SEEN = Seen(now=100.0, rule=BackoffRule(), image_at=102.0)


def test_a_container_waits_for_its_turn_is_pulled_and_runs() -> None:
    life = Life(Step.WAITING, 90.0)
    assert next_life(life, replace(SEEN, turn=False)) is life
    life = next_life(life, SEEN)
    assert (life.step, life.until) == (Step.PULLING, 102.0)
    assert next_life(life, replace(SEEN, now=101.9)) is life
    life = next_life(life, replace(SEEN, now=102.0))
    assert (life.step, life.since) == (Step.RUNNING, 102.0)
    assert next_life(life, replace(SEEN, now=1e6)) is life


def test_a_timer_that_is_called_a_little_early_is_not_waited_for_again() -> None:
    life = Life(Step.PULLING, 100.0, 102.0)
    assert next_life(life, replace(SEEN, now=102.0 - 1e-9)).step is Step.RUNNING


def test_an_image_that_does_not_exist_alternates_between_error_and_a_growing_backoff() -> None:
    seen = replace(SEEN, image_at=None)
    life, steps = Life(Step.WAITING, 100.0), []
    for _ in range(5):
        life = next_life(life, seen)
        steps.append((life.step, life.since))
        seen = replace(seen, now=life.until)
    assert steps == [
        (Step.PULL_FAILED, 100.0),
        (Step.PULL_BACKOFF, 105.0),
        (Step.PULL_FAILED, 110.0),
        (Step.PULL_BACKOFF, 115.0),
        (Step.PULL_FAILED, 130.0),
    ]
    assert next_life(life, replace(seen, image_at=135.0)).step is Step.PULL_BACKOFF


def test_a_start_that_fails_is_tried_again() -> None:
    life = next_life(Life(Step.RUNNING, 100.0), replace(SEEN, start_failed=True))
    assert (life.step, life.until) == (Step.START_FAILED, 110.0)
    assert next_life(life, replace(SEEN, now=110.0)).step is Step.RUNNING


def test_a_container_that_is_not_to_be_started_again_has_ended() -> None:
    life = next_life(Life(Step.RUNNING, 90.0), replace(SEEN, exited_at=99.0, again=False))
    assert (life.step, life.since) == (Step.ENDED, 99.0)
    assert next_life(life, replace(SEEN, now=1e6)) is life


@pytest.mark.parametrize(("starts", "until"), [(NONE_YET, 99.0), (Backoff(10.0, 95.0), 109.0)])
def test_a_container_is_started_again_first_at_once_then_after_a_backoff(starts: Backoff, until: float) -> None:
    seen = replace(SEEN, image_at=100.0, exited_at=99.0)
    life = next_life(Life(Step.RUNNING, 90.0, starts=starts), seen)
    assert (life.step, life.until) == (Step.CRASH_BACKOFF, until)
    life = next_life(life, replace(seen, now=max(100.0, until)))
    assert life.step is Step.PULLING
    assert life.starts.delay_s == max(10.0, 2 * starts.delay_s)
