"""Server-side apply as tests write it, and what managers manage as tests read it."""

from typing import Any

from tests.emulation.kubernetes.calls import Calls

# Answered JSON, of whatever shape.
Json = Any

APPLY = "application/apply-patch+yaml"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
SERVICES = "/api/v1/namespaces/default/services"


async def apply(calls: Calls, path: str, configuration: Json, manager: str, *, query: str = "") -> tuple[int, Json]:
    """Apply as `manager`; `query` begins with & and adds to the parameters."""
    return await calls.send("PATCH", f"{path}?fieldManager={manager}{query}", configuration, content_type=APPLY)


async def applied(calls: Calls, path: str, configuration: Json, manager: str, *, query: str = "") -> Json:
    """Apply what has to be taken."""
    status, answer = await apply(calls, path, configuration, manager, query=query)
    assert status in (200, 201), answer
    return answer


def config_map(name: str = "settings", **data: str) -> Json:
    body: Json = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    return {**body, "data": data} if data else body


def pod(name: str = "web", **spec: Any) -> Json:
    container = {"name": "main", "image": "registry.example/app:1"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [container], **spec},
    }


def deployment(**spec: Any) -> Json:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "registry.example/app:1"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template, **spec},
    }


def managers(body: Json) -> list[tuple[str, str, str]]:
    """Who manages fields of an object, in order: (manager, operation, subresource)."""
    entries = body["metadata"].get("managedFields", [])
    return [(entry["manager"], entry["operation"], entry.get("subresource", "")) for entry in entries]


def fields(body: Json, manager: str, operation: str = "Update", subresource: str = "") -> Json:
    """What a manager manages of an object."""
    (entry,) = (
        entry
        for entry in body["metadata"]["managedFields"]
        if (entry["manager"], entry["operation"], entry.get("subresource", "")) == (manager, operation, subresource)
    )
    assert entry["fieldsType"] == "FieldsV1"
    return entry["fieldsV1"]


def conflicts(status: Json) -> list[tuple[str, str]]:
    """The conflicts that a refusal names: (message, field)."""
    assert (status["code"], status["reason"]) == (409, "Conflict"), status
    return [(cause["message"], cause["field"]) for cause in status["details"]["causes"]]
