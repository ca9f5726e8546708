"""The agent's settings, under the names and with the defaults of telemd, and its file /etc/telemd/config.ini.

A `config.ini` has variables for all nodes at its top and those of one node in the section of its name. The process's
environment goes before the node's section, and that before the top.
"""

from __future__ import annotations

import configparser
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from galileo_bus.service import SettingError, Settings, setting
from galileo_bus.service.settings import Effective
from galileo_bus.transport.redis_address import parse_redis_url

from galileo_services.telemetry_agent.durations import parse_duration_s

INSTRUMENTS = (
    *("cpu", "freq", "load", "procs", "ram", "net", "disk", "psi_cpu", "psi_memory", "psi_io"),
    *("tx_bitrate", "rx_bitrate", "signal"),
    *("docker_cgrp_cpu", "docker_cgrp_memory", "docker_cgrp_blkio", "docker_cgrp_net"),
    *("kubernetes_cgrp_cpu", "kubernetes_cgrp_memory", "kubernetes_cgrp_blkio", "kubernetes_cgrp_net"),
    *("gpu_freq", "gpu_util", "gpu_power", "power"),
)
SHORTEST_PERIOD_S = 0.01
_CONFIG = "telemetry_agent_config"
_NODE = "telemd_nodename"
_PERIOD = "period_"


@dataclass(frozen=True)
class TelemetryAgentSettings(Settings):
    node: str = setting("", _NODE, doc="this node's name in channels; empty: the host's name")
    config: str | None = setting(None, _CONFIG, doc="a config.ini of telemd's, below the environment")
    redis_url: str | None = setting(
        None, "telemd_redis_url", doc="URL of the bus, where no galileo_redis_… variable says where it is", secret=True
    )
    redis_host: str | None = setting(None, "telemd_redis_host", doc="likewise its host; the URL goes before it")
    redis_port: int | None = setting(None, "telemd_redis_port", doc="likewise its port", above=0)
    enable: tuple[str, ...] = setting(
        (), "telemd_instruments_enable", doc="instruments that run; empty: all", choices=INSTRUMENTS
    )
    disable: tuple[str, ...] = setting(
        (),
        "telemd_instruments_disable",
        doc="instruments that do not run; if there are any, telemd_instruments_enable is not looked at",
        choices=INSTRUMENTS,
    )
    net_devices: tuple[str, ...] = setting((), "telemd_net_devices", doc="network devices; empty: all but lo")
    disk_devices: tuple[str, ...] = setting((), "telemd_disk_devices", doc="disks; empty: all but loop devices")
    gpu_devices: tuple[str, ...] = setting((), "telemd_gpu_devices", doc="numbers of GPUs; empty: all")
    proc_mount: str = setting("/proc", "telemd_proc_mount", doc="where the host's /proc is mounted")
    sys_mount: str = setting("/sys", "telemetry_agent_sys_mount", doc="where the host's /sys is mounted")
    cgroup_mount: str = setting(
        "", "telemetry_agent_cgroup_mount", doc="where control groups are mounted; empty: fs/cgroup under /sys"
    )
    repeat_interval: float = setting(30.0, "galileo_repeat_interval", doc="s between saying facts again", above=0)
    period_cpu: str = setting("500ms", "telemd_period_cpu", doc="time between readings: 500ms, 1s, 1m30s")
    period_freq: str = setting("500ms", "telemd_period_freq", doc="time between readings")
    period_load: str = setting("5s", "telemd_period_load", doc="time between readings")
    period_procs: str = setting("500ms", "telemd_period_procs", doc="time between readings")
    period_ram: str = setting("1s", "telemd_period_ram", doc="time between readings")
    period_net: str = setting("500ms", "telemd_period_net", doc="time between readings")
    period_disk: str = setting("500ms", "telemd_period_disk", doc="time between readings")
    period_psi_cpu: str = setting("500ms", "telemd_period_psi_cpu", doc="time between readings")
    period_psi_memory: str = setting("500ms", "telemd_period_psi_memory", doc="time between readings")
    period_psi_io: str = setting("500ms", "telemd_period_psi_io", doc="time between readings")
    period_tx_bitrate: str = setting("1s", "telemd_period_tx_bitrate", doc="time between readings")
    period_rx_bitrate: str = setting("1s", "telemd_period_rx_bitrate", doc="time between readings")
    period_signal: str = setting("1s", "telemd_period_signal", doc="time between readings")
    period_docker_cgrp_cpu: str = setting("1s", "telemd_period_docker_cgrp_cpu", doc="time between readings")
    period_docker_cgrp_memory: str = setting("1s", "telemd_period_docker_cgrp_memory", doc="time between readings")
    period_docker_cgrp_blkio: str = setting("1s", "telemd_period_docker_cgrp_blkio", doc="time between readings")
    period_docker_cgrp_net: str = setting("1s", "telemd_period_docker_cgrp_net", doc="time between readings")
    period_kubernetes_cgrp_cpu: str = setting("1s", "telemd_period_kubernetes_cgrp_cpu", doc="time between readings")
    period_kubernetes_cgrp_memory: str = setting(
        "1s", "telemd_period_kubernetes_cgrp_memory", doc="time between readings"
    )
    period_kubernetes_cgrp_blkio: str = setting(
        "1s", "telemd_period_kubernetes_cgrp_blkio", doc="time between readings"
    )
    period_kubernetes_cgrp_net: str = setting("1s", "telemd_period_kubernetes_cgrp_net", doc="time between readings")
    period_gpu_freq: str = setting("1s", "telemd_period_gpu_freq", doc="time between readings")
    period_gpu_util: str = setting("1s", "telemd_period_gpu_util", doc="time between readings")
    period_gpu_power: str = setting("1s", "telemd_period_gpu_power", doc="time between readings")
    period_power: str = setting("1s", "telemd_period_power", doc="time between readings")

    @classmethod
    def effective(cls, environ: Mapping[str, str]) -> list[Effective]:
        rows = super().effective(with_config_file(environ))
        for row in rows:
            _check(row)
        return rows

    @property
    def node_name(self) -> str:
        """As it is in channels."""
        return self.node or socket.gethostname()

    @property
    def cgroups(self) -> str:
        """Where control groups are."""
        return self.cgroup_mount or f"{self.sys_mount}/fs/cgroup"

    def instruments(self) -> dict[str, float]:
        """Those that are to run, with their periods in seconds."""
        if self.disable:
            names = [name for name in INSTRUMENTS if name not in self.disable]
        else:
            names = [name for name in INSTRUMENTS if not self.enable or name in self.enable]
        return {name: parse_duration_s(getattr(self, _PERIOD + name)) for name in names}

    def bus_variables(self) -> dict[str, str]:
        """Where telemd's variables say that the bus is, under the names that all processes read."""
        told = {"url": self.redis_url, "host": self.redis_host, "port": self.redis_port}
        return {f"galileo_redis_{name}": str(value) for name, value in told.items() if value is not None}


