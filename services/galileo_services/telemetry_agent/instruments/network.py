"""`tx/<device>` and `rx/<device>`: what network devices send and receive, in kB (1000 bytes) a second."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import NamedTuple

from galileo_services.telemetry_agent.instruments.device_traffic import DeviceTraffic
from galileo_services.telemetry_agent.instruments.instrument import UnreadableError, read_text

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


class NetworkTraffic(DeviceTraffic):
    """`net`: all devices that are there at the moment but the loopback device, or those that are named."""

    def __init__(self, proc: str, devices: Collection[str] = ()) -> None:
        super().__init__(("tx", "rx"), unit_bytes=1, wanted=devices)
        self._path = os.path.join(proc, "net/dev")

    def _devices(self, wanted: Collection[str]) -> dict[str, tuple[int, int]]:
        devices = parse_network_devices(read_text(self._path))
        return {
            name: (moved.sent, moved.received)
            for name, moved in devices.items()
            if (name in wanted if wanted else name != LOOPBACK)
        }
