"""A plot's points are bounded, and what one looks for in it stays."""

from __future__ import annotations

import itertools

import pytest
from galileo_experiments.thinning import LEAST, thinned


def test_few_points_stay_as_they_are() -> None:
    points = [(float(t_s), 1.0) for t_s in range(10)]
    assert thinned(points, 10) == points


@pytest.mark.parametrize("most", [LEAST, 50, 999])
def test_ends_and_extremes_stay_and_order_is_kept(most: int) -> None:
    points = [(float(t_s), 10.0 + t_s % 7) for t_s in range(1000)]
    points[333], points[667] = (333.0, 900.0), (667.0, 0.1)
    kept = thinned(points, most)
    assert len(kept) == most
    assert kept == sorted(kept)
    assert {points[0], points[-1], points[333], points[667]} <= set(kept)


def test_what_is_left_covers_the_whole_run() -> None:
    kept = thinned([(float(t_s), 1.0) for t_s in range(10_000)], 100)
    gaps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(kept)]
    assert max(gaps) < 300


def test_room_for_too_few_points_is_refused() -> None:
    with pytest.raises(ValueError, match="expected to keep 8 points or more, got 7"):
        thinned([], LEAST - 1)
