"""Objects that kubectl applied on the client's side, now that it applies them on the server's.

Client-side apply keeps what was last applied in an annotation. While an object has it, an application by `kubectl`
takes over what the annotation says and the object still has, without conflict; and the annotation is kept up to date,
so that going back to client-side apply remains possible.
"""

from typing import Any

import orjson

from ..apiobjects import JsonObject
from ..types.elements import ElementError
from ..types.structures import Struct
from ..types.typed_checks import complaints
from .field_sets import EMPTY, FieldSet, difference
from .ownership import differences, fields_of

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
MANAGER = "kubectl"
_LARGEST_ANNOTATIONS_BYTES = 256 * 1024


def last_applied(body: JsonObject) -> str:
    """The annotation; empty where there is none."""
    annotations: dict[str, str] = body.get("metadata", {}).get("annotations") or {}
    return annotations.get(ANNOTATION) or ""


def takes_over(structure: Struct, live: JsonObject) -> FieldSet:
    """The fields that kubectl may take over: last applied by it, and unchanged since. `live` has its apiVersion."""
    try:
        configuration: Any = orjson.loads(last_applied(live) or "null")
    except orjson.JSONDecodeError:
        return EMPTY
    if not isinstance(configuration, dict) or configuration.get("apiVersion") != live["apiVersion"]:
        return EMPTY
    if any(complaints(structure, configuration)):
        return EMPTY
    try:
        changed = differences(structure, configuration, live)
        return difference(difference(fields_of(structure, configuration), changed.written), changed.removed)
    except ElementError:
        return EMPTY


def with_last_applied(document: JsonObject, configuration: JsonObject) -> JsonObject:
    """`document` with the annotation brought up to date, where it has one and there is room for it."""
    if not last_applied(document):
        return document
    metadata = dict(configuration.get("metadata") or {})
    if metadata.get("annotations") is not None:
        metadata["annotations"] = {name: text for name, text in metadata["annotations"].items() if name != ANNOTATION}
    told = orjson.dumps({**configuration, "metadata": metadata}, option=orjson.OPT_SORT_KEYS).decode() + "\n"
    annotations = {**document["metadata"]["annotations"], ANNOTATION: told}
    if sum(len(name) + len(text) for name, text in annotations.items()) > _LARGEST_ANNOTATIONS_BYTES:
        return document
    return {**document, "metadata": {**document["metadata"], "annotations": annotations}}
