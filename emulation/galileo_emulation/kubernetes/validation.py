"""What makes an object or a change unacceptable, apart from pods (those: pod_validation.py).

Each check returns causes, with the field's path as the API writes it; no cause means acceptable.
"""

import re

import orjson

from .apiobjects import JsonObject
from .errors import Cause
from .kind import Kind
from .quantities import value

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_DNS_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LABEL_PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")

_NAME_RULE = (
    "a lowercase RFC 1123 {form} must consist of lower case alphanumeric characters, '-'{dot}, and must start and end "
    "with an alphanumeric character"
)
_PART_RULE = (
    "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_KEY_RULE = f"name part must {_PART_RULE}"
_VALUE_RULE = f"a valid label must be empty or {_PART_RULE}"


def wrong(field: str, found: object, rule: str) -> Cause:
    """A value that breaks a rule."""
    return Cause("FieldValueInvalid", f"Invalid value: {orjson.dumps(found).decode()}: {rule}", field)


def required(field: str, rule: str = "") -> Cause:
    """A value that is missing."""
    return Cause("FieldValueRequired", f"Required value: {rule}" if rule else "Required value", field)


def forbidden(field: str, rule: str) -> Cause:
    """A change that is not allowed."""
    return Cause("FieldValueForbidden", f"Forbidden: {rule}", field)


def duplicate(field: str, found: object) -> Cause:
    """A value that may occur once."""
    return Cause("FieldValueDuplicate", f'Duplicate value: "{found}"', field)


def unsupported(field: str, found: object, offered: tuple[str, ...]) -> Cause:
    """A value outside a fixed set."""
    names = ", ".join(f'"{name}"' for name in offered)
    return Cause("FieldValueNotSupported", f'Unsupported value: "{found}": supported values: {names}', field)


def metadata_causes(kind: Kind, body: JsonObject) -> list[Cause]:
    """Check name and labels."""
    metadata = body["metadata"]
    name = metadata.get("name", "")
    if not name:
        return [required("metadata.name", "name or generateName is required")]
    pattern, form, dot = (_DNS_LABEL, "label", "") if kind.dns_label_name else (_DNS_SUBDOMAIN, "subdomain", " or '.'")
    causes = []
    if not pattern.fullmatch(name) or len(name) > (63 if kind.dns_label_name else 253):
        causes.append(wrong("metadata.name", name, _NAME_RULE.format(form=form, dot=dot)))
    return causes + label_causes("metadata.labels", metadata.get("labels", {}))


def label_causes(field: str, labels: dict[str, str]) -> list[Cause]:
    """Check the keys and values of labels."""
    causes = []
    for key, text in labels.items():
        prefix, slash, name = key.rpartition("/")
        if (slash and not _DNS_SUBDOMAIN.fullmatch(prefix)) or not _fits_label(name) or not name:
            causes.append(wrong(field, key, _KEY_RULE))
        if text and not _fits_label(text):
            causes.append(wrong(field, text, _VALUE_RULE))
    return causes


def _fits_label(text: str) -> bool:
    return len(text) <= 63 and _LABEL_PART.fullmatch(text) is not None


def quantity_causes(field: str, quantities: dict[str, str], *, brackets: bool = False) -> list[Cause]:
    """Quantities must not be negative."""
    return [
        wrong(f"{field}[{name}]" if brackets else f"{field}.{name}", text, "must be greater than or equal to 0")
        for name, text in quantities.items()
        if value(text) < 0
    ]


def node_causes(body: JsonObject) -> list[Cause]:
    """Check taints and resources."""
    status = body.get("status", {})
    causes = quantity_causes("status.capacity", status.get("capacity", {}))
    causes += quantity_causes("status.allocatable", status.get("allocatable", {}))
    seen = set()
    for index, taint in enumerate(body.get("spec", {}).get("taints", [])):
        pair = (taint.get("key"), taint.get("effect"))
        if pair in seen:
            causes.append(duplicate(f"metadata.taints[{index}]", "{}:{}".format(*pair)))
        seen.add(pair)
    return causes


def node_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """A pod address range is given once. (Taints are checked here a second time, as the API does.)"""
    causes = [cause for cause in node_causes(new) if cause.field.startswith("metadata.taints")]
    ranges = old.get("spec", {}).get("podCIDRs")
    if ranges and new.get("spec", {}).get("podCIDRs") != ranges:
        causes.append(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'))
    return causes


def deployment_causes(body: JsonObject) -> list[Cause]:
    """The selector must be there and match the template's labels."""
    spec = body["spec"]
    wanted = spec.get("selector", {}).get("matchLabels", {})
    labels = spec["template"].get("metadata", {}).get("labels", {})
    if "selector" not in spec:
        return [required("spec.selector")]
    if any(labels.get(key) != text for key, text in wanted.items()):
        rule = "`selector` does not match template `labels`"
        return [wrong("spec.template.metadata.labels", labels, rule)]
    return []


def deployment_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """The selector stays as it was made."""
    if new["spec"].get("selector") != old["spec"].get("selector"):
        return [wrong("spec.selector", new["spec"].get("selector"), "field is immutable")]
    return []


def lease_causes(body: JsonObject) -> list[Cause]:
    """A duration must be positive."""
    duration = body["spec"].get("leaseDurationSeconds")
    if duration is not None and duration <= 0:
        return [wrong("spec.leaseDurationSeconds", duration, "must be greater than 0")]
    return []


def event_causes(body: JsonObject) -> list[Cause]:
    """An event stands in the namespace of what it is about."""
    about = body["involvedObject"].get("namespace", "")
    own = body["metadata"].get("namespace", "")
    if about != own and not (about == "" and own == "default"):
        return [wrong("involvedObject.namespace", about, "does not match event.namespace")]
    return []


def finalizer_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """What is being deleted takes no further finalizers. (Reported twice, as the API does.)"""
    if "deletionTimestamp" not in old["metadata"]:
        return []
    present = old["metadata"].get("finalizers", [])
    added = [name for name in new["metadata"].get("finalizers", []) if name not in present]
    if not added:
        return []
    rule = f"no new finalizers can be added if the object is being deleted, found new finalizers {added}"
    return [forbidden("metadata.finalizers", rule)] * 2
