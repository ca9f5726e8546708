"""Decisions: none accepted is lost, none has two effects, none comes twice, keys keep their order, late ones rest.

What lies in the journal and in the effect store at the end is the truth; what actors noted tells what they did when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.robustness.checks.violation import Violation
from tests.robustness.histories import Happening, of

TOLERANCE_S = 0.1
"""Between a worker's look at the clock and the handler's first line the machine may do something else."""

DOOMED = "doomed"


def decisions(history: Sequence[Happening]) -> list[Violation]:
    return [
        *_lost(history),
        *_twice(history),
        *_out_of_order(history),
        *_acted_too_late(history),
        *_given_up(history),
        *_not_adopted(history),
    ]


def _lost(history: Sequence[Happening]) -> Iterator[Violation]:
    journaled = {entry["id"] for entry in of(history, "journal")}
    for accepted in of(history, "accepted"):
        if accepted["id"] not in journaled:
            yield Violation("an accepted decision is lost", f"{accepted['pod']} is not in the journal")
    ended = {one["id"] for one in of(history, "effect_is_there", "expired", "given_up")}
    for entry in of(history, "journal"):
        if entry["id"] not in ended:
            text = f"{entry['pod']} (entry {entry['entry']}) had no effect, is not expired and not given up"
            yield Violation("an accepted decision is lost", text)


def _twice(history: Sequence[Happening]) -> Iterator[Violation]:
    for pod, times in Counter(effect["pod"] for effect in of(history, "effect_is_there")).items():
        if times > 1:
            yield Violation("an effect happened twice", f"{pod}: {times} effects under different ids")
    for pod, times in Counter(entry["pod"] for entry in of(history, "journal")).items():
        if times > 1:
            yield Violation("a decision is in the journal twice", f"{pod}: {times} entries")


def _out_of_order(history: Sequence[Happening]) -> Iterator[Violation]:
    place = {entry["id"]: number for number, entry in reversed(list(enumerate(of(history, "journal"))))}
    newest: dict[str, Happening] = {}
    for effect in of(history, "effect_is_there"):
        key, here = effect["key"], place.get(effect["id"])
        if not key or here is None:
            continue
        before = newest.get(key)
        if before is not None and place[before["id"]] > here:
            text = f"{key}: the effect of {effect['pod']} came after that of {before['pod']}, which was decided later"
            yield Violation("a key's order is not kept", text)
        else:
            newest[key] = effect


def _acted_too_late(history: Sequence[Happening]) -> Iterator[Violation]:
    for began in of(history, "began"):
        expires = began["expires"]
        if expires is not None and began.at > expires + TOLERANCE_S:
            late_s = began.at - expires
            yield Violation("an expired decision was acted on", f"{began['pod']}, {late_s:.2f} s late, by {began.who}")


def _given_up(history: Sequence[Happening]) -> Iterator[Violation]:
    for one in of(history, "given_up"):
        if not one["pod"].endswith(DOOMED):
            yield Violation("a decision was given up without need", f"{one['pod']}: {one['reason']}")


def _not_adopted(history: Sequence[Happening]) -> Iterator[Violation]:
    journaled = {entry["pod"] for entry in of(history, "journal")}
    for said in of(history, "by_hand"):
        if said["calm"] and said["receivers"] and said["pod"] not in journaled:
            yield Violation("a decision by hand was not adopted", f"{said['pod']}: {said['receivers']} heard it")
