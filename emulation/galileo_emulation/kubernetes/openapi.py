"""The little of OpenAPI that kubectl asks for before it creates or applies: which kinds can be validated by the server.

kubectl looks for a kind's PATCH operation with the parameter fieldValidation; finding it, it leaves validation to the
server. Schemas are not described.
"""

from .apiobjects import JsonObject
from .catalog import Catalog
from .kind import Kind


def index(catalog: Catalog) -> JsonObject:
    """/openapi/v3: where the description of each group and version is."""
    paths = {
        path: {"serverRelativeURL": f"/openapi/v3/{path}"}
        for group, versions in catalog.group_versions().items()
        for version in versions
        for path in [_prefix(group, version)]
    }
    return {"paths": paths}


def description(catalog: Catalog, path: str) -> JsonObject | None:
    """/openapi/v3/<path>; None when no such group and version is served."""
    kinds = [kind for kind in catalog.kinds if _prefix(kind.group, kind.version) == path]
    if not kinds:
        return None
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.0"},
        "paths": {f"/{path}{_object_path(kind)}": {"patch": _patch(kind)} for kind in kinds},
    }


def _prefix(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def _object_path(kind: Kind) -> str:
    space = "/namespaces/{namespace}" if kind.namespaced else ""
    return f"{space}/{kind.plural}/{{name}}"


def _patch(kind: Kind) -> JsonObject:
    return {
        "operationId": f"patch{kind.group.title().replace('.', '')}{kind.version.title()}{kind.kind}",
        "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": {
            "group": kind.group,
            "version": kind.version,
            "kind": kind.kind,
        },
    }
