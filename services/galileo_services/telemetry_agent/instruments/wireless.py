"""`signal/<device>` in dBm, `tx_bitrate/<device>` and `rx_bitrate/<device>` in Mbit/s, of wireless devices.

They come from the program `iw`, one call a device and time however many of the three are measured. Where it is not
installed, the kernel's own table still tells the signal.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Collection
from typing import ClassVar, NamedTuple

from galileo_services.telemetry_agent.instruments.instrument import (
    Instrument,
    Reading,
    UnavailableError,
    UnreadableError,
    folders,
    read_text,
)

_PATIENCE_S = 2.0
_LINE = re.compile(r"^\s*(signal|tx bitrate|rx bitrate):\s*(-?\d+(?:\.\d+)?)", re.MULTILINE)

RunIw = Callable[[str], str]
"""Gives what `iw dev <device> link` prints."""


class WirelessLink(NamedTuple):
    """A connection to an access point; None is what is not told, or that there is no connection."""

    signal_dbm: float | None = None
    tx_mbit_s: float | None = None
    rx_mbit_s: float | None = None


def parse_iw_link(text: str) -> WirelessLink:
    """From what `iw dev <device> link` prints."""
    found = {name: float(number) for name, number in _LINE.findall(text)}
    return WirelessLink(found.get("signal"), found.get("tx bitrate"), found.get("rx bitrate"))


def parse_wireless_table(text: str) -> dict[str, float]:
    """Signal levels in dBm by device, from /proc/net/wireless; levels that are relative are left out.

    Raises `UnreadableError`.
    """
    levels = {}
    for line in text.splitlines()[2:]:
        name, _colon, rest = line.partition(":")
        try:
            level_dbm = float(rest.split()[2].rstrip("."))
        except (ValueError, IndexError):
            raise UnreadableError("/proc/net/wireless", "a device, a status and three qualities", line) from None
        if level_dbm < 0.0:
            levels[name.strip()] = level_dbm
    return levels


def wireless_devices(sys: str) -> list[str]:
    """The names of wireless devices."""
    network = os.path.join(sys, "class/net")
    marks = ("wireless", "phy80211")
    return [name for name in folders(network) if any(os.path.exists(f"{network}/{name}/{mark}") for mark in marks)]


def run_iw(device: str) -> str:
    """Calls the program. Raises `OSError` or `subprocess.SubprocessError`."""
    command = ["iw", "dev", device, "link"]
    return subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True).stdout


class WirelessLinks:
    """The connections of all wireless devices, looked at once for each time at which somebody asks."""

    def __init__(self, proc: str, sys: str, devices: Collection[str] = (), *, run: RunIw | None = None) -> None:
        self._table = os.path.join(proc, "net/wireless")
        self._sys = sys
        self._wanted = frozenset(devices)
        self._run = run
        self._at: float | None = None
        self._links: dict[str, WirelessLink] = {}

    def devices(self) -> list[str]:
        """Those that are there now, and wanted."""
        return [name for name in wireless_devices(self._sys) if not self._wanted or name in self._wanted]

    @property
    def has_iw(self) -> bool:
        """Whether bit rates can be known."""
        return self._run is not None

    def links(self, at: float) -> dict[str, WirelessLink]:
        """By device. Raises `OSError`, `subprocess.SubprocessError` or `UnreadableError`."""
        if at != self._at:
            self._links, self._at = self._look(), at
        return self._links

    def _look(self) -> dict[str, WirelessLink]:
        if self._run is not None:
            return {name: parse_iw_link(self._run(name)) for name in self.devices()}
        levels = parse_wireless_table(read_text(self._table))
        return {name: WirelessLink(signal_dbm=levels.get(name)) for name in self.devices()}


def installed_iw() -> RunIw | None:
    """The program, if there is one."""
    return None if shutil.which("iw") is None else run_iw


class WirelessQuality(Instrument):
    """One of `signal`, `tx_bitrate`, `rx_bitrate`."""

    blocks: ClassVar[bool] = True
    _FIELDS = {"signal": "signal_dbm", "tx_bitrate": "tx_mbit_s", "rx_bitrate": "rx_mbit_s"}

    def __init__(self, links: WirelessLinks, topic: str) -> None:
        self._links = links
        self._topic = topic
        self._field = self._FIELDS[topic]

    def begin(self, at: float) -> None:
        if not self._links.devices():
            raise UnavailableError("no wireless device")
        if self._topic != "signal" and not self._links.has_iw:
            raise UnavailableError("the program iw is not installed")

    def read(self, at: float) -> list[Reading]:
        links = self._links.links(at)
        values = {name: getattr(link, self._field) for name, link in links.items()}
        return [Reading(f"{self._topic}/{name}", value) for name, value in values.items() if value is not None]
