"""The GPU of NVIDIA's Jetson boards, and the power of their rails, from files.

Older boards (TX2) tell the power of a rail in mW; newer ones its voltage in mV and its current in mA. Boards differ in
which bus and device number the sensors have, so that they are looked for by the name of their driver, ina3221.
"""

from __future__ import annotations

import glob
import os
from typing import NamedTuple

from galileo_services.telemetry_agent.instruments.gpu import GpuMeasure
from galileo_services.telemetry_agent.instruments.instrument import (
    Reading,
    UnavailableError,
    read_number,
    read_text,
    subsystem,
)

GPU = "0"
_NAME = "Jetson"


class Rail(NamedTuple):
    """A supply of the board, and the files whose numbers, multiplied, are its power in `unit_mw`."""

    name: str
    files: tuple[str, ...]
    unit_mw: float


class JetsonGpu:
    """The one GPU of a board."""

    def __init__(self, proc: str, sys: str) -> None:
        self._model = os.path.join(proc, "device-tree/model")
        self._folder = os.path.join(sys, "devices/gpu.0")
        self._sensors = os.path.join(sys, "bus/i2c/drivers")
        self._clock: str | None = None
        self._rails: list[Rail] = []

    def find(self) -> dict[str, str]:
        if not os.path.exists(f"{self._folder}/load"):
            raise UnavailableError("no Jetson")
        self._clock = next(iter(sorted(glob.glob(f"{glob.escape(self._folder)}/devfreq/*/cur_freq"))), None)
        self._rails = find_rails(self._sensors)
        return {GPU: _model_name(self._model)}

    def measure(self, what: GpuMeasure) -> list[Reading]:
        if what == "gpu_util":
            return [Reading(f"gpu_util/{GPU}", read_number(f"{self._folder}/load") / 10.0)]
        if what == "gpu_freq":
            if self._clock is None:
                raise UnavailableError(f"no clock under {self._folder}/devfreq")
            return [Reading(f"gpu_freq/{GPU}", read_number(self._clock) / 1e6)]
        if not self._rails:
            raise UnavailableError(f"no ina3221 under {self._sensors}")
        return [Reading(f"power/{rail.name}", rail_power_mw(rail)) for rail in self._rails]


def find_rails(drivers: str) -> list[Rail]:
    """The rails that sensors know, ordered by name; rails without a name are left out. Raises `OSError`."""
    rails = []
    at = glob.escape(drivers)
    for label in glob.glob(f"{at}/ina3221/*/hwmon/hwmon*/in*_label"):
        folder, number = os.path.dirname(label), os.path.basename(label)[len("in") : -len("_label")]
        files = (f"{folder}/in{number}_input", f"{folder}/curr{number}_input")
        if all(map(os.path.exists, files)):  # a sum of rails has a label and no current
            rails.append(Rail(subsystem(read_text(label)), files, 1e-3))
    for label in glob.glob(f"{at}/ina3221x/*/iio:device*/rail_name_*"):
        folder, number = os.path.dirname(label), label.rpartition("_")[2]
        rails.append(Rail(subsystem(read_text(label)), (f"{folder}/in_power{number}_input",), 1.0))
    return sorted(rail for rail in rails if rail.name and rail.name != "NC")


def rail_power_mw(rail: Rail) -> float:
    """The power of a rail now. Raises `OSError` or `UnreadableError`."""
    power = rail.unit_mw
    for file in rail.files:
        power *= read_number(file)
    return power


def _model_name(path: str) -> str:
    try:
        return read_text(path).strip("\0 \n") or _NAME
    except OSError:
        return _NAME  # not visible in a container
