"""What an instrument is, and how files of the kernel are read.

    begin(at)   can this be measured here? counters are read for the first time
    read(at)    -> readings: (topic, value)

`at` is the time of the reading in seconds of a clock that only goes forward; rates divide by its differences. A topic
is what follows the node in the channel: `load1`, `rx/eth0`.
"""

from __future__ import annotations

import errno
import os
import re
from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

GONE = (errno.ENOENT, errno.ENODEV, errno.ESRCH)
"""Errors by which the kernel says that a device, a container or a process has ended meanwhile."""

_CHUNK_BYTES = 65536
_QUOTED = 60


class Reading(NamedTuple):
    """One value, to be published under its topic."""

    topic: str
    value: float


class UnavailableError(Exception):
    """This host has nothing for the instrument to measure, or does not let us; one line says why."""


class UnreadableError(ValueError):
    """A file does not hold what was expected; one line says what, and quotes what it holds."""

    def __init__(self, what: str, expected: str, text: str) -> None:
        quoted = repr(text[:_QUOTED] + ("…" if len(text) > _QUOTED else ""))
        super().__init__(f"{what}: expected {expected}, got {quoted}")


class PartlyReadError(Exception):
    """Some of what was to be read could not be; `readings` holds the rest."""

    def __init__(self, reason: str, readings: list[Reading]) -> None:
        super().__init__(reason)
        self.readings = readings


class Instrument(ABC):
    """Measures one thing. Errors of files may be raised as they are; whoever calls names the instrument."""

    blocks: ClassVar[bool] = False
    """Whether reading may take milliseconds (a program, a bus, a driver), and is better done in a thread."""

    @abstractmethod
    def begin(self, at: float) -> None:
        """Looks whether there is something to measure, and starts counters anew.

        Raises `UnavailableError`, or `OSError` for a file that is not there or not ours to read.
        """

    @abstractmethod
    def read(self, at: float) -> list[Reading]:
        """Measures. Raises `OSError`, `UnreadableError` or `PartlyReadError`."""


def read_text(path: str, *, limit_bytes: int | None = None) -> str:
    """A file of the kernel's, or its first bytes. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, limit_bytes or _CHUNK_BYTES)
        while limit_bytes is None and (more := os.read(descriptor, _CHUNK_BYTES)):
            data += more
    finally:
        os.close(descriptor)
    return data.decode("utf-8", "replace")


def read_number(path: str) -> int:
    """A file that holds one whole number. Raises `OSError` or `UnreadableError`."""
    text = read_text(path)
    try:
        return int(text)
    except ValueError:
        raise UnreadableError(path, "a whole number", text) from None


def subsystem(label: str) -> str:
    """A label of the kernel's as one level of a topic."""
    return re.sub(r"[\s/]+", "_", label.strip())


def folders(path: str) -> list[str]:
    """The names in a folder in order; none when it is not there. Raises other `OSError`s."""
    try:
        return sorted(os.listdir(path))
    except FileNotFoundError:
        return []
