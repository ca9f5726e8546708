"""What makes a definition, or a change of one, unacceptable: its names, versions and what each version holds.

The schemas have rules of their own, in structural_rules.py.
"""

import re
from collections.abc import Iterator

from ..apiobjects import JsonObject
from ..checks.validation import duplicate, forbidden, required, unsupported, wrong
from ..errors import Cause
from .conditions import is_true
from .names import ANNOTATION, is_protected
from .rules import rule_warnings
from .version_validation import version_causes

_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character"
)
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character"
)
_APPROVAL_RULE = (
    f'protected groups must have approval annotation "{ANNOTATION}", see '
    "https://github.com/kubernetes/enhancements/pull/1111"
)
# No conversion is called: objects of several versions have the same content under another apiVersion.
_CONVERSION_RULE = "conversion webhooks are not called here: use None, which changes the apiVersion alone"


def definition_causes(body: JsonObject) -> list[Cause]:
    """Check a definition as a whole."""
    return list(_definition_causes(body))


def definition_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """What cannot change: the resource's name, and once objects can be stored, their kind and scope."""
    fixed = [("group", ("group",)), ("names.plural", ("names", "plural"))]
    if is_true(old, "Established"):
        fixed += [("scope", ("scope",)), ("names.kind", ("names", "kind"))]
    causes = []
    for field, path in fixed:
        after, before = _at(new["spec"], path), _at(old["spec"], path)
        if after != before:
            causes.append(wrong(f"spec.{field}", after, "field is immutable"))
    return causes


def definition_status_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """What is wrong with a status: the versions in which objects may be stored have to be there, and be named."""
    stored, versions = new.get("status", {}).get("storedVersions", []), new["spec"]["versions"]
    if not stored:
        return [wrong("status.storedVersions", stored, "must have at least one stored version")]
    missing = [version["name"] for version in versions if version["storage"] and version["name"] not in stored]
    causes = [wrong("status.storedVersions", stored, f"must have the storage version {name}") for name in missing]
    return [*causes, *_stored_causes(stored, versions)]


def definition_warnings(body: JsonObject) -> list[str]:
    """Say which rules are not evaluated here."""
    return [
        warning
        for index, version in enumerate(body["spec"]["versions"])
        for warning in rule_warnings(
            version["schema"]["openAPIV3Schema"], f"spec.versions[{index}].schema.openAPIV3Schema"
        )
    ]


def _at(spec: JsonObject, path: tuple[str, ...]) -> object:
    found: object = spec
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _definition_causes(body: JsonObject) -> Iterator[Cause]:
    spec, metadata = body["spec"], body["metadata"]
    names, group = spec["names"], spec.get("group", "")
    if metadata.get("name") != f"{names.get('plural', '')}.{group}":
        yield wrong("metadata.name", metadata.get("name", ""), 'must be spec.names.plural+"."+spec.group')
    if is_protected(group) and not metadata.get("annotations", {}).get(ANNOTATION):
        yield required(f"metadata.annotations[{ANNOTATION}]", _APPROVAL_RULE)
    yield from _group_causes(group)
    if not spec.get("scope"):
        yield required("spec.scope")
    elif spec["scope"] not in ("Cluster", "Namespaced"):
        yield unsupported("spec.scope", spec["scope"], ("Cluster", "Namespaced"))
    yield from _versions_causes(spec.get("versions", []))
    yield from _names_causes(names)
    yield from _conversion_causes(spec["conversion"])
    if spec.get("preserveUnknownFields"):
        rule = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        yield wrong("spec.preserveUnknownFields", True, rule)
    yield from _stored_causes(body.get("status", {}).get("storedVersions", []), spec.get("versions", []))


def _group_causes(group: str) -> Iterator[Cause]:
    if not group:
        yield required("spec.group")
    elif not _DNS_SUBDOMAIN.fullmatch(group):
        yield wrong("spec.group", group, _SUBDOMAIN_RULE)
    elif "." not in group:
        yield wrong("spec.group", group, "should be a domain with at least one dot")


def _versions_causes(versions: list[JsonObject]) -> Iterator[Cause]:
    names = [version.get("name", "") for version in versions]
    for index, version in enumerate(versions):
        here = f"spec.versions[{index}]"
        if not _DNS_LABEL.fullmatch(names[index]):
            yield wrong(f"{here}.name", names[index], _LABEL_RULE)
        yield from version_causes(version, here)
    if len(set(names)) != len(names):
        yield wrong("spec.versions", names, "must contain unique version names")
    if sum(1 for version in versions if version["storage"]) != 1:
        yield wrong("spec.versions", names, "must have exactly one version marked as storage version")


def _names_causes(names: JsonObject) -> Iterator[Cause]:
    for field in ("plural", "singular", "kind", "listKind"):
        name = names.get(field, "")
        if not name:
            yield required(f"spec.names.{field}")
        elif not _DNS_LABEL.fullmatch(name.lower() if field in ("kind", "listKind") else name):
            prefix = "may have mixed case, but should otherwise match: " if field in ("kind", "listKind") else ""
            yield wrong(f"spec.names.{field}", name, prefix + _LABEL_RULE)
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield wrong("spec.names.listKind", names["listKind"], "kind and listKind may not be the same")
    for field in ("shortNames", "categories"):
        seen = set()
        for index, name in enumerate(names.get(field, [])):
            if not _DNS_LABEL.fullmatch(name):
                yield wrong(f"spec.names.{field}[{index}]", name, _LABEL_RULE)
            if name in seen and field == "shortNames":
                yield duplicate(f"spec.names.{field}[{index}]", name)
            seen.add(name)


def _conversion_causes(conversion: JsonObject) -> Iterator[Cause]:
    strategy = conversion["strategy"]
    if strategy == "Webhook":
        yield forbidden("spec.conversion.strategy", _CONVERSION_RULE)
    elif strategy != "None":
        yield unsupported("spec.conversion.strategy", strategy, ("None", "Webhook"))
    elif "webhook" in conversion:
        yield forbidden("spec.conversion.webhook", "should not be set when strategy is not set to Webhook")


def _stored_causes(stored: list[str], versions: list[JsonObject]) -> Iterator[Cause]:
    known = {version.get("name") for version in versions}
    for index, name in enumerate(stored):
        if name not in known:
            yield wrong(f"status.storedVersions[{index}]", name, "must appear in spec.versions")
