"""What devices carry in a second, whatever becomes of devices and counters."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.instruments.disk import DiskSectors, DiskTraffic, parse_disk_sectors
from galileo_services.telemetry_agent.instruments.instrument import (
    PartlyReadError,
    Reading,
    UnavailableError,
    UnreadableError,
)
from galileo_services.telemetry_agent.instruments.network import DeviceBytes, NetworkTraffic, parse_network_devices
from galileo_services.telemetry_agent.instruments.rates import Rates
from hypothesis import given
from hypothesis import strategies as st

from tests.services.telemetry_agent.made_up_host import NET_DEV_HEAD, MadeUpHost, net_dev


def traffic(host: MadeUpHost, *devices: str) -> NetworkTraffic:
    made = NetworkTraffic(host.proc, devices)
    made.begin(0.0)
    return made


def test_devices_are_told_in_kilobytes_a_second_but_for_the_loopback_device(host: MadeUpHost) -> None:
    host.write("proc/net/dev", net_dev(lo=(0, 0), eth0=(1000, 5000)))
    network = traffic(host)
    host.write("proc/net/dev", net_dev(lo=(9000, 9000), eth0=(2500, 5250)))
    assert network.read(0.5) == [Reading("tx/eth0", 0.5), Reading("rx/eth0", 3.0)]


def test_only_the_devices_that_are_named_are_told(host: MadeUpHost) -> None:
    host.write("proc/net/dev", net_dev(lo=(0, 0), eth0=(0, 0), wlan0=(0, 0)))
    network = traffic(host, "lo", "wlan0")
    assert [reading.topic for reading in network.read(1.0)] == ["tx/lo", "rx/lo", "tx/wlan0", "rx/wlan0"]


def test_a_device_that_is_named_and_not_there_is_told_and_the_others_are_read(host: MadeUpHost) -> None:
    host.write("proc/net/dev", net_dev(lo=(0, 0), eth0=(0, 0)))
    network = traffic(host, "eth0", "eth7")
    with pytest.raises(PartlyReadError, match="there is no device eth7") as raised:
        network.read(1.0)
    assert [reading.topic for reading in raised.value.readings] == ["tx/eth0", "rx/eth0"]
    host.write("proc/net/dev", net_dev(eth0=(0, 0), eth7=(0, 0)))
    assert len(network.read(2.0)) == 2
    assert len(network.read(3.0)) == 4


def test_without_any_device_that_is_named_there_is_nothing_to_measure(host: MadeUpHost) -> None:
    host.write("proc/net/dev", net_dev(lo=(0, 0), eth0=(0, 0)))
    with pytest.raises(UnavailableError, match="there is no device eth7, eth8"):
        traffic(host, "eth8", "eth7")


def test_a_device_that_appears_is_told_from_its_second_reading_on_and_one_that_is_gone_no_more(
    host: MadeUpHost,
) -> None:
    host.write("proc/net/dev", net_dev(eth0=(0, 0)))
    network = traffic(host)
    host.write("proc/net/dev", net_dev(eth0=(0, 0), usb0=(7000, 7000)))
    assert {reading.topic for reading in network.read(1.0)} == {"tx/eth0", "rx/eth0"}
    host.write("proc/net/dev", net_dev(usb0=(9000, 8000)))
    assert network.read(2.0) == [Reading("tx/usb0", 1.0), Reading("rx/usb0", 2.0)]
    host.write("proc/net/dev", net_dev(eth0=(500_000, 0), usb0=(9000, 8000)))
    assert {reading.topic for reading in network.read(3.0)} == {"tx/usb0", "rx/usb0"}


def test_a_counter_that_starts_anew_or_wraps_has_no_rate_once(host: MadeUpHost) -> None:
    host.write("proc/net/dev", net_dev(eth0=(4_294_967_000, 10)))
    network = traffic(host)
    host.write("proc/net/dev", net_dev(eth0=(1000, 10)))
    assert network.read(1.0) == [Reading("tx/eth0", 0.0)]
    host.write("proc/net/dev", net_dev(eth0=(3000, 10)))
    assert network.read(2.0) == [Reading("tx/eth0", 0.0), Reading("rx/eth0", 2.0)]


def test_no_time_between_two_readings_is_no_division_by_zero(host: MadeUpHost) -> None:
    host.write("proc/net/dev", net_dev(eth0=(0, 0)))
    network = traffic(host)
    host.write("proc/net/dev", net_dev(eth0=(1000, 0)))
    assert network.read(0.0) == []
    assert network.read(1.0) == [Reading("tx/eth0", 0.0), Reading("rx/eth0", 1.0)]


steps = st.lists(st.tuples(st.floats(-1, 2), st.dictionaries(st.sampled_from("abc"), st.integers(0, 2**64))))


@given(steps=steps)
def test_whatever_devices_and_clocks_do_no_rate_is_negative(steps: list[tuple[float, dict[str, int]]]) -> None:
    rates, at = Rates(), 0.0
    for step_s, counts in steps:
        at += step_s
        assert all(rate >= 0.0 for rate in rates.per_second(counts, at).values())


def test_a_name_may_be_next_to_its_number() -> None:
    assert parse_network_devices(NET_DEV_HEAD + "eth0:99 1 0 0 0 0 0 0 77 1 0 0 0 0 0 0\n") == {
        "eth0": DeviceBytes(received=99, sent=77)
    }


def test_a_table_in_another_form_is_refused() -> None:
    with pytest.raises(UnreadableError, match="net/dev: expected a device and sixteen numbers, got 'eth0: 1 2'"):
        parse_network_devices(NET_DEV_HEAD + "eth0: 1 2\n")


DISKS = (
    "   7       0 loop0 1 0 2 0 0 0 0 0 0 0 0\n"
    " 259       0 nvme0n1 100 1 {read} 50 200 2 {written} 90 0 30 14 5 0 4 0 1 1\n"
    " 259       1 nvme0n1p1 100 1 {read} 50 200 2 {written} 90 0 30 14\n"
    "   8       1 sda1 5 6 7 8\n"
)


def test_whole_disks_are_told_in_kilobytes_a_second(host: MadeUpHost) -> None:
    for name in ("loop0", "nvme0n1"):
        host.write(f"sys/block/{name}/size", 1)
    host.write("proc/diskstats", DISKS.format(read=1000, written=2000))
    disk = DiskTraffic(host.proc, host.sys)
    disk.begin(0.0)
    host.write("proc/diskstats", DISKS.format(read=1100, written=2400))
    assert disk.read(2.0) == [Reading("rd/nvme0n1", 25.6), Reading("wr/nvme0n1", 102.4)]  # of 512 bytes


def test_partitions_are_told_when_they_are_named(host: MadeUpHost) -> None:
    host.write("proc/diskstats", DISKS.format(read=1, written=2))
    disk = DiskTraffic(host.proc, host.sys, ["nvme0n1p1"])
    disk.begin(0.0)
    assert disk.read(1.0) == [Reading("rd/nvme0n1p1", 0.0), Reading("wr/nvme0n1p1", 0.0)]


def test_short_lines_of_old_kernels_are_left_out() -> None:
    assert parse_disk_sectors(DISKS.format(read=1, written=2))["nvme0n1"] == DiskSectors(read=1, written=2)
    assert "sda1" not in parse_disk_sectors(DISKS.format(read=1, written=2))
    with pytest.raises(UnreadableError, match="/proc/diskstats: expected"):
        parse_disk_sectors("8 0 sda 1 2 x 4 5 6 7\n")
