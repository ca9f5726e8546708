"""What makes a pod, or a change of a pod, unacceptable. What holds for templates as well is in checks/pods.py."""

from ..apiobjects import JsonObject, copied
from ..errors import Cause
from .pods import pod_spec_causes
from .validation import forbidden

_MUTABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def pod_causes(body: JsonObject) -> list[Cause]:
    """Check a pod."""
    return pod_spec_causes("spec", body["spec"])


def new_pod_causes(body: JsonObject) -> list[Cause]:
    """A gated pod cannot have a node yet, and no pod begins with somebody looking into it."""
    spec, causes = body["spec"], []
    if spec.get("schedulingGates") and spec.get("nodeName"):
        causes.append(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"))
    if spec.get("ephemeralContainers"):
        causes.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
    return causes


def pod_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check what of a pod's spec was changed against the little that may be."""
    after, before = new["spec"], old["spec"]
    for field in ("containers", "initContainers"):
        if len(after.get(field, [])) != len(before.get(field, [])):
            return [forbidden(f"spec.{field}", "pod updates may not add or remove containers")]
    causes = _gate_causes(after, before)
    if not causes and _with_mutable_fields_of(after, before) != before:
        causes.append(forbidden("spec", _MUTABLE))
    return causes


def _gate_causes(after: JsonObject, before: JsonObject) -> list[Cause]:
    present = before.get("schedulingGates", [])
    return [
        forbidden(
            f"spec.schedulingGates[{index}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'",
        )
        for index, gate in enumerate(after.get("schedulingGates", []))
        if gate not in present
    ]


def _with_mutable_fields_of(after: JsonObject, before: JsonObject) -> JsonObject:
    """Return the new spec with every change undone that is allowed; what then still differs is not."""
    spec = copied(after)
    for field in ("containers", "initContainers"):
        for container, earlier in zip(spec.get(field, []), before.get(field, []), strict=True):
            container["image"] = earlier["image"]
    undone = ["activeDeadlineSeconds", "schedulingGates"]
    if all(toleration in after.get("tolerations", []) for toleration in before.get("tolerations", [])):
        undone.append("tolerations")
    if before.get("schedulingGates") and _narrowed(after, before):
        undone += ["nodeSelector", "affinity"]
    for field in undone:
        spec.pop(field, None)
        if field in before:
            spec[field] = before[field]
    return spec


def _narrowed(after: JsonObject, before: JsonObject) -> bool:
    wanted = after.get("nodeSelector", {})
    return all(wanted.get(key) == text for key, text in before.get("nodeSelector", {}).items())
