"""What network devices and disks have in common: two counters a device, told as kB (1000 bytes) a second.

A device that settings name and that is not there is a failure, told once, and the others are told all the same.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping

from galileo_services.telemetry_agent.instruments.instrument import (
    Instrument,
    PartlyReadError,
    Reading,
    UnavailableError,
)
from galileo_services.telemetry_agent.instruments.rates import Rates


class DeviceTraffic(Instrument):
    """`topics` are those of the two counters, `unit_bytes` is what they count in; `wanted` devices, or all."""

    def __init__(self, topics: tuple[str, str], *, unit_bytes: int, wanted: Collection[str]) -> None:
        self._topics = topics
        self._kb = unit_bytes / 1000.0
        self._wanted = frozenset(wanted)
        self._rates = Rates()
        self._missing = ""

    @abstractmethod
    def _devices(self, wanted: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """The counters of the wanted devices that are there; of all that are of interest when none is named."""

    def begin(self, at: float) -> None:
        counts = self._counts()
        if self._missing and not counts:
            raise UnavailableError(self._missing)
        self._rates.begin(counts, at)

    def read(self, at: float) -> list[Reading]:
        per_second = self._rates.per_second(self._counts(), at)
        readings = [Reading(topic, count * self._kb) for topic, count in per_second.items()]
        if self._missing:
            raise PartlyReadError(self._missing, readings)
        return readings

    def _counts(self) -> dict[str, int]:
        devices = self._devices(self._wanted)
        missing = sorted(self._wanted - devices.keys())
        self._missing = f"there is no device {', '.join(missing)}" if missing else ""
        return {
            f"{topic}/{name}": count
            for name, counts in devices.items()
            for topic, count in zip(self._topics, counts, strict=True)
        }
