"""Writes protobuf_fields.json: the numbers by which Kubernetes' messages name their fields, as protobuf.py reads them.

    python -m galileo_emulation.kubernetes.http.write_protobuf_fields KUBECTL

Run by hand when kinds are added. The numbers stand in the descriptors that a kubectl binary up to 1.34 carries; they
never change, so an older binary misses new fields only. Needs the package `protobuf`, which the server itself does not.
"""

import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

_GZIP = b"\x1f\x8b\x08"
_LONGEST = 2_000_000
_PREFIXES = (".k8s.io.api.", ".k8s.io.apimachinery.pkg.apis.", ".k8s.io.apimachinery.pkg.")
_WANTED_FILES = (
    "k8s.io/api/core/v1/",
    "k8s.io/api/apps/v1/",
    "k8s.io/api/batch/v1/",
    "k8s.io/api/policy/v1/",
    "k8s.io/api/autoscaling/v1/",
    "k8s.io/api/autoscaling/v2/",
    "k8s.io/api/rbac/v1/",
    "k8s.io/api/events/v1/",
    "k8s.io/api/coordination/v1/",
    "k8s.io/api/scheduling/v1/",
    "k8s.io/api/discovery/v1/",
    "k8s.io/api/authentication/v1/",
    "k8s.io/api/authorization/v1/",
    "k8s.io/api/admissionregistration/v1/",
    "k8s.io/apimachinery/pkg/",
)
# Fields that are absent or there, where a zero says something; all others are left out of JSON when they are zero.
_ZERO_COUNTS = {
    "activeDeadlineSeconds", "allowPrivilegeEscalation", "automountServiceAccountToken", "backoffLimit",
    "backoffLimitPerIndex", "blockOwnerDeletion", "completions", "controller", "defaultMode", "enableServiceLinks",
    "failedJobsHistoryLimit", "fsGroup", "gracePeriodSeconds", "hostUsers", "immutable", "leaseDurationSeconds",
    "leaseTransitions", "manualSelector", "maxFailedIndexes", "minReplicas", "mode", "optional", "orphanDependents",
    "parallelism", "partition", "priority", "privileged", "progressDeadlineSeconds", "publishNotReadyAddresses",
    "readOnlyRootFilesystem", "ready", "replicas", "restartCount", "revisionHistoryLimit", "runAsGroup", "runAsNonRoot",
    "runAsUser", "serving", "setHostnameAsFQDN", "shareProcessNamespace", "startingDeadlineSeconds",
    "successfulJobsHistoryLimit", "suspend", "terminating", "terminationGracePeriodSeconds", "tolerationSeconds",
    "ttlSecondsAfterFinished", "value",
}  # fmt: skip
_SCALARS = {1: "double", 3: "int", 4: "int", 5: "int", 8: "bool", 9: "str", 12: "bytes", 13: "int"}

# Descriptors, from a package without types that only this script uses.
Descriptor = Any


def descriptors(binary: bytes) -> Iterator[Descriptor]:
    """The file descriptors that are compressed in a binary."""
    from google.protobuf import descriptor_pb2, message

    position = binary.find(_GZIP)
    while position >= 0:
        file = descriptor_pb2.FileDescriptorProto()
        try:
            file.ParseFromString(zlib.decompressobj(31).decompress(binary[position : position + _LONGEST]))
        except (zlib.error, message.DecodeError):  # these three bytes were something else
            file.Clear()
        if file.name.startswith(_WANTED_FILES):
            yield file
        position = binary.find(_GZIP, position + 1)


def messages(file: Descriptor) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each message's name, and its fields: number to [name, type]."""
    for declared in file.message_type:
        maps = {nested.name: nested for nested in declared.nested_type if nested.options.map_entry}
        fields = {str(field.number): [field.name, _type(field, maps)] for field in declared.field}
        yield _short(f".{file.package}.{declared.name}"), fields


def _type(field: Descriptor, maps: dict[str, Descriptor]) -> str:
    own = _SCALARS.get(field.type) or _short(field.type_name)
    entry = maps.get(field.type_name.rpartition(".")[2])
    if entry is not None:
        value = next(part for part in entry.field if part.number == 2)
        return "map:" + (_SCALARS.get(value.type) or _short(value.type_name))
    if field.label == field.LABEL_REPEATED:
        return f"list:{own}"
    return f"{own}?" if own in _SCALARS.values() and field.name in _ZERO_COUNTS else own


def _short(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name.lstrip(".")


def main(kubectl: str) -> None:
    """Write the table next to this file."""
    table = dict(sorted(pair for file in descriptors(Path(kubectl).read_bytes()) for pair in messages(file)))
    if not table:
        raise SystemExit(f"{kubectl}: holds no descriptors; expected a kubectl up to 1.34")
    target = Path(__file__).with_name("protobuf_fields.json")
    target.write_bytes(orjson.dumps(table) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
