"""The kubelet's waiting times between attempts."""

import pytest
from galileo_emulation.kubelets.restart_backoff import (
    NONE_YET,
    BackoffRule,
    as_text,
    attempted,
    next_attempt_at,
)

RULE = BackoffRule()


def test_the_first_attempt_is_at_once_and_the_delay_doubles_to_five_minutes() -> None:
    backoff, now, waits = NONE_YET, 0.0, []
    for _ in range(8):
        at = next_attempt_at(backoff, failed_at=now, rule=RULE)
        waits.append(at - now)
        backoff = attempted(backoff, failed_at=now, now=at, rule=RULE)
        now = at
    assert waits == [0, 10, 20, 40, 80, 160, 300, 300]


def test_what_ran_for_ten_minutes_is_taken_for_new() -> None:
    backoff = attempted(attempted(NONE_YET, failed_at=0, now=0, rule=RULE), failed_at=1, now=11, rule=RULE)
    assert backoff.delay_s == 20
    assert next_attempt_at(backoff, failed_at=611, rule=RULE) == 631
    assert next_attempt_at(backoff, failed_at=612, rule=RULE) == 612
    assert attempted(backoff, failed_at=612, now=612, rule=RULE).delay_s == 10


def test_all_times_can_be_scaled() -> None:
    assert BackoffRule.scaled(0.1) == BackoffRule(first_s=1.0, longest_s=30.0, forgotten_s=60.0)


@pytest.mark.parametrize(("delay_s", "text"), [(10, "10s"), (80, "1m20s"), (300, "5m0s"), (0.5, "0.5s")])
def test_delays_are_written_as_kubelets_do(delay_s: float, text: str) -> None:
    assert as_text(delay_s) == text
