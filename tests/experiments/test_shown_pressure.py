"""Pressures are short, and small ones can be told apart."""

from __future__ import annotations

import pytest
from galileo_experiments.shown_pressure import shown_pressure


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.00"),
        (0.00003, "<0.0001"),
        (-0.00003, ">-0.0001"),
        (0.0001, "0.0001"),
        (0.0031, "0.0031"),
        (0.0312, "0.031"),
        (0.354, "0.35"),
        (12.345, "12.35"),
        (250.4, "250"),
    ],
)
def test_a_pressure_has_two_digits_that_count(value: float, shown: str) -> None:
    assert shown_pressure(value) == shown
