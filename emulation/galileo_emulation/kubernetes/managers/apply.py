"""Server-side apply: what becomes of an object, and of its managers, when one of them applies a configuration.

    present object + configuration           -> merged
    merged - what the manager gave up        -> the new object
    what that changes of what others manage  -> conflicts, unless forced

A manager that applies states all that it wants to manage. What it applied before and no longer states is taken out
again, unless others manage it too; what others manage and this would change is a conflict. The decision is made on the
object as the client would write it; defaults and checks follow when the result is stored like any other write.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

from ..apiobjects import JsonObject
from ..errors import ApiError
from ..types.structures import Struct
from .field_sets import FieldSet, difference, encoded, has, intersection, path_text, paths, union
from .field_tracking import NEVER_OWNED, Writer, created, without_lost
from .managed_fields import APPLY, UPDATE, Entries, Entry, in_order
from .merging import merged, without
from .ownership import differences, fields_of, with_named

# A value that JSON decoding gave.
Json = Any

BEFORE_FIRST_APPLY = "before-first-apply"
"""Who manages what an object without managers has, when somebody applies to it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that the configuration would change, and one who manages it."""

    entry: Entry
    path: tuple[str, ...]


class ConflictsError(Exception):
    """Others manage what the configuration would change."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__(f"{len(conflicts)} fields are managed by others")
        self.conflicts = conflicts


@dataclass(frozen=True, slots=True)
class Application:
    """A configuration, who applies it, and when (the API's form). `ignored`: top-level fields that it cannot write."""

    configuration: JsonObject
    writer: Writer
    moment: str
    force: bool = False
    ignored: Container[str] = ()


def applied(
    structure: Struct, live: JsonObject, entries: Entries, application: Application
) -> tuple[JsonObject, Entries]:
    """The object, and who manages it, after the application; `live` is {} where there is no object yet.

    Both are documents with kind and apiVersion, without managedFields. Raises ConflictsError, ElementError.
    """
    writer = application.writer
    if live and not entries:
        before = replace(writer, manager=BEFORE_FIRST_APPLY)
        entries = created(structure, live, before, moment=application.moment, ignored=application.ignored)
    mine = Entry(writer.manager, APPLY, writer.api_version, writer.subresource, "", b"{}")
    previous = next((entry for entry in entries if entry.identity == mine.identity), None)
    others = [entry for entry in entries if entry is not previous]
    stated = _owned(fields_of(structure, application.configuration), application.ignored)
    document: JsonObject = merged(structure, live, application.configuration)
    if previous is not None:
        managed = stated
        for entry in others:
            managed = union(managed, entry.field_set)
        document = _pruned(structure, document, previous.field_set, managed) or {}
    found = differences(structure, live, document, ignored=application.ignored)
    if not application.force:
        conflicts = [
            Conflict(entry, path) for entry in others for path in paths(intersection(entry.field_set, found.written))
        ]
        if conflicts:
            raise ConflictsError(conflicts)
    kept = [entry for entry in (without_lost(entry, found) for entry in others) if entry is not None]
    own = difference(stated, NEVER_OWNED)
    if own:
        earlier_time = previous.time if previous is not None else ""
        time = application.moment if document != live else earlier_time
        kept.append(mine._replace(time=time, fields=encoded(own)))
    return document, in_order(kept)


def _owned(stated: FieldSet, ignored: Container[str]) -> FieldSet:
    return {step: node for step, node in stated.items() if step[2:] not in ignored}


def _pruned(structure: Struct, document: JsonObject, previous: FieldSet, managed: FieldSet) -> Json:
    """Take out what the manager applied before, but for what it, or anybody else, still manages."""
    previous = with_named(structure, previous)
    everything = with_named(structure, fields_of(structure, document))
    candidate = without(structure, document, previous)
    left = with_named(structure, fields_of(structure, candidate))
    kept = union(left, with_named(structure, managed))
    candidate = without(structure, document, difference(everything, kept))
    left = with_named(structure, fields_of(structure, candidate))
    return without(structure, document, intersection(difference(everything, left), previous))


def conflict_error(conflicts: list[Conflict]) -> ApiError:
    """409 that names every conflict."""
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {_named(conflict.entry)}",
            "field": path_text(conflict.path),
        }
        for conflict in conflicts
    ]
    return ApiError(409, "Conflict", _message(conflicts), {"causes": causes})


def _message(conflicts: list[Conflict]) -> str:
    if len(conflicts) == 1:
        (conflict,) = conflicts
        return f"Apply failed with 1 conflict: conflict with {_named(conflict.entry)}: {path_text(conflict.path)}"
    by_manager: dict[str, list[str]] = {}
    for conflict in conflicts:
        by_manager.setdefault(_named(conflict.entry), []).append(f"- {path_text(conflict.path)}")
    told = [line for name, fields in sorted(by_manager.items()) for line in [f"conflicts with {name}:", *fields]]
    return f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(told)


def _named(entry: Entry) -> str:
    name = f'"{entry.manager}"'
    if entry.subresource:
        name += f' with subresource "{entry.subresource}"'
    return f"{name} using {entry.api_version}" if entry.operation == UPDATE else name


def settled(conflicts: list[Conflict], allowed: FieldSet) -> list[Conflict]:
    """The conflicts over fields that are not in `allowed`."""
    return [conflict for conflict in conflicts if not has(allowed, conflict.path)]
