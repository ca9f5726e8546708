"""The checks find what they are for: a small made-up history for each broken promise, and a whole one without any."""

from __future__ import annotations

from typing import Any

import pytest

from tests.robustness.checks import violations
from tests.robustness.checks.observations import Bounds, bounds
from tests.robustness.histories import Happening

Row = tuple[float, str, str, dict[str, Any]]


def happenings(*rows: Row) -> list[Happening]:
    return [Happening(at, who, what, facts) for at, who, what, facts in rows]


def kinds(*rows: Row) -> list[str]:
    return [violation.kind for violation in violations(happenings(*rows))]


def journal(number: int, pod: str, key: str = "") -> Row:
    return (9.0, "runner", "journal", {"entry": f"{1000 + number}-0", "id": f"id-{pod}", "pod": pod, "key": key})


def effect(pod: str, key: str = "", event_id: str = "") -> Row:
    return (9.1, "runner", "effect_is_there", {"id": event_id or f"id-{pod}", "pod": pod, "key": key})


def record(number: int, event_id: str) -> Row:
    return (9.0, "runner", "record", {"entry": f"{2000 + number}-0", "id": event_id})


def kept(event_id: str) -> Row:
    return (9.2, "runner", "record_is_there", {"id": event_id})


def accepted(pod: str) -> Row:
    return (1.0, "decider-0/1", "accepted", {"id": f"id-{pod}", "pod": pod})


def running(who: str, at: float = 0.0) -> Row:
    return (at, who, "running", {"source": f"source of {who}"})


def watched(name: str, stream: str = "decision", at: float = 2.0) -> Row:
    return (at, "listener-0/1", "watched", {"stream": stream, "id": name, "pod": name})


WHOLE: tuple[Row, ...] = (
    running("decider-0/1"),
    running("listener-0/1"),
    accepted("a"),
    journal(1, "a", "k"),
    journal(2, "b", "k"),
    effect("a", "k"),
    effect("b", "k"),
    (1.0, "actor-0/1", "began", {"id": "id-b", "pod": "b", "expires": 1.5}),
    (1.0, "decider-0/1", "record_said", {"id": "r1"}),
    (1.0, "decider-0/1", "record_said", {"id": "r2, not taken"}),
    (1.1, "decider-0/1", "records_taken", {"count": 1}),
    record(1, "r1"),
    kept("r1"),
    watched("a"),
    watched("b"),
    watched("r1", "record"),
    (1.0, "runner", "by_hand", {"pod": "b", "receivers": 2, "calm": True}),
    (8.0, "runner", "told_to_stop", {"participant": "listener-0/1"}),
    (8.1, "listener-0/1", "stopped", {}),
)


def test_a_whole_history_shows_no_violation() -> None:
    assert kinds(*WHOLE) == []


def test_an_accepted_decision_that_is_not_in_the_journal_is_lost() -> None:
    assert kinds(accepted("a")) == ["an accepted decision is lost"]


def test_a_journaled_decision_that_nobody_ended_is_lost() -> None:
    assert kinds(journal(1, "a")) == ["an accepted decision is lost"]
    assert kinds(journal(1, "a"), (3.0, "actor-0/1", "expired", {"id": "id-a", "pod": "a"})) == []


def test_two_effects_of_one_decision_are_seen() -> None:
    assert kinds(journal(1, "a"), effect("a"), effect("a", event_id="another")) == ["an effect happened twice"]


def test_two_entries_of_one_decision_are_seen() -> None:
    assert kinds(journal(1, "a"), journal(2, "a"), effect("a")) == ["a decision is in the journal twice"]


def test_effects_of_a_key_in_another_order_than_decided_are_seen() -> None:
    entries = (journal(1, "a", "k"), journal(2, "b", "k"), journal(3, "c", "other"))
    assert kinds(*entries, effect("b", "k"), effect("c", "other"), effect("a", "k")) == ["a key's order is not kept"]
    assert kinds(*entries, effect("c", "other"), effect("a", "k"), effect("b", "k")) == []


def test_acting_after_the_time_of_a_decision_is_seen() -> None:
    began = {"id": "id-a", "pod": "a", "expires": 4.0}
    assert kinds((4.05, "actor-0/1", "began", began)) == [], "the machine may do something else in between"
    assert kinds((4.5, "actor-0/1", "began", began)) == ["an expired decision was acted on"]


def test_giving_up_what_could_be_done_is_seen() -> None:
    given_up = {"id": "id-a", "pod": "a-well", "reason": "RuntimeError"}
    assert kinds((3.0, "actor-0/1", "given_up", given_up)) == ["a decision was given up without need"]
    assert kinds((3.0, "actor-0/1", "given_up", {**given_up, "pod": "a-doomed"})) == []


@pytest.mark.parametrize(("receivers", "calm", "missing"), [(3, True, 1), (0, True, 0), (3, False, 0)])
def test_a_decision_by_hand_that_was_heard_in_a_calm_moment_has_to_be_adopted(
    receivers: int, calm: bool, missing: int
) -> None:
    said = {"pod": "by-hand-0", "receivers": receivers, "calm": calm}
    assert kinds((1.0, "runner", "by_hand", said)) == ["a decision by hand was not adopted"] * missing


