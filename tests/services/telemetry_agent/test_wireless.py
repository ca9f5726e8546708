"""Signal and bit rates of wireless devices."""

from __future__ import annotations

import subprocess

import pytest
from galileo_services.telemetry_agent.instruments.instrument import Reading, UnavailableError, UnreadableError
from galileo_services.telemetry_agent.instruments.wireless import (
    WirelessLink,
    WirelessLinks,
    WirelessQuality,
    parse_iw_link,
    parse_wireless_table,
)

from tests.services.telemetry_agent.made_up_host import MadeUpHost

CONNECTED = """Connected to 00:11:22:33:44:55 (on wlan0)
\tSSID: signal: 3
\tfreq: 5180
\tRX: 2272 bytes (18 packets)
\tTX: 1500 bytes (12 packets)
\tsignal: -54 dBm
\trx bitrate: 6.0 MBit/s
\ttx bitrate: 390.0 MBit/s VHT-MCS 4 80MHz VHT-NSS 2
"""
TABLE = """Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   56.  -54.  -256        0      0      0      0      0        0
 wlan1: 0000   56.   54.  0        0      0      0      0      0        0
"""


@pytest.fixture
def host(host: MadeUpHost) -> MadeUpHost:
    """A wired and a wireless device."""
    host.write("sys/class/net/eth0/mtu", 1500)
    host.write("sys/class/net/wlan0/wireless/x", "")
    host.write("proc/net/wireless", TABLE)
    return host


def test_what_iw_prints_is_read() -> None:
    assert parse_iw_link(CONNECTED) == WirelessLink(signal_dbm=-54.0, tx_mbit_s=390.0, rx_mbit_s=6.0)
    assert parse_iw_link("Not connected.\n") == WirelessLink()


def test_iw_is_asked_once_for_all_that_is_measured_at_a_time(host: MadeUpHost) -> None:
    asked = []

    def run(device: str) -> str:
        asked.append(device)
        return CONNECTED

    links = WirelessLinks(host.proc, host.sys, run=run)
    found = []
    for at in (0.0, 1.0):
        for topic in ("signal", "tx_bitrate", "rx_bitrate"):
            quality = WirelessQuality(links, topic)
            quality.begin(at)
            found += quality.read(at)
    assert found[:3] == [
        Reading("signal/wlan0", -54.0),
        Reading("tx_bitrate/wlan0", 390.0),
        Reading("rx_bitrate/wlan0", 6.0),
    ]
    assert asked == ["wlan0", "wlan0"]


def test_without_a_connection_nothing_is_told(host: MadeUpHost) -> None:
    links = WirelessLinks(host.proc, host.sys, run=lambda device: "Not connected.\n")
    assert WirelessQuality(links, "signal").read(0.0) == []


def test_without_iw_the_kernel_still_tells_the_signal(host: MadeUpHost) -> None:
    links = WirelessLinks(host.proc, host.sys)
    signal = WirelessQuality(links, "signal")
    signal.begin(0.0)
    assert signal.read(0.0) == [Reading("signal/wlan0", -54.0)]
    with pytest.raises(UnavailableError, match="the program iw is not installed"):
        WirelessQuality(links, "tx_bitrate").begin(0.0)


def test_a_level_that_is_no_dbm_is_left_out() -> None:
    assert parse_wireless_table(TABLE) == {"wlan0": -54.0}
    with pytest.raises(UnreadableError, match="/proc/net/wireless: expected a device"):
        parse_wireless_table(TABLE + "wlan2: down\n")


def test_wired_hosts_and_devices_that_are_not_wanted_have_none(host: MadeUpHost) -> None:
    with pytest.raises(UnavailableError, match="no wireless device"):
        WirelessQuality(WirelessLinks(host.proc, host.sys, ["eth0"]), "signal").begin(0.0)


def test_a_program_that_fails_is_an_error_for_the_caller(host: MadeUpHost) -> None:
    def run(device: str) -> str:
        raise subprocess.CalledProcessError(237, ["iw", "dev", device, "link"])

    with pytest.raises(subprocess.CalledProcessError):
        WirelessQuality(WirelessLinks(host.proc, host.sys, run=run), "signal").read(0.0)
