"""What faults are about: which fields a kind needs, which faults are the same, and how one is told to a person.

Scenario files, the command line and those who carry faults out all judge by these.
"""

from __future__ import annotations

import math

from galileo_schemas.events import AnyFault

_NEEDS: dict[str, tuple[str, ...]] = {
    "kill_node": ("node",),
    "add_latency": ("origin", "destination", "latency_ms"),
    "burn_cpu": ("node", "cores"),
    "cut_bus": ("service",),
}
_TARGETS: dict[str, tuple[str, ...]] = {
    "kill_node": ("node",),
    "add_latency": ("origin", "destination"),
    "burn_cpu": ("node",),
    "cut_bus": ("service",),
}
_POSITIVE = ("latency_ms", "cores")
POSSIBLE_FIELDS = ("node", "origin", "destination", "latency_ms", "cores", "service", "half_open")


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields that a fault of this kind has to have."""
    return _NEEDS[kind]


def what_is_wrong(fault: AnyFault) -> str | None:
    """Why such a fault cannot be, None when it can: a field that its kind needs is missing or is no sensible number."""
    for name in _NEEDS[fault.kind]:
        value = getattr(fault, name)
        if name in _POSITIVE and not (value > 0 and math.isfinite(value)):
            return f"{fault.kind} needs {name}, a number above 0, got {value:g}"
        if value == "":
            return f"{fault.kind} needs {name}, which is empty"
    return None


def target_of(fault: AnyFault) -> tuple[str, ...]:
    """What a fault hits: two of one kind with the same target are the same fault. Latency has no direction."""
    names = tuple(getattr(fault, name) for name in _TARGETS[fault.kind])
    return (fault.kind, *sorted(names))


def is_meant(fault: AnyFault, end: AnyFault) -> bool:
    """Whether an ask to end faults means this one: the kind is the same, and so is each name that the ask gives."""
    if fault.kind != end.kind:
        return False
    hit, given = target_of(fault)[1:], [name for name in target_of(end)[1:] if name]
    return list(hit) == given if len(given) == len(hit) else all(name in hit for name in given)


def told(fault: AnyFault) -> str:
    """What is broken, in a few words: `node edge-2 is down`. Names that are empty stand for any."""
    match fault.kind:
        case "kill_node":
            return f"node {fault.node or 'any'} is down"
        case "add_latency":
            return f"{fault.latency_ms:g} ms more between {fault.origin or 'all'} and {fault.destination or 'all'}"
        case "burn_cpu":
            return f"{fault.cores:g} cores of {fault.node or 'any node'} are taken"
        case "cut_bus":
            half_open = " (half open)" if fault.half_open else ""
            return f"{fault.service or 'a service'} is cut off from the bus{half_open}"
