"""The scale subresource: the number of replicas of any kind, behind one small object (autoscaling/v1 Scale).

Where a kind keeps its numbers stands on its row (`Kind.scale`), so that custom kinds have the same with paths of their
own. A Scale is never stored: it is read off the object, and what a client writes into it becomes a change of the
object, which then is checked like any other change.
"""

from typing import Any

from ..apiobjects import JsonObject, copied
from ..checks.validation import wrong
from ..columns.tables import NAME, Cell, Column, Columns, age
from ..errors import Cause, internal_error
from ..kind import Kind, ScalePaths
from ..label_selectors import selector_text

_SHOWN_METADATA = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
# Those fields of a Scale's metadata which say what the client thinks that it is changing.
_IDENTITY = ("name", "namespace", "uid", "resourceVersion")


def _cells(body: JsonObject, now: float) -> list[Cell]:
    return [
        body["metadata"]["name"],
        body["spec"].get("replicas", 0),
        body["status"].get("replicas", 0),
        age(body, now),
    ]


SCALE = Kind(
    group="autoscaling",
    version="v1",
    kind="Scale",
    plural="scales",
    singular="scale",
    namespaced=True,
    schema="V1Scale",
    columns=Columns(
        (NAME, Column("Desired", type="integer"), Column("Available", type="integer"), Column("Age")),
        _cells,
    ),
)
"""How a Scale is read and written; not a kind on offer."""


def scale_of(kind: Kind, body: JsonObject) -> JsonObject:
    """The Scale of an object. Raises ApiError (500) where a custom object has no number of replicas."""
    paths = _paths(kind)
    replicas = _at(body, paths.replicas)
    if replicas is None:
        field = "." + ".".join(paths.replicas)
        raise internal_error(f'the spec replicas field "{field}" does not exist')
    metadata = {field: body["metadata"][field] for field in _SHOWN_METADATA if field in body["metadata"]}
    status: JsonObject = {"replicas": _at(body, paths.status_replicas) or 0}
    selector = _at(body, paths.selector)
    text = selector if isinstance(selector, str) else selector_text(selector)
    if text:
        status["selector"] = text
    return {"metadata": metadata, "spec": {"replicas": replicas} if replicas else {}, "status": status}


def scaled(kind: Kind, body: JsonObject, scale: JsonObject) -> JsonObject:
    """A copy of the object with the Scale's number of replicas, under the identity that the Scale claims."""
    changed = copied(body)
    claimed = scale.get("metadata", {})
    changed["metadata"] |= {field: claimed[field] for field in _IDENTITY if field in claimed}
    *way, last = _paths(kind).replicas
    place = changed
    for step in way:
        place = place.setdefault(step, {})
    place[last] = scale.get("spec", {}).get("replicas", 0)
    return changed


def scale_causes(scale: JsonObject) -> list[Cause]:
    """Check a Scale that a client sent."""
    replicas = scale.get("spec", {}).get("replicas", 0)
    return [wrong("spec.replicas", replicas, "must be greater than or equal to 0")] if replicas < 0 else []


def _paths(kind: Kind) -> ScalePaths:
    assert kind.scale is not None, f"{kind.resource} offers scale without saying where its replicas are"
    return kind.scale


def _at(body: JsonObject, path: tuple[str, ...]) -> Any:
    found: Any = body if path else None
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found
