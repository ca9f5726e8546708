"""The metrics that nodes tell as telemetry samples: what each is, in which unit, and what its subsystem names.

Whatever else a node tells is a metric, too: samples of names that are not here are read like any other.
"""

from __future__ import annotations

from typing import NamedTuple


class Metric(NamedTuple):
    """`subsystem` is what stands behind the metric's name in the channel, empty where a sample is of the whole node."""

    name: str
    unit: str
    meaning: str
    subsystem: str = ""


_CONTAINER = "container id"
_DEVICE = "device"
_GPU = "number of the GPU"


def _of_containers(runtime: str) -> tuple[Metric, ...]:
    prefix = f"{runtime}_cgrp"
    return (
        Metric(f"{prefix}_cpu", "ns", "CPU time of a container so far", _CONTAINER),
        Metric(f"{prefix}_memory", "bytes", "memory in use by a container", _CONTAINER),
        Metric(f"{prefix}_blkio", "bytes", "read and written by a container so far", _CONTAINER),
        Metric(f"{prefix}_net", "bytes", "of a container's network so far", "container id[/device[/rx or tx]]"),
    )


METRICS: tuple[Metric, ...] = (
    Metric("cpu", "%", "share of all processors' time that was busy"),
    Metric("freq", "kHz", "sum of the processors' clocks"),
    Metric("load1", "tasks", "load average of a minute"),
    Metric("load5", "tasks", "load average of five minutes"),
    Metric("procs", "tasks", "tasks that run or want to"),
    Metric("ram", "kB", "memory in use; a kB is 1024 bytes"),
    Metric("tx", "kB/s", "sent by a network device; a kB is 1000 bytes", _DEVICE),
    Metric("rx", "kB/s", "received by a network device; a kB is 1000 bytes", _DEVICE),
    Metric("rd", "kB/s", "read from a disk; a kB is 1000 bytes", _DEVICE),
    Metric("wr", "kB/s", "written to a disk; a kB is 1000 bytes", _DEVICE),
    *(
        Metric(f"psi_{resource}", "µs", f"tasks waited for {resource} so far (pressure stall)", "some or full")
        for resource in ("cpu", "memory", "io")
    ),
    Metric("signal", "dBm", "strength of a wireless link", _DEVICE),
    Metric("tx_bitrate", "Mbit/s", "rate at which a wireless link may send", _DEVICE),
    Metric("rx_bitrate", "Mbit/s", "rate at which a wireless link may receive", _DEVICE),
    *_of_containers("docker"),
    *_of_containers("kubernetes"),
    Metric("gpu_freq", "MHz", "clock of a GPU", _GPU),
    Metric("gpu_util", "%", "share of time in which a GPU computed", _GPU),
    Metric("gpu_util_memory", "%", "share of time in which a GPU's memory was read or written", _GPU),
    Metric("gpu_power", "mW", "power that a GPU draws", _GPU),
    Metric("power", "mW", "power that a part of the board draws", "rail"),
    Metric("watt", "W", "power that a meter shows; the channel names the meter in place of a node"),
    Metric("ping_avg", "ms", "mean round trip to a host", "host"),
    Metric("status", "1 or 0", "whether something is well, true or false in text"),
)

METRICS_BY_NAME: dict[str, Metric] = {metric.name: metric for metric in METRICS}
