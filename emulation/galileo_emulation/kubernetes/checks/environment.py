"""Environment variables of containers, and where they come from."""

import re

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import data_key, dns_subdomain, environment_name, name_causes, qualified_name
from .validation import required, unsupported, wrong

_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_SUBSCRIPT = re.compile(r"(metadata\.(?:labels|annotations))\['(.*)'\]")
_NO_DIVISION = ("", "0", "1", "1m", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def environment_causes(field: str, variables: list[JsonObject]) -> list[Cause]:
    """Check a container's `env`."""
    causes: list[Cause] = []
    for index, variable in enumerate(variables):
        here, name = f"{field}[{index}]", variable.get("name", "")
        causes += name_causes(f"{here}.name", name, environment_name) if name else [required(f"{here}.name")]
        if "valueFrom" in variable:
            causes += _source_causes(f"{here}.valueFrom", variable["valueFrom"], bool(variable.get("value")))
    return causes


def _source_causes(field: str, source: JsonObject, has_value: bool) -> list[Cause]:
    present = [name for name in _SOURCES if name in source]
    if not present:
        return [wrong(field, "", f"must specify one of: `{'`, `'.join(_SOURCES[:4])}`")]
    if has_value:
        return [wrong(field, "", "may not be specified when `value` is not empty")]
    if len(present) > 1:
        return [wrong(field, "", "may not have more than one field specified at a time")]
    name = present[0]
    here, reference = f"{field}.{name}", source[name]
    if name == "fieldRef":
        return field_reference_causes(here, reference, _FIELDS)
    if name == "resourceFieldRef":
        return resource_reference_causes(here, reference)
    if name == "fileKeyRef":
        return [required(f"{here}.{part}") for part in ("key", "path", "volumeName") if not reference.get(part)]
    return _key_causes(here, reference)


def _key_causes(field: str, reference: JsonObject) -> list[Cause]:
    causes = [] if reference.get("name") else [required(f"{field}.name")]
    key = reference.get("key", "")
    return causes + (name_causes(f"{field}.key", key, data_key) if key else [required(f"{field}.key")])


def field_reference_causes(field: str, reference: JsonObject, offered: tuple[str, ...]) -> list[Cause]:
    """Check a reference to one of the pod's own fields."""
    path = reference.get("fieldPath", "")
    if not path:
        return [required(f"{field}.fieldPath")]
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript is not None:
        key = subscript[2] if subscript[1].endswith("labels") else subscript[2].lower()
        return name_causes(field, key, qualified_name)
    return [] if path in offered else [unsupported(f"{field}.fieldPath", path, offered)]


def resource_reference_causes(field: str, reference: JsonObject) -> list[Cause]:
    """Check a reference to a container's own limits or requests."""
    resource = reference.get("resource", "")
    if not resource:
        return [required(f"{field}.resource")]
    if resource not in _RESOURCES and not resource.startswith(("limits.hugepages-", "requests.hugepages-")):
        return [unsupported(f"{field}.resource", resource, _RESOURCES)]
    divisor = reference.get("divisor", "")
    if str(divisor) not in _NO_DIVISION or (str(divisor) == "1m" and not resource.endswith("cpu")):
        return [
            wrong(f"{field}.divisor", divisor, "only divisor's values 1, 1m (cpu), 1k, 1M, … or 1Ki, … are supported")
        ]
    return []


def environment_source_causes(field: str, sources: list[JsonObject]) -> list[Cause]:
    """Check a container's `envFrom`."""
    causes: list[Cause] = []
    for index, source in enumerate(sources):
        here = f"{field}[{index}]"
        if source.get("prefix"):
            causes += name_causes(f"{here}.prefix", source["prefix"], environment_name)
        present = [name for name in ("configMapRef", "secretRef") if name in source]
        if not present:
            causes.append(wrong(field, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(present) > 1:
            causes.append(wrong(field, "", "may not have more than one field specified at a time"))
        for name in present:
            referred = source[name].get("name", "")
            path = f"{here}.{name}.name"
            causes += name_causes(path, referred, dns_subdomain) if referred else [required(path)]
    return causes
