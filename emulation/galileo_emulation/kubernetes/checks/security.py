"""Security contexts of pods and containers."""

from ..apiobjects import JsonObject
from ..errors import Cause
from .numbers import LARGEST_ID, within
from .validation import forbidden, required, unsupported, wrong

_PROFILE_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
_PROC_MOUNTS = ("Default", "Unmasked")
_GROUP_CHANGES = ("Always", "OnRootMismatch")


def container_security_causes(field: str, context: JsonObject) -> list[Cause]:
    """Check a container's security context."""
    causes = _shared_causes(field, context)
    privileged, escalates = context.get("privileged", False), context.get("allowPrivilegeEscalation")
    added = context.get("capabilities", {}).get("add", [])
    if escalates is False and privileged:
        causes.append(wrong(field, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
    if escalates is False and "CAP_SYS_ADMIN" in added:
        rule = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
        causes.append(wrong(field, context, rule))
    if context.get("procMount", "Default") not in _PROC_MOUNTS:
        causes.append(unsupported(f"{field}.procMount", context["procMount"], _PROC_MOUNTS))
    return causes


def pod_security_causes(field: str, context: JsonObject) -> list[Cause]:
    """Check a pod's security context."""
    causes = _shared_causes(field, context)
    if "fsGroup" in context:
        causes += within(f"{field}.fsGroup", context["fsGroup"], 0, LARGEST_ID)
    for index, group in enumerate(context.get("supplementalGroups", [])):
        causes += within(f"{field}.supplementalGroups[{index}]", group, 0, LARGEST_ID)
    if context.get("fsGroupChangePolicy", "Always") not in _GROUP_CHANGES:
        causes.append(unsupported(f"{field}.fsGroupChangePolicy", context["fsGroupChangePolicy"], _GROUP_CHANGES))
    seen = set()
    for index, setting in enumerate(context.get("sysctls", [])):
        name, here = setting.get("name", ""), f"{field}.sysctls[{index}].name"
        if not name:
            causes.append(required(here))
        elif name in seen:
            causes.append(Cause("FieldValueDuplicate", f'Duplicate value: "{name}"', here))
        seen.add(name)
    return causes


def _shared_causes(field: str, context: JsonObject) -> list[Cause]:
    causes: list[Cause] = []
    for name in ("runAsUser", "runAsGroup"):
        if name in context:
            causes += within(f"{field}.{name}", context[name], 0, LARGEST_ID)
    for name in ("seccompProfile", "appArmorProfile"):
        if name in context:
            causes += _profile_causes(f"{field}.{name}", context[name])
    return causes


def _profile_causes(field: str, profile: JsonObject) -> list[Cause]:
    kind, local = profile.get("type", ""), profile.get("localhostProfile")
    if not kind:
        return [required(f"{field}.type")]
    if kind not in _PROFILE_TYPES:
        return [unsupported(f"{field}.type", kind, _PROFILE_TYPES)]
    if kind == "Localhost" and not local:
        return [required(f"{field}.localhostProfile", "must be set when type is Localhost")]
    if kind != "Localhost" and local is not None:
        return [forbidden(f"{field}.localhostProfile", "may only be set when type is Localhost")]
    return []
