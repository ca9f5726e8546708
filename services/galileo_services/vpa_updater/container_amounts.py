"""What a container requests and may use at most, as whole millicores and bytes; and what it is recommended.

Quantities on the one side, the floats of events on the other: here both become the integers that are compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from galileo_schemas.events import PodContainer, Resources
from galileo_schemas.quantities import cpu_millicores, memory_bytes

Resource = Literal["cpu", "memory"]
RESOURCES: tuple[Resource, ...] = ("cpu", "memory")
Amounts = Mapping[Resource, int]
"""Millicores of `cpu` and bytes of `memory`; what is absent is not asked for."""


@dataclass(frozen=True, slots=True)
class ContainerAmounts:
    """One container's requests and limits."""

    requests: Amounts
    limits: Amounts


def container_amounts(spec: PodContainer) -> ContainerAmounts:
    """What an event says that a container asks for. Raises `ValueError` that names what cannot be read."""
    try:
        return ContainerAmounts(read_amounts(spec.resource_requests), read_amounts(spec.resource_limits))
    except ValueError as error:
        raise ValueError(f"container {spec.name}: {error}") from None


def read_amounts(quantities: Mapping[str, str]) -> dict[Resource, int]:
    """The amounts among a container's quantities. Raises `ValueError`."""
    amounts: dict[Resource, int] = {}
    if "cpu" in quantities:
        amounts["cpu"] = math.ceil(round(cpu_millicores(quantities["cpu"]), 6))
    if "memory" in quantities:
        amounts["memory"] = memory_bytes(quantities["memory"])
    return amounts


def recommended_amounts(resources: Resources) -> dict[Resource, int]:
    """The amounts that a recommendation names."""
    amounts: dict[Resource, int] = {}
    if resources.cpu_millicores is not None:
        amounts["cpu"] = round(resources.cpu_millicores)
    if resources.memory_bytes is not None:
        amounts["memory"] = round(resources.memory_bytes)
    return amounts


def as_resources(amounts: Amounts) -> Resources:
    """The same for an event."""
    cpu, memory = amounts.get("cpu"), amounts.get("memory")
    return Resources(
        cpu_millicores=None if cpu is None else float(cpu), memory_bytes=None if memory is None else float(memory)
    )
