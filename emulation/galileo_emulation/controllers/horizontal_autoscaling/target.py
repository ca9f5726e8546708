"""What an autoscaler scales: any object with a scale subresource, found by its kind in whatever version is offered."""

from __future__ import annotations

from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError, no_such_resource, not_found
from galileo_emulation.kubernetes.in_process import InProcessClient
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.operations.scale import scale_of
from galileo_emulation.kubernetes.storage.catalog import Catalog


class NoScaleError(Exception):
    """The target, or its scale, is not there; the message says why."""


def target_of(autoscaler: JsonObject, catalog: Catalog, api: InProcessClient) -> tuple[Kind, JsonObject, JsonObject]:
    """The target's kind, the target, and its Scale. Raises NoScaleError."""
    reference = autoscaler["spec"]["scaleTargetRef"]
    kind = _kind(reference, catalog)
    try:
        if kind.scale is None:
            raise no_such_resource()
        found = api.get(kind, reference["name"], autoscaler["metadata"]["namespace"])
        if found is None:
            raise not_found(kind, reference["name"])
        return kind, found, scale_of(kind, found)
    except ApiError as error:
        raise NoScaleError(error.message) from None


def _kind(reference: JsonObject, catalog: Catalog) -> Kind:
    group, _, version = reference.get("apiVersion", "").rpartition("/")
    of_name = [kind for kind in catalog.kinds if (kind.group, kind.kind) == (group, reference["kind"])]
    if not of_name:
        raise NoScaleError(f'no matches for kind "{reference["kind"]}" in group "{group}"')
    # Scale means the same in all versions, so that one which is no longer offered does no harm.
    return next((kind for kind in of_name if kind.version == version), of_name[0])
