"""NVIDIA's GPUs, by its own library as the package nvidia-ml-py offers it (optional: the extra `gpu`)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from typing import Any

from galileo_services.telemetry_agent.instruments.gpu import GpuMeasure
from galileo_services.telemetry_agent.instruments.instrument import Reading, UnavailableError

MODULE = "pynvml"


def import_library() -> Any:
    """The package's module. Raises `ImportError`."""
    return importlib.import_module(MODULE)


class NvidiaGpus:
    """The cards of this host, or those whose ids are named."""

    def __init__(self, wanted: Collection[str] = (), *, library: Callable[[], Any] = import_library) -> None:
        self._wanted = frozenset(wanted)
        self._import = library
        self._library: Any = None
        self._handles: dict[str, Any] = {}

    def find(self) -> dict[str, str]:
        if self._library is None:
            self._library = self._initialised()
        library = self._library
        try:
            handles = {str(i): library.nvmlDeviceGetHandleByIndex(i) for i in range(library.nvmlDeviceGetCount())}
            self._handles = {i: one for i, one in handles.items() if not self._wanted or i in self._wanted}
            names = {i: _text(library.nvmlDeviceGetName(one)) for i, one in self._handles.items()}
        except library.NVMLError as error:
            raise UnavailableError(f"NVIDIA's library: {error}") from None
        if not names:
            raise UnavailableError("no NVIDIA GPU")
        return names

    def measure(self, what: GpuMeasure) -> list[Reading]:
        readings: list[Reading] = []
        refused = ""
        for gpu, handle in self._handles.items():
            try:
                readings += self._one(what, gpu, handle)
            except self._library.NVMLError as error:  # cards differ in what they can tell
                refused = f"NVIDIA's library: {what} of GPU {gpu}: {error}"
        if not readings:
            raise UnavailableError(refused or "no NVIDIA GPU")
        return readings

    def _one(self, what: GpuMeasure, gpu: str, handle: Any) -> list[Reading]:
        library = self._library
        if what == "gpu_freq":
            clock = (library.NVML_CLOCK_GRAPHICS, library.NVML_CLOCK_ID_CURRENT)
            return [Reading(f"gpu_freq/{gpu}", float(library.nvmlDeviceGetClock(handle, *clock)))]
        if what == "gpu_power":
            return [Reading(f"gpu_power/{gpu}", float(library.nvmlDeviceGetPowerUsage(handle)))]
        rates = library.nvmlDeviceGetUtilizationRates(handle)
        return [Reading(f"gpu_util/{gpu}", float(rates.gpu)), Reading(f"gpu_util_memory/{gpu}", float(rates.memory))]

    def _initialised(self) -> Any:
        try:
            library = self._import()
        except ImportError:
            raise UnavailableError("nvidia-ml-py is not installed") from None
        try:
            library.nvmlInit()
        except library.NVMLError as error:
            raise UnavailableError(f"NVIDIA's library: {error}") from None
        return library


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name
