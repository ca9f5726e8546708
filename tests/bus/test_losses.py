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
