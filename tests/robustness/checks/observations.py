"""Observations may be lost, and each that is lost is counted, by whoever listened, for its source.

The model counts gaps in the numbers as they were heard. It cannot know from which heartbeat on a listener knew of a
source, nor which heartbeat of a killed one was its last: so there are a least and a greatest number of losses.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.robustness.checks.violation import Violation
from tests.robustness.histories import Happening, of

NAME = "api_pressure"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many losses a listener has to have counted, and how many it may have."""

    least: int
    most: int


def observations(history: Sequence[Happening]) -> list[Violation]:
    return list(_uncounted(history))


def bounds(heard: Sequence[int], *, said: int, to_the_end: bool) -> Bounds:
    """For the numbers of one source in the order heard. `to_the_end`: its heartbeat told the last number it `said`."""
    if not heard:
        return Bounds(0, said)
    gaps, last = 0, heard[0]
    for number in heard[1:]:
        if number > last:
            gaps += number - last - 1
            last = number
    tail = max(0, said - last)
    return Bounds(gaps + (tail if to_the_end else 0), gaps + tail + heard[0] - 1)


def _uncounted(history: Sequence[Happening]) -> Iterator[Violation]:
    said = Counter(one["source"] for one in of(history, "observed"))
    sources = {one.who: one["source"] for one in of(history, "running")}
    gone = {sources.get(one["participant"]) for one in of(history, "killed")}
    heard: dict[tuple[str, str], list[int]] = defaultdict(list)
    for one in of(history, "heard"):
        heard[one.who, one["source"]].append(one["seq"])
    for told in of(history, "losses"):
        counted = {source: lost for source, name, lost in told["rows"] if name == NAME}
        for source, number in said.items():
            limits = bounds(heard[told.who, source], said=number, to_the_end=source not in gone)
            lost = counted.get(source, 0)
            text = f"{told.who} counted {lost} of {source}, expected {limits.least} to {limits.most}"
            if lost < limits.least:
                yield Violation("a lost observation was not counted", text)
            elif lost > limits.most:
                yield Violation("more losses were counted than there were", text)
