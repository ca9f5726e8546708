"""How far and how fast a target may be scaled."""

from typing import Any

import pytest
from galileo_emulation.controllers.horizontal_autoscaling.limits import Bounds, Entry, History, limit
from galileo_emulation.kubernetes.defaults.workload_defaults import default_autoscaler
from hypothesis import given
from hypothesis import strategies as st

NOW = 10_000.0
WINDOW_S = 300.0


def behavior(**directions: Any) -> dict[str, Any]:
    """A behavior as the API completes it."""
    body: dict[str, Any] = {"spec": {"behavior": directions}}
    default_autoscaler(body)
    found: dict[str, Any] = body["spec"]["behavior"]
    return found


def pods(value: int, period_s: int = 60) -> dict[str, Any]:
    return {"type": "Pods", "value": value, "periodSeconds": period_s}


def percent(value: int, period_s: int = 60) -> dict[str, Any]:
    return {"type": "Percent", "value": value, "periodSeconds": period_s}


@pytest.mark.parametrize(
    ("current", "wanted", "replicas", "reason"),
    [
        (3, 5, 5, "DesiredWithinRange"),
        (3, 9, 6, "ScaleUpLimit"),
        (1, 9, 4, "ScaleUpLimit"),
        (8, 40, 10, "TooManyReplicas"),
        (3, 0, 2, "TooFewReplicas"),
        (3, 3, 3, "DesiredWithinRange"),
    ],
)
def test_without_a_behavior_bounds_hold_and_replicas_double_at_most(
    current: int, wanted: int, replicas: int, reason: str
) -> None:
    found = limit(current, wanted, Bounds(least=2, most=10), History(), down_window_s=WINDOW_S, now=NOW)
    assert (found.replicas, found.limit[0]) == (replicas, reason)
    assert found.limited is (reason != "DesiredWithinRange")


@pytest.mark.parametrize(("age_s", "replicas"), [(0.0, 7), (299.0, 7), (300.0, 7), (301.0, 3)])
def test_the_highest_recommendation_of_the_window_holds_fewer_replicas_back(age_s: float, replicas: int) -> None:
    history = History(recommended=[Entry(NOW - age_s, 7)])
    found = limit(7, 3, Bounds(least=1, most=10), history, down_window_s=WINDOW_S, now=NOW)
    assert found.replicas == replicas
    assert found.able[0] == ("ScaleDownStabilized" if replicas == 7 else "ReadyForNewScale")


def test_a_window_for_more_replicas_applies_the_lowest_recommendation() -> None:
    bounds = Bounds(least=1, most=10, behavior=behavior(scaleUp={"stabilizationWindowSeconds": 60}))
    history = History(recommended=[Entry(NOW - 90, 2), Entry(NOW - 30, 4), Entry(NOW - 15, 6)])
    found = limit(3, 6, bounds, history, down_window_s=WINDOW_S, now=NOW)
    assert (found.replicas, found.able[0]) == (4, "ScaleUpStabilized")


@pytest.mark.parametrize(
    ("direction", "rules", "current", "wanted", "replicas"),
    [
        ("scaleUp", {}, 10, 100, 20),
        ("scaleUp", {}, 1, 100, 5),
        ("scaleUp", {"policies": [pods(3)]}, 10, 100, 13),
        ("scaleUp", {"policies": [percent(25)]}, 10, 100, 13),
        ("scaleUp", {"policies": [pods(3), percent(50)]}, 10, 100, 15),
        ("scaleUp", {"policies": [pods(3), percent(50)], "selectPolicy": "Min"}, 10, 100, 13),
        ("scaleUp", {"selectPolicy": "Disabled"}, 10, 100, 10),
        ("scaleDown", {}, 10, 1, 1),
        ("scaleDown", {"policies": [pods(3)]}, 10, 1, 7),
        ("scaleDown", {"policies": [percent(25)]}, 10, 1, 7),
        ("scaleDown", {"policies": [pods(3), percent(50)]}, 10, 1, 5),
        ("scaleDown", {"policies": [pods(3), percent(50)], "selectPolicy": "Min"}, 10, 1, 7),
        ("scaleDown", {"selectPolicy": "Disabled"}, 10, 1, 10),
    ],
)
def test_policies_say_how_many_may_come_and_go(
    direction: str, rules: dict[str, Any], current: int, wanted: int, replicas: int
) -> None:
    bounds = Bounds(least=1, most=100, behavior=behavior(**{direction: rules}))
    assert limit(current, wanted, bounds, History(), down_window_s=0.0, now=NOW).replicas == replicas


def test_what_was_changed_within_the_period_counts() -> None:
    rules = {"policies": [pods(4, period_s=60)]}
    bounds = Bounds(least=1, most=100, behavior=behavior(scaleUp=rules, scaleDown=rules))
    history = History(raised=[Entry(NOW - 70, 9), Entry(NOW - 30, 3)])
    up = limit(10, 100, bounds, history, down_window_s=0.0, now=NOW)
    assert (up.replicas, up.limit[0]) == (11, "ScaleUpLimit")
    lowered = History(lowered=[Entry(NOW - 30, 6)])
    down = limit(10, 1, bounds, lowered, down_window_s=0.0, now=NOW)
    assert (down.replicas, down.limit[0]) == (10, "ScaleDownLimit")


def test_the_history_does_not_grow_without_end() -> None:
    bounds, history = Bounds(least=1, most=10, behavior=behavior()), History()
    for look in range(1000):
        limit(3, 3, bounds, history, down_window_s=WINDOW_S, now=NOW + 15 * look)
        history.note_change(3, 4, NOW + 15 * look)
    assert len(history.recommended) <= WINDOW_S / 15 + 1
    assert len(history.raised) <= 2


SIZES = st.integers(1, 60)
ENTRIES = st.lists(st.builds(Entry, st.floats(NOW - 400, NOW), SIZES), max_size=6)
RULES = st.fixed_dictionaries(
    {"policies": st.lists(st.builds(pods, SIZES) | st.builds(percent, st.integers(1, 100)), min_size=1, max_size=3)},
    optional={
        "selectPolicy": st.sampled_from(["Max", "Min", "Disabled"]),
        "stabilizationWindowSeconds": st.integers(0, 600),
    },
)
BEHAVIORS = st.none() | st.builds(lambda up, down: behavior(scaleUp=up, scaleDown=down), RULES, RULES)


@given(current=SIZES, wanted=st.integers(0, 100), limits=st.tuples(SIZES, SIZES), rules=BEHAVIORS, told=ENTRIES)
def test_bounds_always_hold_and_without_a_past_the_direction_is_never_turned(
    current: int, wanted: int, limits: tuple[int, int], rules: dict[str, Any] | None, told: list[Entry]
) -> None:
    least, most = sorted(limits)
    current = min(max(current, least), most)
    history = History(recommended=sorted(told), raised=sorted(told)[:2])
    found = limit(
        current, wanted, Bounds(least=least, most=most, behavior=rules), history, down_window_s=WINDOW_S, now=NOW
    )
    assert least <= found.replicas <= most
    if not told:
        assert (found.replicas - current) * (wanted - current) >= 0
        assert abs(found.replicas - current) <= abs(wanted - current)
    assert history.recommended[-1] == Entry(NOW, wanted)
