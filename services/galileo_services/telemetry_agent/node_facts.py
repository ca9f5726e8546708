"""What a node says of itself in `telemd.info:<node>`, from files."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection

from galileo_schemas.raw.node_info import NodeInfo, go_architecture

from galileo_services.telemetry_agent.instruments.disk import disk_names
from galileo_services.telemetry_agent.instruments.instrument import UnreadableError, folders, read_text
from galileo_services.telemetry_agent.instruments.memory import parse_meminfo
from galileo_services.telemetry_agent.instruments.network import LOOPBACK

_ROUTE_DEVICE, _ROUTE_DESTINATION, _ROUTE_METRIC = 0, 1, 6


def parse_boot_and_processors(text: str) -> tuple[int, int]:
    """When the system started (unix seconds) and how many processors are on, from /proc/stat.

    Raises `UnreadableError`.
    """
    boot = None
    processors = 0
    for line in text.splitlines():
        name, _space, rest = line.partition(" ")
        if name == "btime" and rest.isdigit():
            boot = int(rest)
        elif name.startswith("cpu") and name != "cpu":
            processors += 1
    if boot is None or not processors:
        raise UnreadableError("/proc/stat", "lines cpu0 and btime", text)
    return boot, processors


def parse_default_device(text: str) -> str | None:
    """The device of the default route with the lowest metric, from /proc/net/route; None without one."""
    routes = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) > _ROUTE_METRIC and fields[_ROUTE_DESTINATION] == "00000000":
            routes.append((int(fields[_ROUTE_METRIC]), fields[_ROUTE_DEVICE]))
    return min(routes)[1] if routes else None


def read_node_info(
    *,
    proc: str,
    sys: str,
    hostname: str,
    machine: str,
    disks: Collection[str] = (),
    devices: Collection[str] = (),
    gpus: Collection[str] = (),
    wireless_mbit_s: Callable[[str], float | None] = lambda device: None,
) -> NodeInfo:
    """The facts of now; `disks` and `devices` are those that are to be named, all without any.

    Raises `OSError` or `UnreadableError`.
    """
    boot, processors = parse_boot_and_processors(read_text(os.path.join(proc, "stat")))
    network = [name for name in folders(os.path.join(sys, "class/net")) if name != LOOPBACK]
    return NodeInfo(
        arch=go_architecture(machine),
        boot=boot,
        hostname=hostname,
        ram=parse_meminfo(read_text(os.path.join(proc, "meminfo"))).get("MemTotal", 0),
        cpus=processors,
        disk=tuple(disks) or tuple(disk_names(sys)),
        net=tuple(devices) or tuple(network),
        netspeed=_network_speed(proc, sys, wireless_mbit_s),
        gpu=tuple(gpus),
    )


def _network_speed(proc: str, sys: str, wireless_mbit_s: Callable[[str], float | None]) -> str:
    """Mbit/s of the device with the default route; empty where nobody knows, as on most virtual devices."""
    try:
        device = parse_default_device(read_text(os.path.join(proc, "net/route")))
        if device is None:
            return ""
        rate = wireless_mbit_s(device)
        speed = int(read_text(os.path.join(sys, "class/net", device, "speed")) if rate is None else rate)
    except (OSError, ValueError):  # no IPv4, or a device that has no speed
        return ""
    return str(speed) if speed > 0 else ""