def test_a_record_that_the_server_took_and_nobody_kept_is_lost() -> None:
    said = (
        (1.0, "decider-0/1", "record_said", {"id": "r1"}),
        (1.1, "decider-0/1", "records_taken", {"count": 1}),
    )
    assert kinds(*said, record(1, "r1")) == ["a record is lost"]
    assert kinds(*said) == ["a record is lost"]


def test_a_record_that_was_appended_twice_is_seen() -> None:
    assert kinds(record(1, "r1"), record(2, "r1"), kept("r1")) == ["a record is in the stream twice"]


def heard(*numbers: int) -> tuple[Row, ...]:
    facts = [{"source": "source of decider-0/1", "seq": number} for number in numbers]
    said = [(0.1, "decider-0/1", "observed", {"source": "source of decider-0/1", "seq": n}) for n in range(1, 11)]
    return (running("decider-0/1"), *said, *((1.0, "listener-0/1", "heard", one) for one in facts))


def counted(lost: int) -> Row:
    rows = [["source of decider-0/1", "api_pressure", lost]]
    return (9.0, "listener-0/1", "losses", {"total": lost, "rows": rows})


def test_a_gap_in_the_numbers_has_to_be_counted() -> None:
    numbers = heard(1, 2, 5, 6, 10)
    assert kinds(*numbers, counted(5)) == []
    assert kinds(*numbers, counted(4)) == ["a lost observation was not counted"]
    assert kinds(*numbers, counted(6)) == ["more losses were counted than there were"]


def test_a_lost_tail_has_to_be_counted_unless_its_source_was_killed_before_it_could_tell() -> None:
    killed = (1.0, "runner", "killed", {"participant": "decider-0/1"})
    assert kinds(*heard(1, 2, 3), counted(0)) == ["a lost observation was not counted"]
    assert kinds(*heard(1, 2, 3), killed, counted(0)) == []
    assert kinds(*heard(1, 2, 3), killed, counted(7)) == []


def test_what_was_said_before_the_first_number_heard_may_be_counted_or_not() -> None:
    assert bounds([4, 5, 8], said=10, to_the_end=True) == Bounds(4, 7)
    assert bounds([4, 8, 6], said=8, to_the_end=True) == Bounds(3, 6), "a late one was counted when it was missing"
    assert bounds([], said=10, to_the_end=True) == Bounds(0, 10)


def test_what_a_watcher_missed_saw_twice_or_saw_in_disorder_is_seen() -> None:
    entries = (running("listener-0/1"), journal(1, "a"), journal(2, "b"), effect("a"), effect("b"))
    assert kinds(*entries, watched("a")) == ["a watcher missed an event"]
    assert kinds(*entries, watched("a"), watched("b"), watched("a", at=3.0)) == [
        "a watcher saw an event twice",
        "a watcher saw events out of order",
    ]
    assert kinds(*entries, watched("b"), watched("a", at=3.0)) == ["a watcher saw events out of order"]


def test_a_watcher_need_not_see_what_was_said_before_it_ran_or_around_its_death() -> None:
    entries = (journal(1, "a"), effect("a"))
    assert kinds(*entries, running("listener-0/1", at=5.0)) == []
    killed = (3.0, "runner", "killed", {"participant": "listener-0/1"})
    assert kinds(*entries, running("listener-0/1"), killed) == []


def test_whoever_ran_when_the_server_came_back_has_to_serve_within_two_seconds() -> None:
    back: Row = (5.0, "runner", "server_back", {})
    late = "service was not there again in time"
    acts = (8.0, "decider-0/1", "accepted", {"id": "id-a", "pod": "a"})
    there = (journal(1, "a"), effect("a"))
    assert kinds(running("decider-0/1"), back, acts, *there) == [late]
    assert kinds(running("decider-0/1"), back, (6.9, *acts[1:]), *there) == []
    assert kinds(running("decider-0/1", at=5.5), back, acts, *there) == [], "it did not run then"
    stood_still = (6.0, "decider-0/1", "stood_still", {"for_s": 1.5})
    assert kinds(running("decider-0/1"), back, stood_still, acts, *there) == [], "the machine did not let it run"


def test_one_of_several_actors_is_enough_to_serve() -> None:
    back: Row = (5.0, "runner", "server_back", {})
    began = (5.5, "actor-1/1", "began", {"id": "id-a", "pod": "a", "expires": None})
    assert kinds(running("actor-0/1"), running("actor-1/1"), back, began) == []
    assert kinds(running("actor-0/1"), running("actor-1/1"), back) == ["service was not there again in time"]


def test_a_process_that_fails_hangs_or_does_not_come_to_rest_is_seen() -> None:
    assert kinds((1.0, "actor-0/1", "failed", {"error": "KeyError: 1"})) == ["a process ended by a fault of its own"]
    told = (8.0, "runner", "told_to_stop", {"participant": "actor-0/1"})
    assert kinds(told) == ["a process did not stop when it was told to"]
    not_so = (8.0, "runner", "not_so", {"what": "all is acted on", "within_s": 12.0})
    assert kinds(not_so) == ["the run did not come to rest"]
