"""OpenAPI v3: how kinds look, for `kubectl explain`, and which operations the server validates, for `kubectl apply`.

The schemas are written from the table of field types (fields.json), or come with a custom resource's definition.
kubectl finds a kind by a path's `x-kubernetes-group-version-kind`, its schema by the same mark on a component.
"""

from collections.abc import Iterator

from ..apiobjects import JsonObject
from ..kind import Kind
from .discovery import Offer
from .openapi_schemas import component_name, components

_OK: JsonObject = {"200": {"description": "OK"}}
_FIELD_VALIDATION: JsonObject = {"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}


def paths(offer: Offer) -> list[str]:
    """The groups and versions that are described, as they stand behind /openapi/v3/."""
    return [_prefix(group, version) for group, versions in offer.groups().items() for version in versions]


def index(hashes: dict[str, str]) -> JsonObject:
    """/openapi/v3: where the description of each group and version is. `hashes` maps path to content hash."""
    return {
        "paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={content}"} for path, content in hashes.items()}
    }


def description(offer: Offer, path: str) -> JsonObject | None:
    """/openapi/v3/<path>; None when no such group and version is served."""
    kinds = [kind for kind in offer.kinds() if _prefix(kind.group, kind.version) == path]
    if not kinds:
        return None
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.0"},
        "paths": {place: item for kind in kinds for place, item in _path_items(path, kind)},
        "components": {"schemas": components(kinds)},
    }


def _prefix(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def _path_items(prefix: str, kind: Kind) -> Iterator[tuple[str, JsonObject]]:
    space = "/namespaces/{namespace}" if kind.namespaced else ""
    collection = f"/{prefix}{space}/{kind.plural}"
    yield collection, _operations(kind, {"list": ("get", "list"), "create": ("post", "post")})
    if kind.namespaced and "list" in kind.verbs:
        yield f"/{prefix}/{kind.plural}", _operations(kind, {"list": ("get", "list")})
    on_object = {"get": ("get", "get"), "update": ("put", "put"), "patch": ("patch", "patch")}
    if set(on_object) & set(kind.verbs):
        deletion = {"delete": ("delete", "delete")}
        yield f"{collection}/{{name}}", _operations(kind, {**on_object, **deletion})


def _operations(kind: Kind, verbs: dict[str, tuple[str, str]]) -> JsonObject:
    return {method: _operation(kind, action) for verb, (method, action) in verbs.items() if verb in kind.verbs}


def _operation(kind: Kind, action: str) -> JsonObject:
    operation: JsonObject = {
        "operationId": f"{action}{kind.group.title().replace('.', '')}{kind.version.title()}{kind.kind}",
        "responses": _OK,
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
    }
    if action in ("post", "put", "patch"):
        operation["parameters"] = [_FIELD_VALIDATION]
    if action in ("post", "put"):
        schema = {"$ref": f"#/components/schemas/{component_name(kind)}"}
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return operation
