"""`ram`: memory in use, in kB: what there is, less what could be had without swapping."""

from __future__ import annotations

import os

from galileo_services.telemetry_agent.instruments.instrument import Instrument, Reading, UnreadableError, read_text


def parse_meminfo(text: str) -> dict[str, int]:
    """The amounts of /proc/meminfo in kB, by name. Lines without a number are left out."""
    amounts = {}
    for line in text.splitlines():
        name, _colon, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            amounts[name] = int(words[0])
    return amounts


def used_kb(text: str) -> int:
    """Memory in use according to /proc/meminfo. Raises `UnreadableError`."""
    amounts = parse_meminfo(text)
    try:
        return amounts["MemTotal"] - amounts["MemAvailable"]
    except KeyError as missing:
        raise UnreadableError("/proc/meminfo", f"a line {missing.args[0]}", text) from None


class UsedMemory(Instrument):
    """`ram`."""

    def __init__(self, proc: str) -> None:
        self._path = os.path.join(proc, "meminfo")

    def begin(self, at: float) -> None:
        self.read(at)

    def read(self, at: float) -> list[Reading]:
        return [Reading("ram", float(used_kb(read_text(self._path))))]
