"""Records: what the server took of a sender is in the stream once, and kept by the recorders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.robustness.checks.violation import Violation
from tests.robustness.histories import Happening, of


def records(history: Sequence[Happening]) -> list[Violation]:
    return [*_lost(history), *_twice(history)]


def _lost(history: Sequence[Happening]) -> Iterator[Violation]:
    taken: dict[str, int] = defaultdict(int)
    for one in of(history, "records_taken"):
        taken[one.who] = max(taken[one.who], one["count"])
    streamed = {one["id"] for one in of(history, "record")}
    kept = {one["id"] for one in of(history, "record_is_there")}
    number: Counter[str] = Counter()
    for said in of(history, "record_said"):
        number[said.who] += 1
        if number[said.who] <= taken[said.who] and said["id"] not in streamed:
            yield Violation("a record is lost", f"number {number[said.who]} of {said.who} is not in the stream")
    for one in of(history, "record"):
        if one["id"] not in kept:
            yield Violation("a record is lost", f"entry {one['entry']} of the stream was not kept")


def _twice(history: Sequence[Happening]) -> Iterator[Violation]:
    for event_id, times in Counter(one["id"] for one in of(history, "record")).items():
        if times > 1:
            yield Violation("a record is in the stream twice", f"{event_id}: {times} lines")
