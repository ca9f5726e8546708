"""How many replicas a measurement asks for, with numbers, and what holds for all of them."""

import math

import pytest
from galileo_emulation.controllers.horizontal_autoscaling.pod_groups import Groups
from galileo_emulation.controllers.horizontal_autoscaling.pod_measurements import Measurement, NoMeasurementError
from galileo_emulation.controllers.horizontal_autoscaling.proposal import (
    Average,
    Tolerances,
    Utilization,
    proposed,
)
from hypothesis import given
from hypothesis import strategies as st

REQUEST = 1000


def groups(ready: int, *, unready: int = 0, missing: int = 0, ignored: int = 0) -> Groups:
    return Groups(
        ready=ready,
        unready=frozenset(f"unready-{index}" for index in range(unready)),
        missing=frozenset(f"missing-{index}" for index in range(missing)),
        ignored=frozenset(f"ignored-{index}" for index in range(ignored)),
    )


def by_percent(use: list[int], percent: int, *, unready: int = 0, missing: int = 0, replicas: int | None = None) -> int:
    """The replicas when pods that request 1000 use so much, and so many others are not ready or not measured."""
    found = groups(len(use), unready=unready, missing=missing)
    measured = {f"pod-{index}": Measurement(milli, 0.0, 10.0) for index, milli in enumerate(use)}
    names = [*measured, *found.unready, *found.missing]
    target = Utilization(percent, dict.fromkeys(names, REQUEST))
    now = len(use) + unready + missing if replicas is None else replicas
    return proposed(now, measured, found, target, Tolerances()).replicas


@pytest.mark.parametrize(
    ("use", "percent", "wanted"),
    [
        ([300, 500, 700], 30, 5),
        ([300, 500, 700], 100, 2),
        ([1000] * 10, 100, 10),
        ([1090] * 10, 100, 10),
        ([1110] * 10, 100, 12),
        ([910] * 10, 100, 10),
        ([890] * 10, 100, 9),
        ([0, 0], 50, 0),
        ([2000], 100, 2),
    ],
    ids=[
        "more are needed",
        "fewer are needed",
        "as wanted",
        "a little above, within the tolerance",
        "above the tolerance",
        "a little below, within the tolerance",
        "below the tolerance",
        "no use at all",
        "one pod with twice the use",
    ],
)
def test_replicas_follow_the_ratio_of_use_to_target(use: list[int], percent: int, wanted: int) -> None:
    assert by_percent(use, percent) == wanted


@pytest.mark.parametrize(
    ("use", "percent", "others", "wanted"),
    [
        ([1000, 1000, 1000], 50, {"unready": 3}, 6),
        ([700, 700], 50, {"unready": 2}, 4),
        ([100, 100, 100], 50, {"unready": 1}, 1),
        ([1000, 1000], 50, {"missing": 1}, 4),
        ([600, 600], 50, {"missing": 2}, 4),
        ([100, 100, 100, 100], 50, {"missing": 1}, 3),
        ([400, 400], 50, {"missing": 2}, 4),
        ([100], 200, {"missing": 1}, 2),
    ],
    ids=[
        "more: those that start use nothing yet",
        "more, but not if those that start are enough",
        "fewer: those that start do not count",
        "more: an unmeasured pod uses nothing",
        "more, but not if the unmeasured ones turn it",
        "fewer: an unmeasured pod uses all that it requested",
        "fewer, but not if the unmeasured ones turn it",
        "fewer: an unmeasured pod uses more than it requested where the target is more",
    ],
)
def test_pods_that_are_not_ready_or_not_measured_hold_a_change_back(
    use: list[int], percent: int, others: dict[str, int], wanted: int
) -> None:
    assert by_percent(use, percent, **others) == wanted


def test_replicas_whose_pods_are_not_there_yet_are_not_taken_away_under_load() -> None:
    assert by_percent([800, 800, 800], 50, missing=1, replicas=6) == 6
    assert by_percent([800, 800, 800], 50, missing=1, replicas=4) == 5


def test_amounts_are_averaged_over_the_pods() -> None:
    measured = {f"pod-{index}": Measurement(milli, 0.0, 10.0) for index, milli in enumerate([100, 200, 300])}
    assert proposed(3, measured, groups(3), Average(100), Tolerances()).replicas == 6
    assert proposed(3, measured, groups(3), Average(210), Tolerances()).replicas == 3
    assert proposed(4, measured, groups(3, missing=1), Average(100), Tolerances()).replicas == 6


def test_tolerances_hold_in_each_direction_for_itself() -> None:
    measured = {"pod-0": Measurement(1200, 0.0, 10.0)}
    target = Utilization(100, {"pod-0": REQUEST})
    assert proposed(1, measured, groups(1), target, Tolerances(up=0.3)).replicas == 1
    assert proposed(1, measured, groups(1), target, Tolerances(down=0.3)).replicas == 2


def test_without_a_pod_that_counts_there_is_no_proposal() -> None:
    measured = {"unready-0": Measurement(1200, 0.0, 10.0)}
    with pytest.raises(NoMeasurementError, match="pods might be unready"):
        proposed(1, measured, groups(0, unready=1), Average(100), Tolerances())
    with pytest.raises(NoMeasurementError, match="no metrics returned matched known pods"):
        proposed(1, {"pod-0": Measurement(1, 0.0, 1.0)}, groups(1), Utilization(50, {"pod-0": 0}), Tolerances())


USE = st.lists(st.integers(0, 5000), min_size=1, max_size=20)
COUNT = st.integers(0, 5)
PERCENT = st.integers(1, 300)


@given(USE, PERCENT)
def test_use_as_proposed_would_meet_the_target_and_one_replica_fewer_would_not(use: list[int], percent: int) -> None:
    replicas = by_percent(use, percent)
    average = sum(use) * 100 // (REQUEST * len(use))
    if 0.9 <= average / percent <= 1.1:
        assert replicas == len(use)
    else:
        assert replicas == math.ceil(average / percent * len(use))
        assert replicas * percent >= average * len(use) * (1 - 1e-9)


@given(USE, PERCENT, COUNT, COUNT)
def test_what_is_not_known_never_turns_a_change_round_nor_enlarges_it(
    use: list[int], percent: int, unready: int, missing: int
) -> None:
    known = sum(use) * 100 // (REQUEST * len(use)) / percent
    now = len(use) + unready + missing
    replicas = by_percent(use, percent, unready=unready, missing=missing)
    if known > 1.0:
        assert now <= replicas <= max(now, math.ceil(known * now)) or not (unready or missing)
    elif missing:
        assert replicas <= now


@given(USE, PERCENT, st.integers(0, 5000))
def test_more_use_never_asks_for_fewer(use: list[int], percent: int, more: int) -> None:
    before, after = by_percent(use, percent), by_percent([*use[:-1], use[-1] + more], percent)
    assert after >= before or (before == len(use) and after >= math.ceil(0.9 * len(use)))
