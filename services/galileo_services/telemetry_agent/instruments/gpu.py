"""`gpu_freq/<id>` in MHz, `gpu_util/<id>` and `gpu_util_memory/<id>` in percent, `gpu_power/<id>` in mW.

NVIDIA's cards are asked by its library, where the package nvidia-ml-py is installed; a Jetson's by files (see
`jetson`), whose power is that of the whole board, by rail: `power/<rail>` in mW. Whoever finds a GPU first is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Protocol

from galileo_services.telemetry_agent.instruments.instrument import Instrument, Reading, UnavailableError

GpuMeasure = Literal["gpu_freq", "gpu_util", "gpu_power"]


class GpuKind(Protocol):
    """One make of GPUs."""

    def find(self) -> dict[str, str]:
        """The names of those that are here, by id. Raises `UnavailableError` when there is none."""

    def measure(self, what: GpuMeasure) -> list[Reading]:
        """Readings of all GPUs that can tell it. Raises `UnavailableError` when none can."""


class Gpu(Instrument):
    """One measure of all GPUs."""

    blocks: ClassVar[bool] = True

    def __init__(self, kinds: Sequence[GpuKind], what: GpuMeasure) -> None:
        self._kinds = kinds
        self._what = what
        self._kind: GpuKind | None = None

    def begin(self, at: float) -> None:
        self._kind = find_gpus(self._kinds)[0]
        self.read(at)

    def read(self, at: float) -> list[Reading]:
        return [] if self._kind is None else self._kind.measure(self._what)


def find_gpus(kinds: Sequence[GpuKind]) -> tuple[GpuKind, dict[str, str]]:
    """The first kind that is here, and its GPUs by id. Raises `UnavailableError`."""
    reasons = []
    for kind in kinds:
        try:
            return kind, kind.find()
        except UnavailableError as reason:
            reasons.append(str(reason))
    raise UnavailableError("; ".join(reasons))
