"""How a new object comes to be: what the client may not choose, defaults, admission, validation, and then the store."""

from collections.abc import Callable
from typing import TypeAlias

from ..apiobjects import JsonObject, timestamp
from ..checks.metadata import metadata_causes
from ..errors import ApiError, already_exists, bad_request, namespace_terminating, not_found
from ..kind import Kind
from ..kinds import NAMESPACES
from ..managers.field_tracking import CONTROLLERS, Writer, created, unowned_parts
from ..managers.managed_fields import Entries
from ..storage.store import Store
from ..types.built_in_structures import structure_of
from .outcome import Outcome, refuse_if
from .reviewing import Wish, reviewer

Admission: TypeAlias = Callable[[str, JsonObject], None]

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5
# A drawn name that is taken is drawn again this often, before the client is told that it exists.
_NAME_DRAWS = 8
_SERVER_OWNED = ("selfLink", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")


def admit_everything(plural: str, body: JsonObject) -> None:
    """Change nothing."""


def create(
    store: Store,
    kind: Kind,
    namespace: str,
    body: JsonObject,
    *,
    admit: Admission = admit_everything,
    dry_run: bool = False,
    manager: str = CONTROLLERS,
    managed: Entries | None = None,
) -> Outcome:
    """Make an object of `body`, which is taken over, and store it unless `dry_run`. Raises ApiError.

    `admit` sees (plural, object) after defaults and before validation and may change the object. `manager` is who
    creates it, and so manages its fields; `managed` says instead who does, where that was decided before.
    """
    metadata = body.setdefault("metadata", {})
    if metadata.get("resourceVersion"):
        raise ApiError(500, None, "resourceVersion should not be set on objects to be created")
    _place(store, kind, namespace, metadata)
    for field in _SERVER_OWNED:
        metadata.pop(field, None)
    kind.default(body)
    moment = timestamp(store.now())
    if managed is None:
        # Whoever creates an object manages what it sent and its defaults, not what admission makes of that.
        writer = Writer(manager, kind.api_version)
        unowned = unowned_parts(kind, "")
        managed = created(structure_of(kind), kind.shown(body), writer, moment=moment, ignored=unowned)
    review = reviewer(store)
    if review is not None:
        body = review.mutated(Wish("CREATE", kind, namespace, body, None, dry_run)) or body
        metadata = body["metadata"]
    _name(store, kind, namespace, metadata)
    metadata["uid"] = store.new_uid()
    metadata["creationTimestamp"] = moment
    if kind.generation != "none":
        metadata["generation"] = 1
    admit(kind.plural, body)
    metadata.pop("managedFields", None)
    if review is not None or admit is not admit_everything:
        # What admission added has defaults of its own.
        kind.default(body)
    _complete(store, kind, body)
    if review is not None:
        body = review.accepted(Wish("CREATE", kind, namespace, body, None, dry_run)) or body
        metadata = body["metadata"]
    if store.get(kind, namespace, metadata["name"]) is not None:
        raise already_exists(kind, metadata["name"])
    warnings = kind.warn(body)
    if dry_run:
        return Outcome.shown(body, 201, warnings, managed)
    return Outcome.of(store.put(kind, body, managed), 201, warnings)


def _complete(store: Store, kind: Kind, body: JsonObject) -> None:
    kind.set_up(body, store.surroundings())
    # What was set up may have defaults of its own, such as the list of addresses that follows a service's address.
    kind.default(body)
    kind.admit(body)
    causes = metadata_causes(kind, body) + kind.validate(body) + kind.validate_new(body)
    refuse_if(kind, body["metadata"].get("name", ""), causes)


def _place(store: Store, kind: Kind, namespace: str, metadata: JsonObject) -> None:
    if not kind.namespaced:
        metadata.pop("namespace", None)
        return
    if metadata.setdefault("namespace", namespace) != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request: "
            f"{metadata['namespace']} is not {namespace}"
        )
    home = store.get(NAMESPACES, "", namespace)
    if home is None:
        raise not_found(NAMESPACES, namespace)
    if "deletionTimestamp" in home.body["metadata"]:
        raise namespace_terminating(kind, namespace, metadata.get("name", ""))


def _name(store: Store, kind: Kind, namespace: str, metadata: JsonObject) -> None:
    prefix = metadata.get("generateName", "")
    if not prefix or metadata.get("name"):
        return
    for _ in range(_NAME_DRAWS):
        metadata["name"] = prefix + "".join(store.rng.choices(_SUFFIX_LETTERS, k=_SUFFIX_LENGTH))
        if store.get(kind, namespace, metadata["name"]) is None:
            return
