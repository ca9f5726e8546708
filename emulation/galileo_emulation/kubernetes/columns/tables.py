"""Tables: the form in which the server prints objects for `kubectl get`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..apiobjects import JsonObject, unix_seconds

# What stands in a cell: text or a number.
Cell = Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column: name, type (string, integer, date), format, and priority (0: always shown, 1: with -o wide)."""

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0

    def definition(self) -> JsonObject:
        """As the Table object writes it."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": "",
            "priority": self.priority,
        }


@dataclass(frozen=True, slots=True)
class Columns:
    """A kind's columns, and the function that fills a row: (object, now in Unix seconds) to cells."""

    columns: tuple[Column, ...]
    cells: Callable[[JsonObject, float], list[Cell]]


NAME = Column("Name", format="name")


def age(body: JsonObject, now: float) -> str:
    """Time since creation, as kubectl shows it; `now` in Unix seconds."""
    return since(body["metadata"].get("creationTimestamp"), now)


def since(moment: str | None, now: float) -> str:
    """Time since a moment as kubectl shows it: two units at most, the smaller one while it matters."""
    if moment is None:
        return "<unknown>"
    return elapsed(now - unix_seconds(moment))


def elapsed(length_s: float) -> str:
    """A length of time in seconds as kubectl shows it."""
    seconds = max(0, int(length_s))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    years = days // 365
    for below, number, unit, rest, rest_unit in (
        (seconds < 120, seconds, "s", 0, ""),
        (minutes < 10, minutes, "m", seconds % 60, "s"),
        (hours < 3, minutes, "m", 0, ""),
        (hours < 8, hours, "h", minutes % 60, "m"),
        (days < 2, hours, "h", 0, ""),
        (days < 8, days, "d", hours % 24, "h"),
        (years < 2, days, "d", 0, ""),
        (years < 8, years, "y", days % 365, "d"),
    ):
        if below:
            return f"{number}{unit}{rest}{rest_unit}" if rest else f"{number}{unit}"
    return f"{years}y"


_ROLE_PREFIX = "node-role.kubernetes.io/"


def _node_state(body: JsonObject) -> str:
    state = "Unknown"  # of a node that never said anything; one that says no more is not ready
    for condition in body.get("status", {}).get("conditions", []):
        if condition.get("type") == "Ready":
            state = "Ready" if condition.get("status") == "True" else "NotReady"
    return f"{state},SchedulingDisabled" if body.get("spec", {}).get("unschedulable") else state


def _node_roles(labels: dict[str, str]) -> str:
    roles = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    if labels.get("kubernetes.io/role"):
        roles.add(labels["kubernetes.io/role"])
    return ",".join(sorted(roles)) or "<none>"


def _node_cells(body: JsonObject, now: float) -> list[Cell]:
    status = body.get("status", {})
    info = status.get("nodeInfo", {})
    addresses = {entry.get("type"): entry.get("address") for entry in status.get("addresses", [])}
    kernel = info.get("kernelVersion") or "<unknown>"
    architecture = info.get("architecture")
    return [
        body["metadata"]["name"],
        _node_state(body),
        _node_roles(body["metadata"].get("labels", {})),
        age(body, now),
        info.get("kubeletVersion", ""),
        addresses.get("InternalIP", "<none>"),
        addresses.get("ExternalIP", "<none>"),
        info.get("osImage") or "<unknown>",
        f"{kernel} ({architecture})" if architecture else kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


NODE_COLUMNS = Columns(
    (
        NAME,
        Column("Status"),
        Column("Roles"),
        Column("Age"),
        Column("Version"),
        Column("Internal-IP", priority=1),
        Column("External-IP", priority=1),
        Column("OS-Image", priority=1),
        Column("Kernel-Version", priority=1),
        Column("Container-Runtime", priority=1),
    ),
    _node_cells,
)


def _plain_cells(body: JsonObject, now: float) -> list[Cell]:
    return [body["metadata"]["name"], age(body, now)]


PLAIN_COLUMNS = Columns((NAME, Column("Age")), _plain_cells)

NAMESPACE_COLUMNS = Columns(
    (NAME, Column("Status"), Column("Age")),
    lambda body, now: [
        body["metadata"]["name"],
        body.get("status", {}).get("phase", ""),
        age(body, now),
    ],
)

LEASE_COLUMNS = Columns(
    (NAME, Column("Holder"), Column("Age")),
    lambda body, now: [
        body["metadata"]["name"],
        body.get("spec", {}).get("holderIdentity", ""),
        age(body, now),
    ],
)


def _event_cells(body: JsonObject, now: float) -> list[Cell]:
    about, source, series = body.get("involvedObject", {}), body.get("source", {}), body.get("series", {})
    first = since(body.get("firstTimestamp") or body.get("eventTime"), now)
    last = since(body["lastTimestamp"], now) if body.get("lastTimestamp") else first
    if series:
        last = since(series.get("lastObservedTime"), now)
    kind, name = about.get("kind", "").lower(), about.get("name", "")
    component = source.get("component") or body.get("reportingComponent")
    return [
        last,
        body.get("type", ""),
        body.get("reason", ""),
        f"{kind}/{name}" if name else kind,
        about.get("fieldPath", ""),
        ", ".join(filter(None, (component, source.get("host") or body.get("reportingInstance")))),
        body.get("message", "").strip(),
        first,
        series.get("count", 0) if series else body.get("count") or 1,
        body["metadata"]["name"],
    ]


EVENT_COLUMNS = Columns(
    (
        Column("Last Seen"),
        Column("Type"),
        Column("Reason"),
        Column("Object"),
        Column("Subobject", priority=1),
        Column("Source", priority=1),
        Column("Message"),
        Column("First Seen", priority=1),
        Column("Count", priority=1),
        Column("Name", format="name", priority=1),
    ),
    _event_cells,
)


CONFIG_MAP_COLUMNS = Columns(
    (NAME, Column("Data"), Column("Age")),
    lambda body, now: [
        body["metadata"]["name"],
        len(body.get("data", {})) + len(body.get("binaryData", {})),
        age(body, now),
    ],
)
