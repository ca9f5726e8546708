"""How clients, faults and asks are named to a person; the same words wherever they are shown."""

from __future__ import annotations

from typing import Protocol

from galileo_schemas.event import Event
from galileo_schemas.events import ClientMove, ClientPause, ClientResume, Fault, FaultEnd, FaultKind, SettingChange


class AnyFault(Protocol):
    """What the events about faults have in common."""

    kind: FaultKind
    node: str
    origin: str
    destination: str
    latency_ms: float
    cores: float
    service: str


def whose(fn: str, zone: str) -> str:
    """Which clients are meant: `all clients`, `clients of resnet`, `clients of resnet in zone-a`."""
    words = [f"of {fn}"] if fn else []
    words += [f"in {zone}"] if zone else []
    return " ".join(["clients" if words else "all clients", *words])


def fault_text(fault: AnyFault) -> str:
    """What is broken, in a few words."""
    match fault.kind:
        case "kill_node":
            return f"node {fault.node or 'any'} is down"
        case "add_latency":
            return f"{fault.latency_ms:g} ms more between {fault.origin or 'all'} and {fault.destination or 'all'}"
        case "burn_cpu":
            return f"{fault.cores:g} cores of {fault.node or 'any node'} are taken"
        case "cut_bus":
            return f"{fault.service or 'a service'} is cut off from the bus"


def ask_text(ask: Event) -> str:
    """What was asked for, as a person would say it. Raises `TypeError` for what is no ask."""
    match ask:
        case ClientPause():
            return f"pause {whose(ask.fn, ask.zone)}"
        case ClientResume():
            return f"resume {whose(ask.fn, ask.zone)}"
        case ClientMove():
            return f"move {whose(ask.fn, '')} from {ask.origin_zone} to {ask.dest_zone}"
        case Fault(kind="kill_node"):
            return f"kill node {ask.node}"
        case FaultEnd(kind="kill_node"):
            return f"restore node {ask.node}"
        case Fault():
            return f"break: {fault_text(ask)}"
        case FaultEnd():
            return f"mend: {fault_text(ask)}"
        case SettingChange():
            return f"set {ask.variable} of {ask.service} to {ask.value}"
    raise TypeError(f"{type(ask).__name__} asks for nothing")
