"""The hash `telemd.info:<node>`, and the commands that a node takes."""

from __future__ import annotations

import pytest
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.node_info import (
    AGENT_FIELDS,
    NodeInfo,
    go_architecture,
    node_info_key,
    parse_command,
    telemetry_command_channel,
)
from galileo_services.telemetry_agent.instruments.instrument import UnreadableError
from galileo_services.telemetry_agent.node_facts import (
    parse_boot_and_processors,
    parse_default_device,
    read_node_info,
)

from tests.services.telemetry_agent.made_up_host import MadeUpHost

ROUTES = (
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
    "wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
    "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
)


def info_of(host: MadeUpHost, **further: object) -> NodeInfo:
    return read_node_info(proc=host.proc, sys=host.sys, hostname="pi", machine="aarch64", **further)  # type: ignore[arg-type]


def test_a_node_tells_what_it_has(pi: MadeUpHost) -> None:
    pi.write("proc/net/route", ROUTES)
    pi.write("sys/class/net/eth0/speed", 1000)
    assert info_of(pi).fields() == {
        "arch": "arm64",
        "boot": "1700000000",
        "hostname": "pi",
        "ram": "4000000",
        "cpus": "4",
        "disk": "mmcblk0",
        "net": "eth0",
        "netspeed": "1000",
    }


def test_gpus_are_told_where_there_are_any_and_devices_as_they_are_named(pi: MadeUpHost) -> None:
    fields = info_of(pi, gpus=["0-Tesla V100-SXM2", "1-A2"], disks=["sda"], devices=["wlan0", "eth0"]).fields()
    assert (fields["gpu"], fields["disk"], fields["net"]) == ("0-Tesla V100-SXM2 1-A2", "sda", "wlan0 eth0")
    assert set(fields) == set(AGENT_FIELDS)


@pytest.mark.parametrize(
    ("routes", "speed", "shown"),
    [(ROUTES, "-1\n", ""), (ROUTES, "", ""), (ROUTES, None, ""), ("", "1000", ""), (None, "1000", "")],
)
def test_a_speed_that_nobody_knows_is_empty(pi: MadeUpHost, routes: str | None, speed: str | None, shown: str) -> None:
    if routes is not None:
        pi.write("proc/net/route", routes)
    if speed is not None:
        pi.write("sys/class/net/eth0/speed", speed)
    assert info_of(pi).netspeed == shown


def test_a_wireless_device_is_as_fast_as_it_sends(pi: MadeUpHost) -> None:
    pi.write("proc/net/route", ROUTES)
    assert info_of(pi, wireless_mbit_s={"eth0": 72.2}.get).netspeed == "72"


def test_the_default_route_with_the_lowest_metric_counts() -> None:
    assert parse_default_device(ROUTES) == "eth0"
    assert parse_default_device("Iface\n") is None


def test_a_kernel_that_does_not_tell_is_refused() -> None:
    with pytest.raises(UnreadableError, match="/proc/stat: expected lines cpu0 and btime"):
        parse_boot_and_processors("cpu  1 2 3\n")


@pytest.mark.parametrize(
    ("machine", "arch"),
    [("x86_64", "amd64"), ("aarch64", "arm64"), ("armv7l", "arm"), ("armv6l", "arm"), ("i686", "386")],
)
def test_processors_have_gos_names(machine: str, arch: str) -> None:
    assert go_architecture(machine) == arch
    assert go_architecture("riscv64") == "riscv64"


def test_keys_and_channels() -> None:
    assert node_info_key("n1") == "telemd.info:n1"
    assert telemetry_command_channel("n1") == "telemcmd/n1"


@pytest.mark.parametrize("payload", [b"pause", b"pause\n", b" pause "])
def test_a_command_is_a_word(payload: bytes) -> None:
    assert parse_command(payload) == "pause"


@pytest.mark.parametrize("payload", [b"", b"stop", b"PAUSE", b"pause now", b"\xff"])
def test_another_word_is_refused_with_those_there_are(payload: bytes) -> None:
    with pytest.raises(FrameError, match=r"^expected pause, unpause or info, got '"):
        parse_command(payload)
