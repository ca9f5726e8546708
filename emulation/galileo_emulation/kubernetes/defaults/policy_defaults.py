"""What the API adds to disruption budgets, priority classes, roles and their bindings, endpoints and secrets.

Source: the behaviour of kube-apiserver 1.36.
"""

import base64

from ..apiobjects import JsonObject
from ..kind import Surroundings

RBAC_GROUP = "rbac.authorization.k8s.io"
BUDGET_COUNTS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")


def set_up_budget(body: JsonObject, surroundings: Surroundings) -> None:
    """No status yet: whoever looks at it sees that no controller has."""
    body["status"] = {}


def default_budget(body: JsonObject) -> None:
    """The status always counts."""
    body.setdefault("spec", {})
    status = body.setdefault("status", {})
    for name in BUDGET_COUNTS:
        status.setdefault(name, 0)


def default_priority_class(body: JsonObject) -> None:
    """A class has a value, and preempts unless it says otherwise."""
    body.setdefault("value", 0)
    body.setdefault("preemptionPolicy", "PreemptLowerPriority")


def default_role(body: JsonObject) -> None:
    """A role without rules says so."""
    body.setdefault("rules", None)


def default_role_binding(body: JsonObject) -> None:
    """Roles, users and groups are of one API group; service accounts of none."""
    reference = body.setdefault("roleRef", {})
    reference.setdefault("apiGroup", RBAC_GROUP)
    reference.setdefault("kind", "")
    reference.setdefault("name", "")
    for subject in body.get("subjects", []):
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", RBAC_GROUP)


def default_endpoints(body: JsonObject) -> None:
    """Ports are of TCP unless they say otherwise."""
    for subset in body.get("subsets", []):
        for port in subset.get("ports", []):
            port.setdefault("protocol", "TCP")


def default_endpoint_slice(body: JsonObject) -> None:
    """Ports have a name, if only an empty one; what is never left out is told as null."""
    for port in body.get("ports") or []:
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")
    for endpoint in body.get("endpoints") or []:
        endpoint.setdefault("conditions", {})
    body.setdefault("endpoints", None)
    body.setdefault("ports", None)


def default_secret(body: JsonObject) -> None:
    """Texts that were sent as such become data; a secret without a type is opaque."""
    texts = body.pop("stringData", None)
    if texts:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        body["data"] = {**body.get("data", {}), **encoded}
    body.setdefault("type", "Opaque")
