"""`power/<name>`: what the host draws, in mW, where it can tell: processors by RAPL, boards and supplies by hwmon.

RAPL counts energy, and starts anew at a number that it tells. Since Linux 5.10 only root may read it.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from typing import ClassVar, NamedTuple

from galileo_services.telemetry_agent.instruments.instrument import (
    Instrument,
    Reading,
    UnavailableError,
    read_number,
    read_text,
    subsystem,
)


class EnergyZone(NamedTuple):
    """A part of a processor that counts its energy, up to `range_uj` microjoules and then from 0 again."""

    name: str
    file: str
    range_uj: int


class PowerSensor(NamedTuple):
    """A sensor that tells microwatts."""

    name: str
    file: str


def find_zones(sys: str) -> list[EnergyZone]:
    """RAPL's zones, `package-0`, and what is in them, `package-0/dram`. Raises `OSError`."""
    root = os.path.join(sys, "class/powercap")
    zones = []
    for folder in sorted(glob.glob(f"{glob.escape(root)}/intel-rapl:*")):
        numbers = os.path.basename(folder).split(":")[1:]
        above = [read_text(f"{root}/intel-rapl:{':'.join(numbers[:depth])}/name") for depth in range(1, len(numbers))]
        name = "/".join(map(subsystem, (*above, read_text(f"{folder}/name"))))
        zones.append(EnergyZone(name, f"{folder}/energy_uj", read_number(f"{folder}/max_energy_range_uj")))
    return zones


def find_sensors(sys: str) -> list[PowerSensor]:
    """Sensors of power, by their label or by their chip's name, numbered where that is not enough. Raises `OSError`."""
    sensors: list[PowerSensor] = []
    seen: Counter[str] = Counter()
    for file in sorted(glob.glob(f"{glob.escape(sys)}/class/hwmon/hwmon*/power*_input")):
        folder, label = os.path.dirname(file), file.removesuffix("_input") + "_label"
        name = subsystem(read_text(label if os.path.exists(label) else f"{folder}/name"))
        seen[name] += 1
        sensors.append(PowerSensor(name if seen[name] == 1 else f"{name}-{seen[name]}", file))
    return sensors


def energy_used_uj(before_uj: int, after_uj: int, range_uj: int) -> int:
    """Microjoules between two counts, of which the later may have started anew once."""
    return after_uj - before_uj if after_uj >= before_uj else after_uj + range_uj - before_uj


class Power(Instrument):
    """`power`."""

    blocks: ClassVar[bool] = True

    def __init__(self, sys: str) -> None:
        self._sys = sys
        self._at = 0.0
        self._zones: list[EnergyZone] = []
        self._energy_uj: list[int] = []
        self._sensors: list[PowerSensor] = []

    def begin(self, at: float) -> None:
        self._sensors = find_sensors(self._sys)
        self._zones = find_zones(self._sys)
        try:
            self._energy_uj = self._count_uj()
        except PermissionError as error:
            if not self._sensors:
                raise UnavailableError(f"{error.filename} is for root only") from None
            self._zones, self._energy_uj = [], []
        if not self._zones and not self._sensors:
            raise UnavailableError(f"no RAPL and no sensor of power under {self._sys}/class")
        self._at = at

    def read(self, at: float) -> list[Reading]:
        readings = [Reading(f"power/{sensor.name}", read_number(sensor.file) / 1e3) for sensor in self._sensors]
        elapsed_s = at - self._at
        if elapsed_s > 0.0:
            before, self._energy_uj, self._at = self._energy_uj, self._count_uj(), at
            for zone, earlier, later in zip(self._zones, before, self._energy_uj, strict=True):
                used_uj = energy_used_uj(earlier, later, zone.range_uj)
                readings.append(Reading(f"power/{zone.name}", used_uj / 1e3 / elapsed_s))
        return readings

    def _count_uj(self) -> list[int]:
        return [read_number(zone.file) for zone in self._zones]
