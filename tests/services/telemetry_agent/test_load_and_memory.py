"""Load averages, runnable tasks, memory in use, and time lost waiting."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.instruments.instrument import Reading, UnreadableError
from galileo_services.telemetry_agent.instruments.load_average import (
    Load,
    LoadAverage,
    RunnableTasks,
    parse_load_average,
)
from galileo_services.telemetry_agent.instruments.memory import UsedMemory, used_kb
from galileo_services.telemetry_agent.instruments.pressure_stall import PressureStall, parse_stalls

from tests.services.telemetry_agent.made_up_host import MadeUpHost


def test_load_averages_and_tasks_that_want_a_processor(pi: MadeUpHost) -> None:
    assert parse_load_average("0.20 0.18 0.12 1/80 11206\n") == LoadAverage(0.20, 0.18, 1)
    assert Load(pi.proc).read(0.0) == [Reading("load1", 0.5), Reading("load5", 0.25)]
    assert RunnableTasks(pi.proc).read(0.0) == [Reading("procs", 2.0)]


@pytest.mark.parametrize("text", ["", "0.1 0.2", "a b c 1/2 3", "0.1 0.2 0.3 x/2 3"])
def test_a_load_average_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="/proc/loadavg: expected"):
        parse_load_average(text)


def test_memory_in_use_is_what_could_not_be_had(pi: MadeUpHost) -> None:
    assert UsedMemory(pi.proc).read(0.0) == [Reading("ram", 1_000_000.0)]


@pytest.mark.parametrize("text", ["", "MemTotal: 5 kB\n", "MemTotal: much\nMemAvailable: 3 kB\n"])
def test_memory_that_is_not_told_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="/proc/meminfo: expected a line Mem"):
        used_kb(text)


def test_time_lost_waiting_is_the_count_and_not_an_average(host: MadeUpHost) -> None:
    text = "some avg10=1.50 avg60=0.70 avg300=0.20 total=123456789\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n"
    host.write("proc/pressure/memory", text)
    stall = PressureStall(host.proc, "memory")
    stall.begin(0.0)
    assert stall.read(0.5) == [Reading("psi_memory/some", 123456789.0), Reading("psi_memory/full", 1000.0)]


def test_older_kernels_tell_no_full_of_the_cpu() -> None:
    assert parse_stalls("some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n") == {"some": 5}


@pytest.mark.parametrize("text", ["some avg10=0.00", "many total=5", "some total=-5", "some total=5 total=6"])
def test_time_lost_waiting_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError, match="/proc/pressure: expected some or full"):
        parse_stalls(text)


def test_a_kernel_without_such_files_has_an_error_that_names_the_file(host: MadeUpHost) -> None:
    with pytest.raises(FileNotFoundError, match="pressure/io"):
        PressureStall(host.proc, "io").begin(0.0)
