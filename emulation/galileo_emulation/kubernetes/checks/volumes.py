"""Volumes of pods: one source each, with what that source needs."""

from ..apiobjects import JsonObject
from ..errors import Cause
from ..types.quantities import value
from .environment import field_reference_causes, resource_reference_causes
from .names import dns_label, dns_subdomain, name_causes
from .numbers import NOT_NEGATIVE, within
from .validation import duplicate, forbidden, required, unsupported, wrong

_HOST_PATH_TYPES = (
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
_DOWNWARD_FIELDS = ("metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations")
_PROJECTIONS = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate")
_MODE_RULE = "must be a number between 0 and 0777 (octal), both inclusive"
# What a source cannot do without.
_NEEDS = {
    "persistentVolumeClaim": ("claimName",),
    "nfs": ("server", "path"),
    "csi": ("driver",),
    "iscsi": ("targetPortal", "iqn"),
    "image": ("reference",),
}


def volumes_causes(field: str, volumes: list[JsonObject]) -> list[Cause]:
    """Check a pod's volumes."""
    causes: list[Cause] = []
    names: set[str] = set()
    for index, volume in enumerate(volumes):
        here, name = f"{field}[{index}]", volume.get("name", "")
        causes += _source_causes(here, volume)
        if not name:
            causes.append(required(f"{here}.name"))
        elif name in names:
            causes.append(duplicate(f"{here}.name", name))
        else:
            causes += name_causes(f"{here}.name", name, dns_label)
        names.add(name)
    return causes


def _source_causes(field: str, volume: JsonObject) -> list[Cause]:
    sources = [name for name in volume if name != "name"]
    if not sources:
        return [required(field, "must specify a volume type")]
    causes = [forbidden(f"{field}.{extra}", "may not specify more than 1 volume type") for extra in sources[1:]]
    kind = sources[0]
    here, source = f"{field}.{kind}", volume[kind]
    causes += [required(f"{here}.{part}") for part in _NEEDS.get(kind, ()) if not source.get(part)]
    match kind:
        case "emptyDir":
            causes += _empty_dir_causes(here, source)
        case "hostPath":
            causes += _host_path_causes(here, source)
        case "configMap":
            causes += _files_causes(here, source, "name")
        case "secret":
            causes += _files_causes(here, source, "secretName")
        case "downwardAPI":
            causes += _mode_causes(f"{here}.defaultMode", source) + _downward_causes(here, source)
        case "projected":
            causes += _projected_causes(here, source)
        case "ephemeral":
            causes += [] if "volumeClaimTemplate" in source else [required(f"{here}.volumeClaimTemplate")]
    return causes


def _empty_dir_causes(field: str, source: JsonObject) -> list[Cause]:
    limit = source.get("sizeLimit")
    if limit is not None and value(limit) < 0:
        return [forbidden(f"{field}.sizeLimit", f"SizeLimit field {NOT_NEGATIVE}")]
    return []


def _host_path_causes(field: str, source: JsonObject) -> list[Cause]:
    path, kind = source.get("path", ""), source.get("type", "")
    if not path:
        return [required(f"{field}.path")]
    causes = [wrong(f"{field}.path", path, "must not contain '..'")] if ".." in path.split("/") else []
    if kind and kind not in _HOST_PATH_TYPES:
        causes.append(unsupported(f"{field}.type", kind, _HOST_PATH_TYPES))
    return causes


def _mode_causes(field: str, source: JsonObject) -> list[Cause]:
    mode = source.get("defaultMode" if field.endswith("defaultMode") else "mode")
    return [wrong(field, mode, _MODE_RULE)] if mode is not None and not 0 <= mode <= 0o777 else []


def _files_causes(field: str, source: JsonObject, name_field: str) -> list[Cause]:
    name = source.get(name_field, "")
    path = f"{field}.{name_field}"
    causes = name_causes(path, name, dns_subdomain) if name else [required(path)]
    causes += _mode_causes(f"{field}.defaultMode", source)
    for index, item in enumerate(source.get("items", [])):
        here = f"{field}.items[{index}]"
        causes += [] if item.get("key") else [required(f"{here}.key")]
        causes += _path_causes(f"{here}.path", item.get("path", ""))
        causes += _mode_causes(f"{here}.mode", item)
    return causes


def _path_causes(field: str, path: str) -> list[Cause]:
    if not path:
        return [required(field)]
    if path.startswith("/"):
        return [wrong(field, path, "must be a relative path")]
    if ".." in path.split("/"):
        return [wrong(field, path, "must not contain '..'")]
    return [wrong(field, path, "must not start with '..'")] if path.startswith("..") else []


def _downward_causes(field: str, source: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    for index, item in enumerate(source.get("items", [])):
        here = f"{field}.items[{index}]"
        causes += _path_causes(f"{here}.path", item.get("path", ""))
        if "fieldRef" in item and "resourceFieldRef" in item:
            causes.append(wrong(here, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"))
        elif "fieldRef" in item:
            causes += field_reference_causes(f"{here}.fieldRef", item["fieldRef"], _DOWNWARD_FIELDS)
        elif "resourceFieldRef" in item:
            reference = item["resourceFieldRef"]
            causes += [] if reference.get("containerName") else [required(f"{here}.resourceFieldRef.containerName")]
            causes += resource_reference_causes(f"{here}.resourceFieldRef", reference)
        else:
            causes.append(required(f"{here}.fieldRef", "one of fieldRef and resourceFieldRef is required"))
        causes += _mode_causes(f"{here}.mode", item)
    return causes


def _projected_causes(field: str, source: JsonObject) -> list[Cause]:
    causes = _mode_causes(f"{field}.defaultMode", source)
    for index, projection in enumerate(source.get("sources", [])):
        here = f"{field}.sources[{index}]"
        present = [name for name in _PROJECTIONS if name in projection]
        causes += [] if present else [required(here, f"must specify one of {', '.join(_PROJECTIONS)}")]
        causes += [forbidden(f"{here}.{name}", "may not specify more than 1 volume type") for name in present[1:]]
        if present and present[0] in ("secret", "configMap"):
            causes += _files_causes(f"{here}.{present[0]}", projection[present[0]], "name")
        elif present and present[0] == "downwardAPI":
            causes += _downward_causes(f"{here}.downwardAPI", projection["downwardAPI"])
        elif present and present[0] == "serviceAccountToken":
            causes += _token_causes(f"{here}.serviceAccountToken", projection["serviceAccountToken"])
    return causes


def _token_causes(field: str, token: JsonObject) -> list[Cause]:
    causes = _path_causes(f"{field}.path", token.get("path", ""))
    if token.get("expirationSeconds", 3600) < 600:
        causes.append(
            wrong(
                f"{field}.expirationSeconds",
                token["expirationSeconds"],
                "may not specify a duration less than 10 minutes",
            )
        )
    return causes + (within(f"{field}.expirationSeconds", token.get("expirationSeconds", 3600), 0, 1 << 32))
