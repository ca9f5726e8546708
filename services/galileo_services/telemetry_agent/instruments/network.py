"""`tx/<device>` and `rx/<device>`: what network devices send and receive, in kB (1000 bytes) a second."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import NamedTuple

from galileo_services.telemetry_agent.instruments.instrument import Instrument, Reading, UnreadableError, read_text
from galileo_services.telemetry_agent.instruments.rates import Rates

LOOPBACK = "lo"
_RECEIVED, _SENT = 0, 8


class DeviceBytes(NamedTuple):
    """What a network device has received and sent since it is there."""

    received: int
    sent: int


def parse_network_devices(text: str) -> dict[str, DeviceBytes]:
    """From /proc/net/dev, or a process's: two lines of heading, then a line a device. Raises `UnreadableError`."""
    devices = {}
    for line in text.splitlines()[2:]:
        name, _colon, rest = line.rpartition(":")
        numbers = rest.split()
        try:
            devices[name.strip()] = DeviceBytes(int(numbers[_RECEIVED]), int(numbers[_SENT]))
        except (ValueError, IndexError):
            raise UnreadableError("net/dev", "a device and sixteen numbers", line) from None
    return devices


class NetworkTraffic(Instrument):
    """`net`: all devices that are there at the moment but the loopback device, or those that are named."""

    def __init__(self, proc: str, devices: Collection[str] = ()) -> None:
        self._path = os.path.join(proc, "net/dev")
        self._wanted = frozenset(devices)
        self._rates = Rates()

    def begin(self, at: float) -> None:
        self._rates.begin(self._counts(), at)

    def read(self, at: float) -> list[Reading]:
        per_second = self._rates.per_second(self._counts(), at)
        return [Reading(topic, per_s / 1000.0) for topic, per_s in per_second.items()]

    def _counts(self) -> dict[str, int]:
        counts = {}
        for name, moved in parse_network_devices(read_text(self._path)).items():
            if name in self._wanted if self._wanted else name != LOOPBACK:
                counts[f"tx/{name}"] = moved.sent
                counts[f"rx/{name}"] = moved.received
        return counts
