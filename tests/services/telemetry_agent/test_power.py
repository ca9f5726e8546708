"""What a host draws, by RAPL's counters and by sensors."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.instruments import power
from galileo_services.telemetry_agent.instruments.instrument import Reading, UnavailableError, read_number
from galileo_services.telemetry_agent.instruments.power import Power, energy_used_uj, find_sensors

from tests.services.telemetry_agent.made_up_host import MadeUpHost

ZONES = "sys/class/powercap"


def with_rapl(host: MadeUpHost) -> None:
    for folder, name in (("intel-rapl:0", "package-0"), ("intel-rapl:0:1", "dram"), ("intel-rapl:1", "package-1")):
        host.write(f"{ZONES}/{folder}/name", f"{name}\n")
        host.write(f"{ZONES}/{folder}/energy_uj", 1_000_000)
        host.write(f"{ZONES}/{folder}/max_energy_range_uj", 2_000_000)
    host.write(f"{ZONES}/intel-rapl-mmio:0/name", "package-0\n")


def test_energy_becomes_power_by_the_time_that_passed(host: MadeUpHost) -> None:
    with_rapl(host)
    draw = Power(host.sys)
    draw.begin(10.0)
    host.write(f"{ZONES}/intel-rapl:0/energy_uj", 1_500_000)
    host.write(f"{ZONES}/intel-rapl:1/energy_uj", 500_000)  # it has counted to its end and begun anew
    assert draw.read(10.5) == [
        Reading("power/package-0", 1000.0),
        Reading("power/package-0/dram", 0.0),
        Reading("power/package-1", 3000.0),
    ]
    assert draw.read(10.5) == []  # no time has passed


def test_a_counter_begins_anew_at_the_range_that_it_tells() -> None:
    assert energy_used_uj(5, 9, 100) == 4
    assert energy_used_uj(95, 9, 100) == 14


def test_sensors_are_named_by_label_or_chip_and_numbered_where_names_repeat(host: MadeUpHost) -> None:
    for chip, name in enumerate(("amdgpu", "amdgpu", "ina 219")):
        host.write(f"sys/class/hwmon/hwmon{chip}/name", f"{name}\n")
        host.write(f"sys/class/hwmon/hwmon{chip}/power1_input", 7_000_000)
    host.write("sys/class/hwmon/hwmon2/power2_label", "PoE/in\n")
    host.write("sys/class/hwmon/hwmon2/power2_input", 5_500)
    assert [sensor.name for sensor in find_sensors(host.sys)] == ["amdgpu", "amdgpu-2", "ina_219", "PoE_in"]
    draw = Power(host.sys)
    draw.begin(0.0)
    assert draw.read(1.0)[-2:] == [Reading("power/ina_219", 7000.0), Reading("power/PoE_in", 5.5)]


def test_what_only_root_may_read_is_left_out_unless_there_are_sensors(
    host: MadeUpHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rapl(host)

    def refuse_energy(path: str) -> int:
        if path.endswith("energy_uj"):
            raise PermissionError(13, "Permission denied", path)
        return read_number(path)

    monkeypatch.setattr(power, "read_number", refuse_energy)
    with pytest.raises(UnavailableError, match=r"intel-rapl:0/energy_uj is for root only"):
        Power(host.sys).begin(0.0)
    host.write("sys/class/hwmon/hwmon0/name", "ina219\n")
    host.write("sys/class/hwmon/hwmon0/power1_input", 1000)
    draw = Power(host.sys)
    draw.begin(0.0)
    assert draw.read(1.0) == [Reading("power/ina219", 1.0)]


def test_a_host_that_cannot_tell_is_left_out(host: MadeUpHost) -> None:
    with pytest.raises(UnavailableError, match="no RAPL and no sensor of power under"):
        Power(host.sys).begin(0.0)
