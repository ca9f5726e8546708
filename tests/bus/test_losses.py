"""Counting what never arrived, from running numbers and heartbeats."""

from __future__ import annotations

from galileo_bus.losses import LossCounter


def test_the_first_number_of_a_source_says_nothing() -> None:
    losses = LossCounter()
    assert losses.note("a/1", "x", 500) == 0
    assert losses.heartbeat("b/1", {"x": 500}) == 0
    assert losses.lost == 0


def test_a_gap_is_as_many_as_it_leaves_out() -> None:
    losses = LossCounter()
    assert [losses.note("a/1", "x", seq) for seq in (1, 2, 5, 6, 9)] == [0, 0, 2, 0, 2]
    assert losses.lost == 4


def test_a_repeated_or_late_number_is_neither_a_loss_nor_a_step_back() -> None:
    losses = LossCounter()
    assert [losses.note("a/1", "x", seq) for seq in (5, 5, 3, 6)] == [0, 0, 0, 0]


def test_sources_lives_and_names_are_counted_apart() -> None:
    losses = LossCounter()
    for source, name, seq in (("a/1", "x", 7), ("a/1", "y", 100), ("b/1", "x", 50), ("a/2", "x", 1)):
        assert losses.note(source, name, seq) == 0
    assert losses.note("a/1", "x", 8) == 0
    assert losses.note("a/2", "x", 3) == 1


def test_a_heartbeat_shows_a_lost_tail_once() -> None:
    losses = LossCounter()
    losses.note("a/1", "x", 5)
    assert losses.heartbeat("a/1", {"x": 5}) == 0
    assert losses.heartbeat("a/1", {"x": 8}) == 3
    assert losses.heartbeat("a/1", {"x": 8}) == 0
    assert losses.note("a/1", "x", 9) == 0
    assert losses.lost == 3


def test_a_heartbeat_is_a_beginning_from_which_losses_count() -> None:
    losses = LossCounter()
    losses.heartbeat("a/1", {"x": 5})
    assert losses.note("a/1", "x", 8) == 2


def test_losses_are_told_by_name_and_by_source() -> None:
    losses = LossCounter()
    for source, name, seq in (("a/1", "x", 1), ("a/1", "x", 4), ("a/1", "y", 1), ("b/1", "x", 1), ("b/1", "x", 3)):
        losses.note(source, name, seq)
    losses.heartbeat("a/1", {"x": 4, "y": 6})
    assert losses.by_name == {"x": 3, "y": 5}
    assert losses.by_source() == {("a/1", "x"): 2, ("a/1", "y"): 5, ("b/1", "x"): 1}
    assert losses.lost == 8


def test_sources_that_are_gone_are_forgotten_and_their_losses_stay_in_the_totals() -> None:
    losses = LossCounter(most_sources=3)
    for life in range(10):
        losses.note(f"a/{life}", "x", 1)
        losses.note(f"a/{life}", "x", 3)
        losses.heartbeat("lives on", {"x": 1})
    assert losses.by_source().keys() == {("a/8", "x"), ("a/9", "x")}
    assert losses.by_name == {"x": 10}
    assert losses.heartbeat("lives on", {"x": 2}) == 1, "who is heard again and again is not forgotten"
