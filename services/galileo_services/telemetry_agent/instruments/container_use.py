"""`<keeper>_cgrp_cpu`, `…_memory` and `…_blkio` of each container: nanoseconds of CPU time so far, bytes of memory now,
bytes read from and written to block devices so far. The keeper is `docker` or `kubernetes`.

The subsystem is the container's id as telemd writes it: of Kubernetes all 64 digits, of Docker the first 12, and for
Docker's memory under version 1 all 64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from galileo_services.telemetry_agent.instruments.control_groups import ContainerGroup, ControlGroups, Keeper
from galileo_services.telemetry_agent.instruments.instrument import (
    GONE,
    Instrument,
    PartlyReadError,
    Reading,
    UnreadableError,
    read_text,
)

SHORT_ID = 12


def parse_number(text: str) -> int:
    """A file that holds one whole number. Raises `UnreadableError`."""
    try:
        return int(text)
    except ValueError:
        raise UnreadableError("control group", "a whole number", text) from None


def parse_cpu_stat(text: str) -> int:
    """Nanoseconds of CPU time, from cpu.stat of version 2, which counts microseconds. Raises `UnreadableError`."""
    for line in text.splitlines():
        name, _space, number = line.partition(" ")
        if name == "usage_usec" and number.isdigit():
            return int(number) * 1000
    raise UnreadableError("cpu.stat", "a line usage_usec", text)


def parse_io_stat(text: str) -> int:
    """Bytes read and written on all devices, from io.stat of version 2; a device may have no numbers at all.

    Raises `UnreadableError`.
    """
    total = 0
    for line in text.splitlines():
        for pair in line.split()[1:]:
            name, _equals, number = pair.partition("=")
            if name in ("rbytes", "wbytes"):
                if not number.isdigit():
                    raise UnreadableError("io.stat", "rbytes and wbytes as numbers", line)
                total += int(number)
    return total


def parse_service_bytes(text: str) -> int:
    """Bytes read and written on all devices, from the last line of blkio.throttle.io_service_bytes of version 1.

    Nothing was moved where there is no such line. Raises `UnreadableError`.
    """
    for line in text.splitlines():
        name, _space, number = line.partition(" ")
        if name == "Total":
            if not number.strip().isdigit():
                raise UnreadableError("blkio.throttle.io_service_bytes", "a number after Total", line)
            return int(number)
    return 0


class _Source(NamedTuple):
    """Where a resource's number is: the controller, its file, and how that is read."""

    controller: str
    file: str
    parse: Callable[[str], int]


_SOURCES: dict[tuple[str, int], _Source] = {
    ("cpu", 1): _Source("cpuacct", "cpuacct.usage", parse_number),
    ("cpu", 2): _Source("cpu", "cpu.stat", parse_cpu_stat),
    ("memory", 1): _Source("memory", "memory.usage_in_bytes", parse_number),
    ("memory", 2): _Source("memory", "memory.current", parse_number),
    ("blkio", 1): _Source("blkio", "blkio.throttle.io_service_bytes", parse_service_bytes),
    ("blkio", 2): _Source("io", "io.stat", parse_io_stat),
}


class ContainerUse(Instrument):
    """One resource (`cpu`, `memory`, `blkio`) of all containers of one keeper."""

    def __init__(self, groups: ControlGroups, keeper: Keeper, resource: str) -> None:
        self._groups = groups
        self._keeper: Keeper = keeper
        self._resource = resource
        self._topic = f"{keeper}_cgrp_{resource}"

    def begin(self, at: float) -> None:
        self._groups.require(self._source().controller)

    def read(self, at: float) -> list[Reading]:
        source = self._source()
        readings: list[Reading] = []
        trouble: str | None = None
        for group in self._groups.containers(self._keeper, at):
            path = self._groups.path(group, source.controller, source.file)
            try:
                value = source.parse(read_text(path))
            except OSError as error:
                if error.errno not in GONE:  # containers end, also between being listed and being read
                    trouble = trouble or f"{path}: {error.strerror}"
            except UnreadableError as error:
                trouble = trouble or f"{path}: {error}"
            else:
                readings.append(Reading(f"{self._topic}/{self._shown_id(group)}", float(value)))
        if trouble is not None:
            raise PartlyReadError(trouble, readings)
        return readings

    def _source(self) -> _Source:
        return _SOURCES[self._resource, self._groups.version]

    def _shown_id(self, group: ContainerGroup) -> str:
        long = self._keeper == "kubernetes" or (self._resource == "memory" and self._groups.version == 1)
        return group.id if long else group.id[:SHORT_ID]
