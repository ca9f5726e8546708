"""What each process of a run did, line by line, written so that a SIGKILL takes nothing that was noted.

    note(what, facts) → one JSON line in a file of the process → all files of a run, by time → the checks

A line is written in one call and not flushed to the disk: the system keeps what a killed process had handed to it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec


class Happening(msgspec.Struct, frozen=True):
    """`what` was done by `who` at unix time `at`; `who` is a participant and its life, as in `actor-0/2`."""

    at: float
    who: str
    what: str
    facts: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]


class History:
    """Writes one process's happenings."""

    def __init__(self, folder: Path, who: str) -> None:
        self._who = who
        self._file = (folder / f"{who.replace('/', '-')}.history").open("ab", buffering=0)
        self._encode = msgspec.json.Encoder().encode

    def note(self, what: str, /, **facts: Any) -> None:
        self._file.write(self._encode(Happening(time.time(), self._who, what, facts)) + b"\n")

    def close(self) -> None:
        self._file.close()


def read_histories(folder: Path) -> list[Happening]:
    """All happenings of a run by time. A line that its writer was killed over is left out."""
    found = [happening for path in sorted(folder.glob("*.history")) for happening in _lines(path)]
    return sorted(found, key=lambda happening: happening.at)


def _lines(path: Path) -> Iterator[Happening]:
    decode = msgspec.json.Decoder(Happening).decode
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield decode(line)


def of(happenings: Iterable[Happening], *whats: str) -> list[Happening]:
    """Those of some kinds, in their order."""
    return [happening for happening in happenings if happening.what in whats]


def participant(who: str) -> str:
    """`actor-0/2` → `actor-0`."""
    return who.partition("/")[0]


def role(who: str) -> str:
    """`actor-0/2` → `actor`."""
    return who.partition("-")[0]
