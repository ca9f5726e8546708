"""The order in which targets are chosen."""

from __future__ import annotations

from collections import Counter

import pytest
from galileo_services.gateway.round_robin import RoundRobin
from hypothesis import given
from hypothesis import strategies as st


def picks(ring: RoundRobin, count: int) -> str:
    return "".join(target or "-" for target in (ring.pick() for _ in range(count)))


@pytest.mark.parametrize(
    ("targets", "weights", "expected"),
    [
        ("abc", [1, 4, 5], "cbcbcbcabccbcbcbcabc"),
        ("abc", [4, 3, 2], "aababcabcaababcabcaa"),
        ("ab", [2, 8], "bbbabbbbabbbbabbbbab"),
        ("ab", [1, 1], "abababababababababab"),
    ],
)
def test_the_order_is_that_of_the_original_load_balancer(targets: str, weights: list[int], expected: str) -> None:
    assert picks(RoundRobin(targets, weights), 20) == expected


def test_a_target_of_weight_0_is_never_chosen() -> None:
    assert picks(RoundRobin("abc", [0, 2, 1]), 6) == "bbcbbc"


def test_if_all_weights_are_0_the_targets_take_equal_turns() -> None:
    assert picks(RoundRobin("abc", [0, 0, 0]), 6) == "abcabc"


def test_without_targets_there_is_no_choice() -> None:
    assert RoundRobin().pick() is None


def test_targets_that_go_and_come_back_are_chosen_again() -> None:
    ring = RoundRobin("ab", [1, 3])
    picks(ring, 3)
    ring.update("", [])
    assert ring.pick() is None
    ring.update("c", [2])
    assert picks(ring, 2) == "cc"


@pytest.mark.parametrize(("targets", "weights"), [("ab", [1]), ("a", [1, 2]), ("ab", [1, -1])])
def test_weights_that_do_not_fit_are_refused_and_change_nothing(targets: str, weights: list[int]) -> None:
    ring = RoundRobin("xy", [1, 1])
    with pytest.raises(ValueError, match="expected"):
        ring.update(targets, weights)
    assert picks(ring, 4) == "xyxy"


def test_the_same_weights_again_change_nothing() -> None:
    once, updated = RoundRobin("abc", [1, 4, 5]), RoundRobin("abc", [1, 4, 5])
    expected = picks(once, 20)
    chosen = ""
    for _ in range(20):
        updated.update("abc", [1, 4, 5])
        chosen += picks(updated, 1)
    assert chosen == expected


def test_a_target_of_weight_0_is_not_chosen_after_an_update_either() -> None:
    ring = RoundRobin("abc", [1, 1, 1])
    picks(ring, 1)
    ring.update("abc", [3, 0, 0])
    assert picks(ring, 4) == "aaaa"


def test_the_alternative_is_the_heaviest_other_target_and_among_equals_the_next() -> None:
    ring = RoundRobin("abcd", [5, 1, 3, 3])
    assert ring.pick() == "a"
    assert ring.alternative({"a"}) == "c"
    assert ring.alternative({"a", "c"}) == "d"
    assert ring.alternative({"a", "b", "c", "d"}) is None
    assert picks(ring, 1) == "a", "the alternative leaves the ring as it is"


weight_lists = st.lists(st.integers(0, 30), min_size=1, max_size=8)


@given(weight_lists.filter(any))
def test_over_a_cycle_each_target_is_chosen_as_often_as_its_share(weights: list[int]) -> None:
    targets = [str(index) for index in range(len(weights))]
    ring = RoundRobin(targets, weights)
    chosen = Counter(ring.pick() for _ in range(3 * sum(weights)))
    assert chosen == Counter({target: 3 * weight for target, weight in zip(targets, weights, strict=True) if weight})


@given(st.lists(st.tuples(weight_lists, st.integers(0, 20)), min_size=1, max_size=10))
def test_whatever_the_updates_a_pick_is_a_target_that_may_be_chosen(updates: list[tuple[list[int], int]]) -> None:
    ring = RoundRobin()
    for weights, count in updates:
        ring.update([str(index) for index in range(len(weights))], weights)
        for _ in range(count):
            picked = ring.pick()
            assert picked is not None
            assert weights[int(picked)] > 0 or not any(weights)
