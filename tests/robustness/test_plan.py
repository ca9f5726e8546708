"""Plans: the same for the same seed, with room to measure in, and all faults among the first few."""

from __future__ import annotations

from tests.robustness.plan import CALM_AFTER_RETURN_S, MOST_KILLS, NETWORK, plan_of

SEEDS = range(1, 201)


def test_a_seed_is_a_plan() -> None:
    assert plan_of(17) == plan_of(17)
    assert plan_of(17) != plan_of(18)


def test_the_first_twenty_plans_have_every_fault() -> None:
    kinds = {fault.kind for seed in range(1, 21) for fault in plan_of(seed).faults}
    assert kinds == {*NETWORK, "kill", "kill_server", "overflow"}


def test_nothing_but_the_servers_death_keeps_anyone_from_serving_again() -> None:
    for plan in map(plan_of, SEEDS):
        back_s = plan.server_returns_s
        if back_s is not None:
            assert all(fault.ends_s <= back_s for fault in plan.faults)
            assert plan.says_s >= back_s + CALM_AFTER_RETURN_S


def test_no_decision_can_be_delivered_so_often_that_it_is_given_up() -> None:
    for plan in map(plan_of, SEEDS):
        for name in plan.participants:
            assert sum(fault.kind == "kill" and fault.target == name for fault in plan.faults) <= MOST_KILLS


def test_most_plans_have_a_calm_moment_for_a_decision_by_hand() -> None:
    calm = [any(plan.calm_at(at_s, before_s=0.0, after_s=0.1) for at_s in plan.hand_s) for plan in map(plan_of, SEEDS)]
    assert sum(calm) > 150


def test_a_plan_takes_a_few_seconds() -> None:
    assert all(2.0 < plan_of(seed).says_s < 5.0 for seed in SEEDS)
