"""GPUs: NVIDIA's cards by a library, which a stand-in replaces here, and a Jetson's by its files."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from galileo_services.telemetry_agent.instruments.gpu import Gpu, GpuMeasure, find_gpus
from galileo_services.telemetry_agent.instruments.instrument import Reading, UnavailableError
from galileo_services.telemetry_agent.instruments.jetson import JetsonGpu, Rail, find_rails
from galileo_services.telemetry_agent.instruments.nvidia import NvidiaGpus

from tests.services.telemetry_agent.made_up_host import MadeUpHost

MEASURES: tuple[GpuMeasure, ...] = ("gpu_freq", "gpu_util", "gpu_power")


class StandInError(Exception):
    """What the library raises."""


class StandIn:
    """Two cards of which one cannot tell its power; by the names of the library's own functions."""

    NVMLError = StandInError
    NVML_CLOCK_GRAPHICS = "graphics"
    NVML_CLOCK_ID_CURRENT = "current"

    def __init__(self) -> None:
        self.trouble: str | None = None

    def nvmlInit(self) -> None:  # noqa: N802
        if self.trouble:
            raise StandInError(self.trouble)

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return 100 + index

    def nvmlDeviceGetName(self, handle: int) -> str | bytes:  # noqa: N802
        return "Tesla V100-SXM2-16GB" if handle == 100 else b"NVIDIA A2"

    def nvmlDeviceGetClock(self, handle: int, clock: str, which: str) -> int:  # noqa: N802
        assert (clock, which) == ("graphics", "current")
        return {100: 1380, 101: 210}[handle]

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=handle - 60, memory=handle - 90)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:  # noqa: N802
        if handle == 101:
            raise StandInError("Not Supported")
        return 43_000


def test_cards_are_told_by_their_numbers_whatever_is_in_their_names() -> None:
    cards = NvidiaGpus(library=StandIn)
    assert cards.find() == {"0": "Tesla V100-SXM2-16GB", "1": "NVIDIA A2"}
    assert cards.measure("gpu_freq") == [Reading("gpu_freq/0", 1380.0), Reading("gpu_freq/1", 210.0)]
    assert cards.measure("gpu_util")[:2] == [Reading("gpu_util/0", 40.0), Reading("gpu_util_memory/0", 10.0)]


def test_what_one_card_cannot_tell_the_other_does() -> None:
    cards = NvidiaGpus(library=StandIn)
    cards.find()
    assert cards.measure("gpu_power") == [Reading("gpu_power/0", 43_000.0)]


def test_what_no_card_can_tell_is_left_out() -> None:
    cards = NvidiaGpus(["1"], library=StandIn)
    with pytest.raises(UnavailableError, match="gpu_power of GPU 1: Not Supported"):
        Gpu([cards], "gpu_power").begin(0.0)
    Gpu([cards], "gpu_util").begin(0.0)


def test_only_the_cards_that_are_named_are_told() -> None:
    assert NvidiaGpus(["1"], library=StandIn).find() == {"1": "NVIDIA A2"}
    with pytest.raises(UnavailableError, match="no NVIDIA GPU"):
        NvidiaGpus(["7"], library=StandIn).find()


def test_without_the_package_or_a_driver_there_are_none() -> None:
    def not_installed() -> None:
        raise ImportError("No module named 'pynvml'")

    with pytest.raises(UnavailableError, match="nvidia-ml-py is not installed"):
        NvidiaGpus(library=not_installed).find()
    broken = StandIn()
    broken.trouble = "Driver Not Loaded"
    with pytest.raises(UnavailableError, match="NVIDIA's library: Driver Not Loaded"):
        NvidiaGpus(library=lambda: broken).find()


def jetson(host: MadeUpHost) -> JetsonGpu:
    host.write("sys/devices/gpu.0/load", 437)
    host.write("sys/devices/gpu.0/devfreq/17000000.ga10b/cur_freq", 624_750_000)
    host.write("proc/device-tree/model", "NVIDIA Orin Nano Developer Kit\0")
    sensor = "sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon3"
    for number, label, millivolt, milliampere in ((1, "VDD_IN", 5000, 1200), (2, "VDD_CPU_GPU_CV", 5008, 100)):
        host.write(f"{sensor}/in{number}_label", f"{label}\n")
        host.write(f"{sensor}/in{number}_input", millivolt)
        host.write(f"{sensor}/curr{number}_input", milliampere)
    host.write(f"{sensor}/in7_label", "sum of shunt voltages\n")
    host.write(f"{sensor}/in7_input", 8)
    return JetsonGpu(host.proc, host.sys)


def test_a_jetson_is_told_with_its_rails(host: MadeUpHost) -> None:
    found = {}
    for what in MEASURES:
        gpu = Gpu([NvidiaGpus(["7"], library=StandIn), jetson(host)], what)
        gpu.begin(0.0)
        found[what] = gpu.read(1.0)
    assert found == {
        "gpu_freq": [Reading("gpu_freq/0", 624.75)],
        "gpu_util": [Reading("gpu_util/0", 43.7)],
        "gpu_power": [
            ("power/VDD_CPU_GPU_CV", pytest.approx(500.8)),
            ("power/VDD_IN", pytest.approx(6000.0)),
        ],
    }
    assert find_gpus([jetson(host)])[1] == {"0": "NVIDIA Orin Nano Developer Kit"}


def test_an_older_jetson_tells_the_power_itself(host: MadeUpHost) -> None:
    sensor = "sys/bus/i2c/drivers/ina3221x/0-0041/iio:device1"
    host.write(f"{sensor}/rail_name_0", "VDD_IN\n")
    host.write(f"{sensor}/in_power0_input", 4200)
    host.write(f"{sensor}/rail_name_1", "NC\n")
    (rail,) = find_rails(f"{host.sys}/bus/i2c/drivers")
    assert rail == Rail("VDD_IN", (f"{host.root}/{sensor}/in_power0_input",), 1.0)
    host.write("sys/devices/gpu.0/load", 0)
    gpu = Gpu([JetsonGpu(host.proc, host.sys)], "gpu_power")
    gpu.begin(0.0)
    assert gpu.read(1.0) == [Reading("power/VDD_IN", 4200.0)]
    with pytest.raises(UnavailableError, match="no clock under"):
        Gpu([JetsonGpu(host.proc, host.sys)], "gpu_freq").begin(0.0)


def test_a_host_without_any_says_why_each_kind_is_not_there(host: MadeUpHost) -> None:
    with pytest.raises(UnavailableError, match=r"^no NVIDIA GPU; no Jetson$"):
        Gpu([NvidiaGpus(["7"], library=StandIn), JetsonGpu(host.proc, host.sys)], "gpu_util").begin(0.0)
