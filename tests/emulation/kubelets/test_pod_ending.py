"""When the containers of a deleted pod are stopped."""

from galileo_emulation.kubelets.pod_ending import Ending, Traffic, begin_ending, is_over, shortened, wake_at

ENDING = begin_ending(now=100.0, grace_s=30.0, pre_stop_s=0.0)


def over(traffic: Traffic, *, now: float, ending: Ending = ENDING) -> bool:
    return is_over(ending, traffic, now=now, quiet_s=1.0)


def test_a_stopping_pod_serves_until_no_request_came_for_a_while() -> None:
    assert wake_at(ENDING, Traffic(), quiet_s=1.0) == 101.0
    assert not over(Traffic(last_request_at=100.6), now=101.0)
    assert not over(Traffic(last_request_at=100.6, in_flight=1), now=105.0)
    assert over(Traffic(last_request_at=100.6), now=101.6)


def test_the_grace_period_ends_a_pod_with_requests_in_hand() -> None:
    busy = Traffic(in_flight=3, last_request_at=129.9)
    assert wake_at(ENDING, busy, quiet_s=1.0) == 130.0
    assert not over(busy, now=129.9)
    assert over(busy, now=130.0)


def test_a_prestop_hook_sleeps_first_within_the_grace_period() -> None:
    hooked = begin_ending(now=100.0, grace_s=30.0, pre_stop_s=5.0)
    assert not over(Traffic(), now=105.9, ending=hooked)
    assert over(Traffic(), now=106.0, ending=hooked)
    assert begin_ending(now=100.0, grace_s=3.0, pre_stop_s=5.0) == Ending(100.0, 103.0, 103.0)


def test_a_second_deletion_may_shorten_the_grace_period_but_not_prolong_it() -> None:
    assert shortened(ENDING, now=100.5, grace_s=5.0).deadline == 105.5
    assert shortened(ENDING, now=100.5, grace_s=60.0).deadline == 130.0


def test_without_grace_a_pod_stops_at_once() -> None:
    assert over(Traffic(in_flight=1), now=100.0, ending=begin_ending(now=100.0, grace_s=0.0, pre_stop_s=9.0))
