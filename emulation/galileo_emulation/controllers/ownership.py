"""Who belongs to whom: owner references, and which of the objects that fit a selector an owner takes or lets go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from galileo_emulation.controllers.label_selector import selects
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind


def controller_of(body: JsonObject) -> JsonObject | None:
    """The reference to the one owner that manages an object; None when there is none."""
    for reference in body["metadata"].get("ownerReferences", ()):
        if reference.get("controller"):
            found: JsonObject = reference
            return found
    return None


def controller_reference(kind: Kind, owner: JsonObject) -> JsonObject:
    """The reference by which `owner` manages an object."""
    metadata = owner["metadata"]
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def by_controller(body: JsonObject) -> tuple[str, ...]:
    """Index by the uid of the controller."""
    reference = controller_of(body)
    return (reference["uid"],) if reference else ()


@dataclass(slots=True)
class Claim:
    """What of some objects is the owner's already, what it should adopt, and what it should let go."""

    owned: list[JsonObject] = field(default_factory=list)
    adopt: list[JsonObject] = field(default_factory=list)
    release: list[JsonObject] = field(default_factory=list)


def claim(owner: JsonObject, selector: JsonObject, candidates: Iterable[JsonObject]) -> Claim:
    """Sort the candidates. An owner that is being deleted neither adopts nor lets go."""
    uid, leaving = owner["metadata"]["uid"], "deletionTimestamp" in owner["metadata"]
    found = Claim()
    for body in candidates:
        reference, fits = controller_of(body), selects(selector, body)
        if reference is not None:
            if reference["uid"] != uid:
                continue
            if fits:
                found.owned.append(body)
            elif not leaving:
                found.release.append(body)
        elif fits and not leaving and "deletionTimestamp" not in body["metadata"]:
            found.adopt.append(body)
    return found


def adoption_patch(kind: Kind, owner: JsonObject, body: JsonObject) -> JsonObject:
    """The patch that gives an object its controller, for this very object."""
    return {"metadata": {**_identity(body), "ownerReferences": [controller_reference(kind, owner)]}}


def release_patch(owner: JsonObject, body: JsonObject) -> JsonObject:
    """The patch that takes an owner's reference off an object, for this very object."""
    gone = {"$patch": "delete", "uid": owner["metadata"]["uid"]}
    return {"metadata": {**_identity(body), "ownerReferences": [gone]}}


def _identity(body: JsonObject) -> JsonObject:
    return {name: body["metadata"][name] for name in ("name", "namespace", "uid") if name in body["metadata"]}
