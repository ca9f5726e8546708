"""Which of the events that controllers tell are written, and as what."""

from galileo_emulation.controllers.event_correlation import (
    BURST,
    REFILL_S,
    SIMILAR,
    SIMILAR_WITHIN_S,
    EventCorrelation,
    Telling,
)


def told(message: str, about: str = "web", reason: str = "SuccessfulCreate") -> Telling:
    return Telling("replicaset-controller", about, "Normal", reason, message)


def test_the_same_event_again_raises_the_count_of_the_first() -> None:
    correlation = EventCorrelation()
    first = correlation.take(told("Created pod: a"), name="web.1", now=0)
    again = correlation.take(told("Created pod: a"), name="web.2", now=5)
    other = correlation.take(told("Created pod: b"), name="web.3", now=5)
    assert first is not None
    assert again is not None
    assert other is not None
    assert (again.name, again.count, again.first_at) == ("web.1", 2, 0)
    assert (other.name, other.count) == ("web.3", 1)


def test_many_that_differ_in_their_message_only_become_one() -> None:
    correlation = EventCorrelation()
    names = set()
    for number in range(SIMILAR + 5):
        series = correlation.take(told(f"Created pod: {number}"), name=f"web.{number}", now=0)
        assert series is not None
        names.add(series.name)
        last = series
    assert len(names) == SIMILAR + 1
    assert last.message == f"(combined from similar events): Created pod: {SIMILAR + 4}"
    assert last.count == 5
    later = correlation.take(told("Created pod: late"), name="web.late", now=2 * SIMILAR_WITHIN_S)
    assert later is not None
    assert later.message == "Created pod: late"


def test_whoever_tells_too_much_about_one_object_is_held_back() -> None:
    correlation = EventCorrelation()
    written = [correlation.take(told("x", reason=f"R{number}"), name=f"{number}", now=0) for number in range(40)]
    assert sum(series is not None for series in written) == BURST
    assert correlation.take(told("x", about="other"), name="other", now=0) is not None
    assert correlation.take(told("x", reason="Late"), name="late", now=REFILL_S + 1) is not None
    assert correlation.take(told("x", reason="Later"), name="later", now=REFILL_S + 2) is None
