"""Services, endpoints, secrets, budgets, classes and bindings in `kubectl get`."""

from collections.abc import Callable

from ..apiobjects import JsonObject
from .tables import NAME, Cell, Column, Columns, age
from .workloads import labels_cell

_SHOWN = 3


def _service_external(spec: JsonObject, status: JsonObject) -> str:
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    own = spec.get("externalIPs", [])
    if spec.get("type") != "LoadBalancer":
        return ",".join(own) or "<none>"
    ingress = status.get("loadBalancer", {}).get("ingress", [])
    given = sorted({entry.get("ip") or entry.get("hostname", "") for entry in ingress} - {""})
    return ",".join([*given, *own]) or "<pending>"


def _port_cell(port: JsonObject) -> str:
    number = f"{port.get('port')}:{port['nodePort']}" if "nodePort" in port else str(port.get("port"))
    return f"{number}/{port.get('protocol')}"


def _service_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    return [
        body["metadata"]["name"],
        spec.get("type", ""),
        spec.get("clusterIP") or "<none>",
        _service_external(spec, status),
        ",".join(_port_cell(port) for port in spec.get("ports", [])) or "<none>",
        age(body, now),
        labels_cell(spec.get("selector")),
    ]


SERVICE_COLUMNS = Columns(
    (
        NAME,
        Column("Type"),
        Column("Cluster-IP"),
        Column("External-IP"),
        Column("Port(s)"),
        Column("Age"),
        Column("Selector", priority=1),
    ),
    _service_cells,
)


def _some(texts: list[str], none: str) -> str:
    more = len(texts) - _SHOWN
    shown = ",".join(texts[:_SHOWN])
    return f"{shown} + {more} more..." if more > 0 else shown or none


def _endpoints_cell(subsets: list[JsonObject]) -> str:
    if not subsets:
        return "<none>"
    found = []
    for subset in subsets:
        addresses = [_in_brackets(entry.get("ip", "")) for entry in subset.get("addresses", [])]
        ports = subset.get("ports", [])
        found += [f"{address}:{port.get('port')}" for port in ports for address in addresses] if ports else addresses
    return _some(found, "")


def _in_brackets(address: str) -> str:
    return f"[{address}]" if ":" in address else address


ENDPOINTS_COLUMNS = Columns(
    (NAME, Column("Endpoints"), Column("Age")),
    lambda body, now: [body["metadata"]["name"], _endpoints_cell(body.get("subsets", [])), age(body, now)],
)


def _slice_cells(body: JsonObject, now: float) -> list[Cell]:
    ports = [str(port.get("port") or port.get("name") or "*") for port in body.get("ports") or []]
    addresses = [text for endpoint in body.get("endpoints") or [] for text in endpoint.get("addresses", [])]
    return [
        body["metadata"]["name"],
        body.get("addressType", ""),
        _some(ports, "<unset>"),
        _some(addresses, "<unset>"),
        age(body, now),
    ]


ENDPOINT_SLICE_COLUMNS = Columns(
    (NAME, Column("AddressType"), Column("Ports"), Column("Endpoints"), Column("Age")), _slice_cells
)

SECRET_COLUMNS = Columns(
    (NAME, Column("Type"), Column("Data"), Column("Age")),
    lambda body, now: [body["metadata"]["name"], body.get("type", ""), len(body.get("data", {})), age(body, now)],
)

SERVICE_ACCOUNT_COLUMNS = Columns(
    (NAME, Column("Secrets"), Column("Age")),
    lambda body, now: [body["metadata"]["name"], len(body.get("secrets", [])), age(body, now)],
)


def _budget_cells(body: JsonObject, now: float) -> list[Cell]:
    spec = body.get("spec", {})
    return [
        body["metadata"]["name"],
        str(spec.get("minAvailable", "N/A")),
        str(spec.get("maxUnavailable", "N/A")),
        body.get("status", {}).get("disruptionsAllowed", 0),
        age(body, now),
    ]


BUDGET_COLUMNS = Columns(
    (
        NAME,
        Column("Min Available"),
        Column("Max Unavailable"),
        Column("Allowed Disruptions", type="integer"),
        Column("Age"),
    ),
    _budget_cells,
)

PRIORITY_CLASS_COLUMNS = Columns(
    (
        NAME,
        Column("Value", type="integer"),
        Column("Global-Default", type="boolean"),
        Column("Age"),
        Column("PreemptionPolicy"),
    ),
    lambda body, now: [
        body["metadata"]["name"],
        body.get("value", 0),
        body.get("globalDefault", False),
        age(body, now),
        body.get("preemptionPolicy", ""),
    ],
)

CREATED_COLUMNS = Columns(
    (NAME, Column("Created At", type="date")),
    lambda body, now: [body["metadata"]["name"], body["metadata"].get("creationTimestamp", "")],
)
"""For kinds that the real server has no columns of their own for."""


def _subjects(body: JsonObject, kind: str, text: Callable[[JsonObject], str]) -> str:
    return ", ".join(text(subject) for subject in body.get("subjects", []) if subject.get("kind") == kind)


def _binding_cells(body: JsonObject, now: float) -> list[Cell]:
    role = body.get("roleRef", {})
    return [
        body["metadata"]["name"],
        f"{role.get('kind', '')}/{role.get('name', '')}",
        age(body, now),
        _subjects(body, "User", lambda subject: str(subject.get("name", ""))),
        _subjects(body, "Group", lambda subject: str(subject.get("name", ""))),
        _subjects(body, "ServiceAccount", lambda subject: f"{subject.get('namespace', '')}/{subject.get('name', '')}"),
    ]


ROLE_BINDING_COLUMNS = Columns(
    (
        NAME,
        Column("Role"),
        Column("Age"),
        Column("Users", priority=1),
        Column("Groups", priority=1),
        Column("ServiceAccounts", priority=1),
    ),
    _binding_cells,
)
