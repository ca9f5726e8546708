"""The instruments by the names that settings give them, made for this host's folders. What they share is made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from galileo_services.telemetry_agent.instruments.container_network import ContainerNetwork
from galileo_services.telemetry_agent.instruments.container_use import ContainerUse
from galileo_services.telemetry_agent.instruments.control_groups import ControlGroups, Keeper
from galileo_services.telemetry_agent.instruments.disk import DiskTraffic
from galileo_services.telemetry_agent.instruments.gpu import Gpu, GpuKind, GpuMeasure
from galileo_services.telemetry_agent.instruments.instrument import Instrument
from galileo_services.telemetry_agent.instruments.jetson import JetsonGpu
from galileo_services.telemetry_agent.instruments.load_average import Load, RunnableTasks
from galileo_services.telemetry_agent.instruments.memory import UsedMemory
from galileo_services.telemetry_agent.instruments.network import NetworkTraffic
from galileo_services.telemetry_agent.instruments.nvidia import NvidiaGpus
from galileo_services.telemetry_agent.instruments.power import Power
from galileo_services.telemetry_agent.instruments.pressure_stall import PressureStall
from galileo_services.telemetry_agent.instruments.processor import CpuFrequency, CpuLoad
from galileo_services.telemetry_agent.instruments.wireless import WirelessLinks, WirelessQuality, installed_iw
from galileo_services.telemetry_agent.settings import TelemetryAgentSettings

_KEEPERS: tuple[Keeper, ...] = ("docker", "kubernetes")
_GPU_MEASURES: tuple[GpuMeasure, ...] = ("gpu_freq", "gpu_util", "gpu_power")


def gpu_kinds(settings: TelemetryAgentSettings) -> list[GpuKind]:
    """The makes of GPUs that are looked for, in this order."""
    return [NvidiaGpus(settings.gpu_devices), JetsonGpu(settings.proc_mount, settings.sys_mount)]


def wireless_links(settings: TelemetryAgentSettings) -> WirelessLinks:
    """The wireless devices that are wanted."""
    return WirelessLinks(settings.proc_mount, settings.sys_mount, settings.net_devices, run=installed_iw())


def make_instruments(settings: TelemetryAgentSettings) -> dict[str, Instrument]:
    """Those that are to run, by name."""
    makers = _makers(settings)
    return {name: makers[name]() for name in settings.instruments()}


def _makers(settings: TelemetryAgentSettings) -> dict[str, Callable[[], Instrument]]:
    proc, sys = settings.proc_mount, settings.sys_mount
    groups, gpus, links = ControlGroups(settings.cgroups), gpu_kinds(settings), wireless_links(settings)
    makers: dict[str, Callable[[], Instrument]] = {
        "cpu": partial(CpuLoad, proc),
        "freq": partial(CpuFrequency, sys),
        "load": partial(Load, proc),
        "procs": partial(RunnableTasks, proc),
        "ram": partial(UsedMemory, proc),
        "net": partial(NetworkTraffic, proc, settings.net_devices),
        "disk": partial(DiskTraffic, proc, sys, settings.disk_devices),
        "power": partial(Power, sys),
    }
    for resource in ("cpu", "memory", "io"):
        makers[f"psi_{resource}"] = partial(PressureStall, proc, resource)
    for quality in ("tx_bitrate", "rx_bitrate", "signal"):
        makers[quality] = partial(WirelessQuality, links, quality)
    for measure in _GPU_MEASURES:
        makers[measure] = partial(Gpu, gpus, measure)
    for keeper in _KEEPERS:
        makers[f"{keeper}_cgrp_net"] = partial(ContainerNetwork, groups, keeper, proc)
        for use in ("cpu", "memory", "blkio"):
            makers[f"{keeper}_cgrp_{use}"] = partial(ContainerUse, groups, keeper, use)
    return makers
