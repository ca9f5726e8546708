"""Server-side apply over HTTP: reading what is applied, deciding (apply.py), and storing it like any other write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ..apiobjects import JsonObject, timestamp
from ..errors import ApiError, bad_request, conflict, invalid_option, not_found
from ..http import requests
from ..http.yaml_documents import read_document
from ..kind import Kind
from ..operations.creation import Admission, create
from ..operations.outcome import Outcome
from ..operations.parts import Part
from ..operations.updates import update
from ..storage.history import Stored
from ..storage.store import Store
from ..types.built_in_structures import structure_of
from ..types.elements import ElementError
from ..types.structures import Struct
from ..types.typed_checks import complaints
from .apply import Application, ConflictsError, applied, conflict_error, settled
from .field_tracking import Writer, unowned_parts
from .last_applied import MANAGER, takes_over, with_last_applied
from .managed_fields import Entries

Query: TypeAlias = Mapping[str, str]
_OPTIONS = "PatchOptions"


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """What a client applies: the configuration, who applies it, whether by force, and what to warn of."""

    configuration: JsonObject
    manager: str
    force: bool
    dry_run: bool
    warnings: list[str] = field(default_factory=list)


def apply_request(query: Query, payload: bytes) -> ApplyRequest:
    """Read a request. Raises ApiError: 422 for wrong parameters, 400 for what is no document."""
    dry_run = requests.dry_run(query, _OPTIONS)
    mode = requests.validation_mode(query, _OPTIONS)
    if not query.get("fieldManager"):
        rule = "Required value: is required for apply patch"
        raise invalid_option(_OPTIONS, "fieldManager", "FieldValueRequired", rule)
    manager = requests.field_manager(query, _OPTIONS, "")
    force = requests.flag(query, "force")
    document, duplicates = read_document(payload)
    if not isinstance(document, dict):
        raise bad_request("error decoding YAML: expected an object with apiVersion, kind and metadata")
    told = [f'key "{name}" already set in map' for name in duplicates] if mode != "Ignore" else []
    if told and mode == "Strict":
        raise bad_request("error strict decoding YAML: " + ", ".join(told))
    return ApplyRequest(document, manager, force, dry_run, told)


def apply(
    store: Store, kind: Kind, namespace: str, name: str, asked: ApplyRequest, *, part: Part, admit: Admission
) -> Outcome:
    """Apply to the object of that name, or create it. Raises ApiError.

    A subresource has nothing to create: there the object has to be there.
    """
    current = store.get(kind, namespace, name)
    if current is None and part:
        raise not_found(kind, name)
    check_configuration(kind, structure_of(kind), asked.configuration)
    writer = Writer(asked.manager, kind.api_version, part)
    document, entries = decide(
        structure_of(kind),
        _document(kind, current),
        current.managed if current is not None else (),
        Application(
            asked.configuration,
            writer,
            moment=timestamp(store.now()),
            force=asked.force,
            ignored=unowned_parts(kind, part),
        ),
    )
    body = requests.patched_object(kind, document, "Ignore").body
    if current is None:
        _check_new(kind, body, name)
        return create(store, kind, namespace, body, admit=admit, dry_run=asked.dry_run, managed=entries)
    return update(store, kind, current, body, part=part, patch=True, dry_run=asked.dry_run, managed=entries)


def _document(kind: Kind, current: Stored | None) -> JsonObject:
    return {} if current is None else {"kind": kind.kind, "apiVersion": kind.api_version, **kind.shown(current.body)}


def check_configuration(kind: Kind, structure: Struct, configuration: JsonObject) -> None:
    """Refuse what is no configuration of the kind. Raises ApiError: 400, or 500 for what does not fit the kind."""
    api_version, own_kind = configuration.get("apiVersion") or "", configuration.get("kind") or ""
    if (api_version, own_kind) != (kind.api_version, kind.kind):
        raise bad_request(f"invalid object type: {_version_text(api_version)}, Kind={own_kind}")
    metadata = configuration.get("metadata")
    if isinstance(metadata, dict) and metadata.get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    wrong = list(complaints(structure, configuration))
    if wrong:
        place = metadata if isinstance(metadata, dict) else {}
        named = f"{place.get('namespace', '')}/{place.get('name', '')}; {_version_text(api_version)}, Kind={own_kind}"
        told = wrong[0] if len(wrong) == 1 else "\n  ".join(["errors:", *wrong])
        raise ApiError(500, None, f"failed to create typed patch object ({named}): {told}")


def _version_text(api_version: object) -> str:
    """A group and version as the API's own messages have them, which for the core group begin with a stroke."""
    text = str(api_version)
    return text if "/" in text else f"/{text}"


def decide(
    structure: Struct, live: JsonObject, entries: Entries, application: Application
) -> tuple[JsonObject, Entries]:
    """Apply, and let kubectl take over what it had applied on the client's side. Raises ApiError (409, 500)."""
    try:
        try:
            document, managed = applied(structure, live, entries, application)
        except ConflictsError as error:
            if application.writer.manager != MANAGER:
                raise
            left = settled(error.conflicts, takes_over(structure, live))
            if left:
                raise ConflictsError(left) from None
            by_force = Application(
                application.configuration, application.writer, application.moment, True, application.ignored
            )
            document, managed = applied(structure, live, entries, by_force)
    except ConflictsError as error:
        raise conflict_error(error.conflicts) from None
    except ElementError as error:
        raise ApiError(500, None, f"failed to merge: {error}") from None
    if application.writer.manager == MANAGER:
        document = with_last_applied(document, application.configuration)
    return document, managed


def _check_new(kind: Kind, body: JsonObject, name: str) -> None:
    metadata = body.get("metadata", {})
    if metadata.get("uid"):
        why = f"uid mismatch: the provided object specified uid {metadata['uid']}, and no existing object was found"
        raise conflict(kind, name, why)
    if not metadata.get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if metadata["name"] != name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")
