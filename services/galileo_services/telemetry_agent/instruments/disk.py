"""`rd/<device>` and `wr/<device>`: what is read from and written to disks, in kB (1000 bytes) a second."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import NamedTuple

from galileo_services.telemetry_agent.instruments.device_traffic import DeviceTraffic
from galileo_services.telemetry_agent.instruments.instrument import UnreadableError, folders, read_text

SECTOR_BYTES = 512  # of the kernel's counting, whatever the disk's own are
_NAME, _SECTORS_READ, _SECTORS_WRITTEN = 2, 5, 9


class DiskSectors(NamedTuple):
    """Sectors read from and written to a disk since it is there."""

    read: int
    written: int


def parse_disk_sectors(text: str) -> dict[str, DiskSectors]:
    """From /proc/diskstats. Lines with less than ten fields, partitions of old kernels, are left out.

    Raises `UnreadableError`.
    """
    disks = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) <= _SECTORS_WRITTEN:
            continue
        try:
            disks[fields[_NAME]] = DiskSectors(int(fields[_SECTORS_READ]), int(fields[_SECTORS_WRITTEN]))
        except ValueError:
            raise UnreadableError("/proc/diskstats", "two numbers, a name and numbers", line) from None
    return disks


def disk_names(sys: str) -> list[str]:
    """Whole disks, loop devices excepted."""
    return [name for name in folders(os.path.join(sys, "block")) if not name.startswith("loop")]


class DiskTraffic(DeviceTraffic):
    """`disk`: all whole disks that are there at the moment, or the devices that are named."""

    def __init__(self, proc: str, sys: str, devices: Collection[str] = ()) -> None:
        super().__init__(("rd", "wr"), unit_bytes=SECTOR_BYTES, wanted=devices)
        self._path = os.path.join(proc, "diskstats")
        self._sys = sys

    def _devices(self, wanted: Collection[str]) -> dict[str, tuple[int, int]]:
        names = wanted or frozenset(disk_names(self._sys))
        return {name: sectors for name, sectors in parse_disk_sectors(read_text(self._path)).items() if name in names}
