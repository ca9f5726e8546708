"""Watching: whoever listens to decisions and records sees each once and in order, also those said while it was cut."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.robustness.checks.violation import Violation
from tests.robustness.histories import Happening, of

STARTED_S = 0.1
BY_HAND = "by-hand"
_STREAMS = {"decision": ("journal", "pod"), "record": ("record", "id")}


def watching(history: Sequence[Happening]) -> list[Violation]:
    killed = {one["participant"] for one in of(history, "killed")}
    running = {one.who: one.at for one in of(history, "running") if one.who.startswith("listener")}
    seen: dict[tuple[str, str], list[Happening]] = defaultdict(list)
    for one in of(history, "watched"):
        seen[one.who, one["stream"]].append(one)
    found: list[Violation] = []
    for who, since in running.items():
        for stream, (what, named) in _STREAMS.items():
            names = [one[named] for one in seen[who, stream]]
            entries = of(history, what)
            found += _twice(who, names)
            found += _out_of_order(who, names, [entry[named] for entry in entries])
            if who not in killed:
                found += _missed(who, names, entries, named, since)
    return found


def _twice(who: str, names: Sequence[str]) -> Iterator[Violation]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Violation("a watcher saw an event twice", f"{who}: {name}, {times} times")


def _out_of_order(who: str, names: Sequence[str], entries: Sequence[str]) -> Iterator[Violation]:
    place = {name: number for number, name in reversed(list(enumerate(entries)))}
    newest = -1
    for name in names:
        here = place.get(name)
        if here is None or name.startswith(BY_HAND):  # published before it was journaled
            continue
        if here < newest:
            yield Violation("a watcher saw events out of order", f"{who}: {name} after {entries[newest]}")
        newest = max(newest, here)


def _missed(
    who: str, names: Sequence[str], entries: Sequence[Happening], named: str, since: float
) -> Iterator[Violation]:
    seen = set(names)
    for entry in entries:
        appended_at = int(entry["entry"].partition("-")[0]) / 1000
        if appended_at > since + STARTED_S and entry[named] not in seen:
            yield Violation("a watcher missed an event", f"{who}: {entry[named]} (entry {entry['entry']})")
