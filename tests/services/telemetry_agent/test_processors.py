"""How busy the processors are, and how fast."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.instruments.instrument import Reading, UnavailableError, UnreadableError
from galileo_services.telemetry_agent.instruments.processor import (
    CpuFrequency,
    CpuLoad,
    CpuTimes,
    busy_percent,
    parse_cpu_times,
)

from tests.services.telemetry_agent.made_up_host import MadeUpHost


def test_all_but_idle_and_waiting_for_disks_is_busy() -> None:
    assert parse_cpu_times("cpu  1 2 4 8 16 32 64 128 7 7\ncpu0 1 2 3\n") == CpuTimes(1 + 2 + 4 + 32 + 64 + 128, 255)


def test_an_old_kernel_counts_less() -> None:
    assert parse_cpu_times("cpu 10 0 5 85 0") == CpuTimes(15, 100)


@pytest.mark.parametrize("text", ["", "\n", "cpu", "cpu 1 2 3 4", "cpu0 1 2 3 4 5", "cpu a b c d e", "intr 1 2 3 4 5"])
def test_anything_else_is_refused_with_what_it_is(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"/proc/stat: expected cpu and at least five numbers, got '"):
        parse_cpu_times(text)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (CpuTimes(0, 0), CpuTimes(25, 100), 25.0),
        (CpuTimes(10, 100), CpuTimes(10, 200), 0.0),
        (CpuTimes(10, 100), CpuTimes(60, 150), 100.0),
        (CpuTimes(10, 100), CpuTimes(9, 110), 0.0),  # the kernel's idle time went back a little before
        (CpuTimes(10, 100), CpuTimes(25, 110), 100.0),
        (CpuTimes(10, 100), CpuTimes(10, 100), None),
        (CpuTimes(10, 100), CpuTimes(5, 50), None),  # counted anew
    ],
)
def test_the_share_lies_between_nothing_and_all(before: CpuTimes, after: CpuTimes, percent: float | None) -> None:
    assert busy_percent(before, after) == percent


def test_each_reading_is_since_the_one_before(host: MadeUpHost) -> None:
    cpu = CpuLoad(host.proc)
    host.busy(user=100, idle=900)
    cpu.begin(0.0)
    host.busy(user=130, idle=970)
    assert cpu.read(0.5) == [Reading("cpu", 30.0)]
    assert cpu.read(0.5) == []  # no tick has passed
    host.busy(user=180, idle=970)
    assert cpu.read(1.0) == [Reading("cpu", 100.0)]


def test_frequencies_are_summed_over_the_processors_that_are_on(host: MadeUpHost) -> None:
    for number, khz in ((0, 600_000), (1, 1_500_000), (10, 900_000)):
        host.write(f"sys/devices/system/cpu/cpu{number}/cpufreq/scaling_cur_freq", khz)
    host.write("sys/devices/system/cpu/cpu2/online", 0)
    host.write("sys/devices/system/cpu/cpufreq/boost", 0)
    frequency = CpuFrequency(host.sys)
    frequency.begin(0.0)
    assert frequency.read(0.5) == [Reading("freq", 3_000_000.0)]


def test_a_virtual_machine_without_cpufreq_has_no_frequency(host: MadeUpHost) -> None:
    with pytest.raises(UnavailableError, match="no cpufreq under"):
        CpuFrequency(host.sys).begin(0.0)


def test_a_frequency_that_is_no_number_is_quoted(host: MadeUpHost) -> None:
    host.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "<unknown>\n")
    with pytest.raises(UnreadableError, match="expected a whole number, got '<unknown>"):
        CpuFrequency(host.sys).begin(0.0)