def with_config_file(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, and below it what a config.ini says to this node. Raises `SettingError`."""
    path = environ.get(_CONFIG)
    if not path:
        return environ
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        everywhere, sections = parse_config(text)
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise SettingError(
            f"{_CONFIG}={path}: expected a readable config.ini of telemd's: {_one_line(error)}"
        ) from None
    node = environ.get(_NODE) or everywhere.get(_NODE) or socket.gethostname()
    return {**everywhere, **sections.get(node, {}), **environ}


def parse_config(text: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The variables at the top, and those of each section. Raises `configparser.Error`."""
    parser = configparser.ConfigParser(interpolation=None, default_section="\0", delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capital letters
    parser.read_string(f"[\0\0]\n{text}")
    everywhere = dict(parser["\0\0"])
    return everywhere, {name: dict(parser[name]) for name in parser.sections() if name != "\0\0"}


def _check(row: Effective) -> None:
    name, value = row.given_by or row.variable.names[0], row.value
    if row.field.startswith(_PERIOD):
        try:
            period_s = parse_duration_s(str(value))
        except ValueError as error:
            raise SettingError(f"{name}={value}: {error}") from None
        if period_s < SHORTEST_PERIOD_S:
            raise SettingError(f"{name}={value}: expected at least {SHORTEST_PERIOD_S * 1000:g}ms")
    elif row.field == "node" and (not str(value).isprintable() or set(str(value)) & set("/ *?[]")):
        raise SettingError(f"{name}={value}: expected a name without spaces, slashes, or any of * ? [ ]")
    elif row.field == "redis_url" and value is not None:
        try:
            parse_redis_url(str(value))
        except ValueError as error:  # which never shows a password
            raise SettingError(f"{name}: {error}") from None
    elif row.field == "gpu_devices" and isinstance(value, tuple) and not all(one.isdigit() for one in value):
        raise SettingError(f"{name}={' '.join(value)}: expected numbers such as 0 1")


def _one_line(error: Exception) -> str:
    text = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return " ".join(text.split())
