"""The settings of telemd, by its names and with its defaults; and its config.ini."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest
from galileo_bus.service import SettingError
from galileo_services.telemetry_agent.durations import parse_duration_s
from galileo_services.telemetry_agent.settings import INSTRUMENTS, TelemetryAgentSettings, parse_config

EVERY_HALF_SECOND = {"cpu", "freq", "procs", "net", "disk", "psi_cpu", "psi_io", "psi_memory"}


def load(**environ: str) -> TelemetryAgentSettings:
    return TelemetryAgentSettings.load(environ)


def test_the_periods_of_telemd_are_the_defaults() -> None:
    periods_s = load().instruments()
    assert set(periods_s) == set(INSTRUMENTS)
    assert {name for name, period_s in periods_s.items() if period_s == 0.5} == EVERY_HALF_SECOND
    assert {name for name, period_s in periods_s.items() if period_s not in (0.5, 1.0)} == {"load"}
    assert periods_s["load"] == 5.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("1s", 1.0), ("1m30s", 90.0), ("1.5h", 5400.0), ("250us", 0.00025), ("2µs", 2e-6), (".5s", 0.5)],
)
def test_durations_are_gos(text: str, seconds: float) -> None:
    assert parse_duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "s", "1 s", "-1s", "1sec", "ms500", "1s2", "soon"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration such as 500ms, 1s or 1m30s"):
        parse_duration_s(text)


def test_instruments_are_enabled_or_disabled_and_disabling_wins() -> None:
    assert set(load(telemd_instruments_enable="cpu ram").instruments()) == {"cpu", "ram"}
    assert "cpu" not in load(telemd_instruments_disable="cpu").instruments()
    both = load(telemd_instruments_enable="cpu", telemd_instruments_disable="ram")
    assert set(both.instruments()) == set(INSTRUMENTS) - {"ram"}


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"telemd_period_cpu": "often"}, "telemd_period_cpu=often: expected a duration such as 500ms"),
        ({"telemd_period_cpu": "5ms"}, "telemd_period_cpu=5ms: expected at least 10ms"),
        ({"telemd_instruments_enable": "cpu ping"}, "telemd_instruments_enable=cpu ping: expected cpu | freq"),
        ({"telemd_gpu_devices": "0 first"}, "telemd_gpu_devices=0 first: expected numbers such as 0 1"),
        ({"telemd_nodename": "a/b"}, "telemd_nodename=a/b: expected a name without spaces, slashes"),
        ({"telemd_nodename": "my node"}, "telemd_nodename=my node: expected a name without spaces"),
        ({"telemd_redis_url": "http://u:secret@h"}, "telemd_redis_url: 'http://…@h': expected redis://"),
        ({"telemd_redis_port": "0"}, "telemd_redis_port=0: expected a number above 0"),
    ],
)
def test_a_wrong_value_is_one_line(environ: Mapping[str, str], line: str) -> None:
    with pytest.raises(SettingError) as raised:
        load(**environ)
    assert str(raised.value).startswith(line)
    assert "\n" not in str(raised.value)


def test_a_node_is_called_as_its_host_unless_it_has_a_name() -> None:
    assert load().node_name == socket.gethostname()
    assert load(telemd_nodename="edge-7").node_name == "edge-7"


def test_control_groups_are_below_sys_unless_they_are_elsewhere() -> None:
    assert load(telemetry_agent_sys_mount="/host/sys").cgroups == "/host/sys/fs/cgroup"
    assert load(telemetry_agent_cgroup_mount="/cg").cgroups == "/cg"


CONFIG = """
# of the whole fleet
telemd_redis_host=192.168.0.10
telemd_period_cpu=2s
telemd_period_ram=2s

[pi-1]
telemd_net_devices=eth0 wlan0
telemd_period_ram=3s
telemd_period_load=3s

[pi-2]
telemd_net_devices=enp5s0
"""


def test_a_config_file_has_values_for_all_and_for_one_below_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.ini"
    path.write_text(CONFIG)
    settings = load(telemetry_agent_config=str(path), telemd_nodename="pi-1", telemd_period_load="4s")
    periods_s = settings.instruments()
    assert (periods_s["cpu"], periods_s["ram"], periods_s["load"]) == (2.0, 3.0, 4.0)
    assert settings.net_devices == ("eth0", "wlan0")
    assert settings.bus_variables() == {"galileo_redis_host": "192.168.0.10"}
    assert load(telemetry_agent_config=str(path), telemd_nodename="pi-9").net_devices == ()


def test_the_file_may_name_the_node(tmp_path: Path) -> None:
    path = tmp_path / "config.ini"
    path.write_text("telemd_nodename=pi-2\n" + CONFIG)
    settings = load(telemetry_agent_config=str(path))
    assert (settings.node_name, settings.net_devices) == ("pi-2", ("enp5s0",))


@pytest.mark.parametrize("text", [None, "no equals sign\n", "[pi-1\nx=1\n"])
def test_a_config_file_that_cannot_be_read_is_one_line(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "config.ini"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingError, match=r"^telemetry_agent_config=.*: expected a readable config.ini") as raised:
        load(telemetry_agent_config=str(path))
    assert "\n" not in str(raised.value)


def test_values_may_hold_anything_but_a_line_break() -> None:
    everywhere, sections = parse_config("telemd_redis_url=redis://u:p%40x@h:1/0\n[n]\nA=b=c\n")
    assert everywhere == {"telemd_redis_url": "redis://u:p%40x@h:1/0"}
    assert sections == {"n": {"A": "b=c"}}
