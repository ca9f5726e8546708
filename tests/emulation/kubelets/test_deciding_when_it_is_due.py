"""Timers that are called a little early count as on time."""

import math

from galileo_emulation.kubelets.due import is_due


def test_a_time_has_come_at_it_after_it_and_within_the_clocks_resolution() -> None:
    assert is_due(5.0, now=5.0)
    assert is_due(5.0, now=6.0)
    assert is_due(5.0, now=5.0 - 1e-9)
    assert not is_due(5.0, now=4.999)
    assert not is_due(math.inf, now=1e12)
