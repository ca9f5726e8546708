"""How an object changes: whole (PUT), by patch, or through its status subresource.

All three end here with a full object that should replace the present one. What belongs to the server is put back,
what a subresource may not touch as well; a change that changes nothing keeps the resourceVersion; an object that is
being deleted goes for good when its last finalizer does.
"""

from .apiobjects import JsonObject, copied
from .checks.metadata import metadata_causes
from .errors import Cause, bad_request, conflict, modified_meanwhile, not_found
from .history import Stored
from .kind import Kind
from .outcome import Outcome, refuse_if
from .parts import TAKINGS, Part
from .store import Store
from .validation import finalizer_causes

_SERVER_OWNED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")


def present(store: Store, kind: Kind, namespace: str, name: str) -> Stored:
    """The stored object. Raises ApiError (404)."""
    stored = store.get(kind, namespace, name)
    if stored is None:
        raise not_found(kind, name)
    return stored


def update(
    store: Store,
    kind: Kind,
    current: Stored,
    body: JsonObject,
    *,
    part: Part = "",
    patch: bool = False,
    dry_run: bool = False,
) -> Outcome:
    """Replace `current` by `body`, which is taken over. Raises ApiError.

    `part` is the subresource through which the change comes, such as "status". `patch` tells that the object was made
    by a patch: then a foreign uid is an attempt to change it, not a precondition.
    """
    _check_identity(kind, current, body, patch=patch)
    taking, old = TAKINGS.get(part), current.body
    if taking is None:
        _restore(kind, current, body, part)
    else:
        body = taking.take(body, old)
    if part == "":
        kind.carry(body, old, store.surroundings())
    kind.default(body)
    if part == "":
        kind.admit(body)
    causes = metadata_causes(kind, body) + finalizer_causes(body, old)
    # A status may not carry a changed spec, so what guards the spec has nothing to say about it.
    if taking is not None:
        causes += taking.causes(body, old)
    elif part == "status":
        causes += kind.validate_status(body, old)
    else:
        causes += kind.validate(body) + kind.validate_change(body, old)
    refuse_if(kind, old["metadata"]["name"], causes)
    if taking is not None:
        taking.admit(body, old, store.surroundings())
    if part != "status":
        _raise_generation(kind, body, old)
    warnings = kind.warn(body) if part != "status" else []
    body["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if body == old:
        return Outcome.of(current, warnings=warnings)
    if dry_run:
        return Outcome.shown(body, warnings=warnings)
    if _released(body):
        store.remove(kind, old["metadata"].get("namespace", ""), old["metadata"]["name"])
        return Outcome.shown(body, warnings=warnings)
    return Outcome.of(store.put(kind, body), warnings=warnings)


def _check_identity(kind: Kind, current: Stored, body: JsonObject, *, patch: bool) -> None:
    metadata, own = body.setdefault("metadata", {}), current.body["metadata"]
    name = own["name"]
    if metadata.get("name", name) != name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")
    if kind.namespaced and metadata.get("namespace", own["namespace"]) != own["namespace"]:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    sent_version = metadata.get("resourceVersion")
    if sent_version and sent_version != own["resourceVersion"]:
        raise modified_meanwhile(kind, name)
    if metadata.get("uid", own["uid"]) != own["uid"]:
        if patch:
            rule = f'Invalid value: "{metadata["uid"]}": field is immutable'
            refuse_if(kind, name, [Cause("FieldValueInvalid", rule, "metadata.uid")] * 2)
        why = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {own['uid']}"
        raise conflict(kind, name, why)


def _restore(kind: Kind, current: Stored, body: JsonObject, part: Part) -> None:
    metadata, old = body["metadata"], current.body
    for field in (*_SERVER_OWNED, "name", "namespace", "generateName"):
        metadata.pop(field, None)
        if field in old["metadata"]:
            metadata[field] = old["metadata"][field]
    metadata.pop("managedFields", None)
    metadata.pop("selfLink", None)
    if part == "status":
        kept = [field for field in {*old, *body} if field not in ("metadata", "status")]
    else:
        kept = ["status"] if kind.has_status else []
    earlier = copied({field: old[field] for field in kept if field in old})
    for field in kept:
        body.pop(field, None)
    body.update(earlier)


def _raise_generation(kind: Kind, body: JsonObject, old: JsonObject) -> None:
    if kind.generation == "none":
        return
    if kind.generation == "content and labels":
        raised = _apart_from_metadata(body) != _apart_from_metadata(old)
        raised = raised or body["metadata"].get("labels") != old["metadata"].get("labels")
    else:
        raised = body.get("spec") != old.get("spec")
    if kind.generation == "spec and annotations":
        annotations = body["metadata"].get("annotations"), old["metadata"].get("annotations")
        raised = raised or annotations[0] != annotations[1]
    body["metadata"]["generation"] = old["metadata"].get("generation", 1) + raised


def _apart_from_metadata(body: JsonObject) -> JsonObject:
    return {field: value for field, value in body.items() if field != "metadata"}


def _released(body: JsonObject) -> bool:
    metadata = body["metadata"]
    if metadata.get("finalizers") or "deletionTimestamp" not in metadata:
        return False
    # Namespaces are held by a finalizer in their spec until their content is gone.
    return not metadata.get("deletionGracePeriodSeconds") and not body.get("spec", {}).get("finalizers")
