"""The logistic curve against the values of the original."""

import pytest
from galileo_context.logistic import Logistic
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("x_ms", "share"), [(0, 0.004907), (10, 0.010666), (35, 0.502), (50, 0.952764), (70, 0.999093)]
)
def test_the_reference_values(x_ms: float, share: float) -> None:
    assert Logistic(a=250, b=1, c=0.2, midpoint_ms=35).share(x_ms) == pytest.approx(share, abs=5e-7)


def test_the_offset_lowers_the_midpoint_by_its_share() -> None:
    assert Logistic(midpoint_ms=100, offset=0.2).share(80) == Logistic(midpoint_ms=80).share(80)
    assert Logistic(offset=0.5).share(35, midpoint_ms=70) == Logistic().share(35)


@given(st.floats(min_value=0, max_value=1e9), st.floats(min_value=0, max_value=1e9))
def test_it_rises_between_its_ends_and_never_overflows(a: float, b: float) -> None:
    low, high = sorted((a, b))
    curve = Logistic()
    assert curve.b / curve.a <= curve.share(low) <= curve.share(high) <= 1.0


def test_far_below_the_midpoint_it_is_flat() -> None:
    assert Logistic(midpoint_ms=1e6).share(0) == pytest.approx(1 / 250)


def test_a_curve_without_height_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Logistic(a=0)
