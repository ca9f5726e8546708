"""How an object changes: whole (PUT), by patch, or through its status subresource.

All three end here with a full object that should replace the present one. What belongs to the server is put back,
what a subresource may not touch as well; a change that changes nothing keeps the resourceVersion; an object that is
being deleted goes for good when its last finalizer does.
"""

from ..apiobjects import JsonObject, copied, timestamp
from ..checks.metadata import metadata_causes
from ..checks.validation import finalizer_causes
from ..errors import Cause, bad_request, conflict, modified_meanwhile, not_found
from ..kind import Kind
from ..managers.field_tracking import CONTROLLERS, Writer, base_entries, tracked, unowned_parts
from ..managers.managed_fields import Entries, same_but_for_times
from ..managers.ownership import Differences, differences
from ..storage.history import Stored
from ..storage.store import Store
from ..types.built_in_structures import structure_of
from .outcome import Outcome, refuse_if
from .parts import TAKINGS, Part
from .reviewing import Wish, reviewer

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
    manager: str = CONTROLLERS,
    managed: Entries | None = None,
) -> Outcome:
    """Replace `current` by `body`, which is taken over. Raises ApiError.

    `part` is the subresource through which the change comes, such as "status". `patch` tells that the object was made
    by a patch: then a foreign uid is an attempt to change it, not a precondition. `manager` is who writes, and so
    manages what it changes; `managed` says instead who manages what, where that was decided before.
    """
    _check_identity(kind, current, body, patch=patch)
    sent = body["metadata"].pop("managedFields", None)
    body = _taken(store, kind, current, body, part)
    taking, old = TAKINGS.get(part), current.body
    if managed is None:
        writer = Writer(manager, kind.api_version, part)
        managed = _managed(store, kind, current, body, sent, writer, moment=timestamp(store.now()))
    review, space = reviewer(store), old["metadata"].get("namespace", "")
    if review is not None:
        body = review.mutated(Wish("UPDATE", kind, space, body, current, dry_run)) or body
        _check_identity(kind, current, body, patch=patch)
        body["metadata"].pop("managedFields", None)
        body = _taken(store, kind, current, body, part)
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
    if review is not None:
        body = review.accepted(Wish("UPDATE", kind, space, body, current, dry_run)) or body
    warnings = kind.warn(body) if part != "status" else []
    body["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if body == old and same_but_for_times(managed, current.managed):
        return Outcome.of(current, warnings=warnings)
    if dry_run:
        return Outcome.shown(body, warnings=warnings, managed=managed)
    if _released(kind, body):
        store.remove(kind, space, old["metadata"]["name"])
        return Outcome.shown(body, warnings=warnings, managed=managed)
    return Outcome.of(store.put(kind, body, managed), warnings=warnings)


def _managed(
    store: Store, kind: Kind, current: Stored, body: JsonObject, sent: object, writer: Writer, *, moment: str
) -> Entries:
    """Who manages what after this write; nobody, where nobody did and nothing is applied."""
    entries = base_entries(current.managed, sent, writer.subresource)
    if not entries:
        return ()
    ignored = unowned_parts(kind, writer.subresource)

    before, after = kind.shown(current.body), kind.shown(body)

    def in_version(api_version: str) -> Differences:
        form = _form(store, kind, api_version)
        return differences(structure_of(form), form.shown(current.body), form.shown(body), ignored=ignored)

    return tracked(
        structure_of(kind), before, after, entries, writer, moment=moment, ignored=ignored, in_version=in_version
    )


def _form(store: Store, kind: Kind, api_version: str) -> Kind:
    """The same objects' kind in another version; the kind itself where there is none."""
    others = (other for other in store.catalog.kinds if other.key == kind.key and other.api_version == api_version)
    return next(others, kind)


def _taken(store: Store, kind: Kind, current: Stored, body: JsonObject, part: Part) -> JsonObject:
    """What is taken of `body`: with what belongs to the server and to other parts put back, and with defaults."""
    taking = TAKINGS.get(part)
    if taking is None:
        _restore(kind, current, body, part)
    else:
        body = taking.take(body, current.body)
    if part == "":
        kind.carry(body, current.body, store.surroundings())
    kind.default(body)
    return body


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
    if part == "status" and kind.custom is not None:
        # Labels and all else of the metadata are of the main resource, other than for built-in kinds.
        body["metadata"] = copied(old["metadata"])
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
    if kind.generation in ("content", "content and labels"):
        raised = _content(kind, body) != _content(kind, old)
    else:
        raised = body.get("spec") != old.get("spec")
    if kind.generation == "content and labels":
        raised = raised or body["metadata"].get("labels") != old["metadata"].get("labels")
    if kind.generation == "spec and annotations":
        annotations = body["metadata"].get("annotations"), old["metadata"].get("annotations")
        raised = raised or annotations[0] != annotations[1]
    body["metadata"]["generation"] = old["metadata"].get("generation", 1) + raised


def _content(kind: Kind, body: JsonObject) -> JsonObject:
    apart = ("metadata", "status") if kind.has_status else ("metadata",)
    return {field: value for field, value in body.items() if field not in apart}


def _released(kind: Kind, body: JsonObject) -> bool:
    metadata = body["metadata"]
    if metadata.get("finalizers") or "deletionTimestamp" not in metadata:
        return False
    # Namespaces are held by a finalizer in their spec until their content is gone.
    return not metadata.get("deletionGracePeriodSeconds") and not kind.held_by_spec(body)
