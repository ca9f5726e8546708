"""What instruments read on the host that runs the tests is what psutil reads there, too."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from galileo_services.telemetry_agent.instruments.disk import SECTOR_BYTES, parse_disk_sectors
from galileo_services.telemetry_agent.instruments.instrument import read_text
from galileo_services.telemetry_agent.instruments.load_average import Load
from galileo_services.telemetry_agent.instruments.memory import UsedMemory
from galileo_services.telemetry_agent.instruments.network import parse_network_devices
from galileo_services.telemetry_agent.instruments.processor import CpuLoad
from galileo_services.telemetry_agent.node_facts import read_node_info

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the instruments read Linux's files")

PROC, SYS = "/proc", "/sys"


def psutil_times() -> tuple[float, float]:
    """Busy and all seconds of all processors."""
    times = psutil.cpu_times()
    idle = times.idle + times.iowait
    busy = times.user + times.nice + times.system + times.irq + times.softirq + times.steal
    return busy, busy + idle


def spin(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def test_processors_are_as_busy() -> None:
    cpu = CpuLoad(PROC)
    cpu.begin(0.0)
    busy_before, all_before = psutil_times()
    spin(0.6)
    (reading,) = cpu.read(0.6)
    busy_after, all_after = psutil_times()
    theirs = 100.0 * (busy_after - busy_before) / (all_after - all_before)
    assert reading.value == pytest.approx(theirs, abs=5.0)
    assert reading.value > 10.0 / (psutil.cpu_count() or 1)  # we were busy ourselves


def test_as_much_memory_is_in_use() -> None:
    (reading,) = UsedMemory(PROC).read(0.0)
    memory = psutil.virtual_memory()
    assert reading.value * 1024 == pytest.approx(memory.total - memory.available, abs=0.02 * memory.total)


def test_the_load_is_the_same() -> None:
    load1, load5 = Load(PROC).read(0.0)
    assert (load1.value, load5.value) == pytest.approx(psutil.getloadavg()[:2], abs=1.0)


def network_bytes() -> Iterator[tuple[str, int]]:
    for name, counts in psutil.net_io_counters(pernic=True).items():
        yield f"{name} sent", counts.bytes_sent
        yield f"{name} received", counts.bytes_recv


def disk_bytes() -> Iterator[tuple[str, int]]:
    for name, counts in psutil.disk_io_counters(perdisk=True).items():
        yield f"{name} read", counts.read_bytes
        yield f"{name} written", counts.write_bytes


def test_network_devices_have_carried_as_much() -> None:
    before = dict(network_bytes())
    ours: dict[str, int] = {}
    for name, moved in parse_network_devices(read_text(f"{PROC}/net/dev")).items():
        ours |= {f"{name} sent": moved.sent, f"{name} received": moved.received}
    after = dict(network_bytes())
    common = ours.keys() & before.keys() & after.keys()
    assert "lo sent" in common
    assert all(before[name] <= ours[name] <= after[name] for name in common)


def test_disks_have_carried_as_much() -> None:
    before = dict(disk_bytes())
    ours: dict[str, int] = {}
    for name, sectors in parse_disk_sectors(read_text(f"{PROC}/diskstats")).items():
        ours |= {f"{name} read": sectors.read * SECTOR_BYTES, f"{name} written": sectors.written * SECTOR_BYTES}
    after = dict(disk_bytes())
    common = ours.keys() & before.keys() & after.keys()
    assert common or not before
    assert all(before[name] <= ours[name] <= after[name] for name in common)


def test_the_node_is_the_same() -> None:
    info = read_node_info(proc=PROC, sys=SYS, hostname="here", machine="x86_64")
    assert info.boot == pytest.approx(psutil.boot_time(), abs=2)
    assert info.cpus == psutil.cpu_count()
    assert info.ram == pytest.approx(psutil.virtual_memory().total / 1024, rel=0.01)
    assert set(info.net) <= set(psutil.net_if_addrs()) | set(psutil.net_if_stats())
