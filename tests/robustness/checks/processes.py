"""Processes: none ends by a fault of its own, all stop when they are told to, and everything comes to rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.robustness.checks.violation import Violation
from tests.robustness.histories import Happening, of


def processes(history: Sequence[Happening]) -> list[Violation]:
    return [*_failed(history), *_not_so(history)]


def _failed(history: Sequence[Happening]) -> Iterator[Violation]:
    for one in of(history, "failed"):
        yield Violation("a process ended by a fault of its own", f"{one.who}: {one['error']}")
    stopped = {one.who for one in of(history, "stopped", "failed")}
    for told in of(history, "told_to_stop"):
        if told["participant"] not in stopped:
            yield Violation("a process did not stop when it was told to", told["participant"])


def _not_so(history: Sequence[Happening]) -> Iterator[Violation]:
    for one in of(history, "not_so"):
        yield Violation("the run did not come to rest", f"not within {one['within_s']:.0f} s: {one['what']}")
