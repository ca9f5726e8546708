"""How clients and asks are named to a person; the same words wherever they are shown."""

from __future__ import annotations

from galileo_schemas.event import Event
from galileo_schemas.events import ClientMove, ClientPause, ClientResume, Fault, FaultEnd, SettingChange
from galileo_schemas.fault_fields import told


def whose(fn: str, zone: str) -> str:
    """Which clients are meant: `all clients`, `clients of resnet`, `clients of resnet in zone-a`."""
    words = [f"of {fn}"] if fn else []
    words += [f"in {zone}"] if zone else []
    return " ".join(["clients" if words else "all clients", *words])


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
            return f"break: {told(ask)}"
        case FaultEnd():
            return f"mend: {told(ask)}"
        case SettingChange():
            return f"set {ask.variable} of {ask.service} to {ask.value}"
    raise TypeError(f"{type(ask).__name__} asks for nothing")
