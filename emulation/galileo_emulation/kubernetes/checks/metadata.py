"""What every object carries: its name, labels, annotations, owners and finalizers."""

from ..apiobjects import JsonObject
from ..errors import Cause
from ..kind import Kind
from .names import dns_label, dns_subdomain, name_causes, path_segment, qualified_name
from .selectors import labels_causes
from .validation import required, wrong

_MOST_ANNOTATION_BYTES = 256 * 1024
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid")


def metadata_causes(kind: Kind, body: JsonObject) -> list[Cause]:
    """Check an object's metadata; a missing name makes everything else about it moot."""
    metadata = body["metadata"]
    name = metadata.get("name", "")
    if not name:
        return [required("metadata.name", "name or generateName is required")]
    form = dns_label if kind.dns_label_name else path_segment if kind.path_segment_name else dns_subdomain
    causes = name_causes("metadata.name", name, form)
    if "labels" in metadata:
        causes += labels_causes("metadata.labels", metadata["labels"])
    if "annotations" in metadata:
        causes += annotations_causes("metadata.annotations", metadata["annotations"])
    if "ownerReferences" in metadata:
        causes += _owner_causes("metadata.ownerReferences", metadata["ownerReferences"])
    for finalizer in metadata.get("finalizers", ()):
        causes += _finalizer_causes("metadata.finalizers", finalizer)
    return causes


def annotations_causes(field: str, annotations: JsonObject) -> list[Cause]:
    """Check the keys of annotations, and that they are not too much together. Keys may have upper-case prefixes."""
    causes, size = [], 0
    for key, text in annotations.items():
        causes += [wrong(field, key, rule) for rule in qualified_name(key.lower())]
        size += len(key.encode()) + len(text.encode())
    if size > _MOST_ANNOTATION_BYTES:
        rule = f"Too long: may not be more than {_MOST_ANNOTATION_BYTES} bytes"
        causes.append(Cause("FieldValueTooLong", rule, field))
    return causes


def _owner_causes(field: str, owners: list[JsonObject]) -> list[Cause]:
    causes = [
        required(f"{field}[{index}].{name}", "must not be empty")
        for index, owner in enumerate(owners)
        for name in _OWNER_FIELDS
        if not owner.get(name)
    ]
    controllers = [owner.get("name", "") for owner in owners if owner.get("controller")]
    if len(controllers) > 1:
        rule = f'Only one reference can have Controller set to true. Found "true" in references for {controllers}'
        causes.append(wrong(field, owners, rule))
    return causes


def _finalizer_causes(field: str, finalizer: str) -> list[Cause]:
    causes = name_causes(field, finalizer, qualified_name)
    if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
        rule = "name is neither a standard finalizer name nor is it fully qualified"
        causes.append(wrong(field, finalizer, rule))
    return causes
