"""Handlers that do not return: named once, known while they hang, forgotten when they return."""

from __future__ import annotations

from galileo_bus.service.hung_handlers import Hang, HungHandlers, why_hung


def test_a_call_that_is_in_hand_for_too_long_hangs_and_is_told_once() -> None:
    watch = HungHandlers(hang_s=10)
    assert watch.look({1: "api_pressure"}, 100.0) == ([], [])
    assert watch.look({1: "api_pressure"}, 109.9) == ([], [])
    assert watch.look({1: "api_pressure"}, 110.0) == ([Hang("api_pressure", 100.0)], [])
    assert watch.look({1: "api_pressure"}, 120.0) == ([], [])
    assert watch.hung == [Hang("api_pressure", 100.0)]


def test_it_has_returned_when_that_call_is_not_in_hand_any_more() -> None:
    watch = HungHandlers(hang_s=10)
    watch.look({1: "api_pressure"}, 0.0)
    watch.look({1: "api_pressure"}, 10.0)
    assert watch.look({2: "api_pressure"}, 11.0) == ([], [Hang("api_pressure", 0.0)])
    assert watch.hung == []
    assert watch.look({2: "api_pressure"}, 20.9) == ([], []), "another call begins anew"


def test_a_busy_service_whose_calls_change_does_not_hang() -> None:
    watch = HungHandlers(hang_s=10)
    assert all(watch.look({second: "api_pressure"}, float(second)) == ([], []) for second in range(100))


def test_calls_side_by_side_are_judged_apart() -> None:
    watch = HungHandlers(hang_s=10)
    watch.look({"a": "scale_schedule"}, 0.0)
    watch.look({"a": "scale_schedule", "b": "scale_schedule"}, 5.0)
    assert watch.look({"a": "scale_schedule", "b": "scale_schedule"}, 10.0)[0] == [Hang("scale_schedule", 0.0)]
    watch.look({"a": "scale_schedule", "b": "scale_schedule"}, 15.0)
    assert [hang.since for hang in watch.hung] == [0.0, 5.0]
    assert why_hung(watch.hung, 16.0) == [
        "the handler of scale_schedule has not returned for 16 s",
        "the handler of scale_schedule has not returned for 11 s",
    ]
