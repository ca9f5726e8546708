"""When a leader renews, gives up and is over: numbers in, numbers out."""

from __future__ import annotations

import pytest
from galileo_bus.election.leases import Grant, Held, fence_of
from galileo_bus.election.terms import Leading, Terms, next_try_in_s

TERMS = Terms(duration_s=5.0, renew_every_s=1.0, answer_within_s=1.5, stop_within_s=1.5, try_every_s=0.5)
GRANT = Grant("decider", fence_of("decider", epoch=1, holder="one"))


def test_the_lease_counts_from_when_the_call_was_begun() -> None:
    leading = Leading(GRANT, asked_at=100.0)
    assert leading.renew_at(TERMS) == 101.0
    assert leading.give_up_at(TERMS) == 103.5
    assert leading.over_at(TERMS) == 105.0


def test_a_renewal_that_failed_is_tried_again_soon() -> None:
    assert Leading(GRANT, asked_at=100.0, failed_at=102.5).renew_at(TERMS) == 102.75


@pytest.mark.parametrize(("now", "by"), [(101.0, 102.5), (102.75, 103.5), (103.4, 103.5)])
def test_an_answer_is_not_waited_for_past_the_moment_to_give_up(now: float, by: float) -> None:
    assert Leading(GRANT, asked_at=100.0).answer_by(now, TERMS) == by


@pytest.mark.parametrize(("free_in_s", "next_s"), [(5.0, 0.5), (0.2, 0.2), (0.0, 0.01), (-3.0, 0.01)])
def test_a_follower_looks_again_when_the_lease_runs_out_and_often_before(free_in_s: float, next_s: float) -> None:
    assert next_try_in_s(Held("one", free_in_s), TERMS) == next_s


def test_terms_by_which_one_lost_answer_deposes_a_leader_are_refused() -> None:
    with pytest.raises(ValueError, match="a lease of 4 s is too short: 4 s go to renewing every 1 s"):
        Terms(duration_s=4.0)
