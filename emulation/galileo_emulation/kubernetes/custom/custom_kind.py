"""From a definition to rows of the catalog, one for every version that is served."""

from ..apiobjects import JsonObject
from ..kind import SCALE, STATUS, CustomHooks, Kind, ScalePaths, Subresource, Surroundings
from ..types.schema_structures import structure_of_schema
from .conditions import is_true
from .custom_object import CustomObjects
from .printer_columns import columns_of
from .structural_schema import schema_of
from .view import View

# The order in which a real server lists them.
_SUBRESOURCES = {**STATUS, **SCALE}
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


def kinds_of(definition: JsonObject) -> list[Kind]:
    """The rows of an established definition."""
    spec = definition["spec"]
    served = [version for version in spec["versions"] if version["served"]]
    # Objects that were all written under the one schema that there ever was need no second look when they are read.
    one_schema = len(spec["versions"]) == 1 and definition["metadata"]["generation"] == 1
    return [_kind(definition, version, one_schema=one_schema) for version in served]


def _kind(definition: JsonObject, version: JsonObject, *, one_schema: bool) -> Kind:
    spec, names = definition["spec"], definition["status"]["acceptedNames"]
    offered = version.get("subresources", {})
    scale = _scale_paths(offered["scale"]) if "scale" in offered else None
    objects = CustomObjects(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        schema=schema_of(version["schema"]["openAPIV3Schema"]),
        has_status="status" in offered,
        scale=scale,
    )
    return Kind(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        singular=names.get("singular", ""),
        namespaced=spec["scope"] == "Namespaced",
        schema="",
        short_names=tuple(names.get("shortNames", ())),
        categories=tuple(names.get("categories", ())),
        verbs=_VERBS,
        subresources=_subresources(offered),
        scale=scale,
        selectable={field["jsonPath"].removeprefix("."): "" for field in version.get("selectableFields", [])},
        generation="content",
        unconditional_put=False,
        set_up=_drop_status if "status" in offered else _leave,
        default=objects.default,
        validate_new=objects.causes,
        validate_change=objects.change_causes,
        validate_status=objects.status_causes,
        deprecation=_deprecation(version, f"{spec['group']}/{version['name']} {names['kind']}"),
        structure=structure_of_schema(version["schema"]["openAPIV3Schema"]),
        columns=columns_of(version.get("additionalPrinterColumns", [])),
        custom=CustomHooks(
            list_kind=names["listKind"],
            schema=version["schema"]["openAPIV3Schema"],
            read=objects.read,
            view=None if one_schema else View(objects),
            terminating=is_true(definition, "Terminating"),
        ),
    )


def _subresources(offered: JsonObject) -> dict[str, Subresource]:
    return {name: subresource for name, subresource in _SUBRESOURCES.items() if name in offered}


def _scale_paths(scale: JsonObject) -> ScalePaths:
    def path(field: str) -> tuple[str, ...]:
        text: str = scale.get(field, "")
        return tuple(text.removeprefix(".").split(".")) if text else ()

    return ScalePaths(path("specReplicasPath"), path("statusReplicasPath"), path("labelSelectorPath"))


def _drop_status(body: JsonObject, surroundings: Surroundings) -> None:
    """A status is written through the subresource alone."""
    body.pop("status", None)


def _leave(body: JsonObject, surroundings: Surroundings) -> None:
    """Without the subresource, a status is like any other field."""


def _deprecation(version: JsonObject, name: str) -> str:
    """What every client of a deprecated version is told; empty for any other version."""
    if not version.get("deprecated"):
        return ""
    return version.get("deprecationWarning") or f"{name} is deprecated"
