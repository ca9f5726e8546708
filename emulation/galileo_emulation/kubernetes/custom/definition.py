"""Definitions as objects: what is filled in when they are made and changed, and how they are marked for deletion."""

from ..apiobjects import JsonObject
from ..kind import Surroundings
from .conditions import condition, with_condition

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""The finalizer that holds a definition until its objects are gone."""


def set_up_definition(body: JsonObject, surroundings: Surroundings) -> None:
    """No name is accepted yet, and nothing stored in any version but the present one."""
    stored = [version.get("name", "") for version in _versions(body) if version.get("storage")]
    body["status"] = {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": stored}


def default_definition(body: JsonObject) -> None:
    """Singular, list kind and conversion; flags of versions."""
    spec = body.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = names.get("kind", "")
    if kind:
        names.setdefault("singular", kind.lower())
        names.setdefault("listKind", f"{kind}List")
    spec.setdefault("conversion", {}).setdefault("strategy", "None")
    for version in _versions(body):
        version.setdefault("served", False)
        version.setdefault("storage", False)


def carry_stored_versions(body: JsonObject, old: JsonObject, surroundings: Surroundings) -> None:
    """A version that has become the storage version is one in which objects may be stored from now on."""
    stored = body["status"].setdefault("storedVersions", [])
    for version in _versions(body):
        if version.get("storage") and version.get("name") not in stored:
            stored.append(version.get("name"))


def mark_definition_deleted(body: JsonObject, moment: str) -> None:
    """Mark a definition: it stays until its objects are gone."""
    metadata = body["metadata"]
    metadata["deletionTimestamp"] = moment
    metadata["finalizers"] = [*metadata.get("finalizers", []), CLEANUP]
    message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
    pending = condition("Terminating", "True", "InstanceDeletionPending", message, moment)
    body["status"]["conditions"] = with_condition(body["status"]["conditions"], pending)


def _versions(body: JsonObject) -> list[JsonObject]:
    versions: list[JsonObject] = body.get("spec", {}).get("versions", [])
    return versions
