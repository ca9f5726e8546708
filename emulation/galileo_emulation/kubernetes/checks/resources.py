"""Resources: which names and amounts containers and pods may ask for."""

from ..apiobjects import JsonObject
from ..errors import Cause
from ..types.quantities import value
from .names import name_causes, qualified_name
from .numbers import NOT_NEGATIVE
from .validation import duplicate, forbidden, required, unsupported, wrong

_STANDARD = ("cpu", "memory", "ephemeral-storage")
_RESIZABLE = ("cpu", "memory")
_RESTARTS = ("NotRequired", "RestartContainer")


def resource_causes(field: str, resources: JsonObject, claims: tuple[str, ...] = ()) -> list[Cause]:
    """Check a container's limits, requests and claims; `claims` are the pod's."""
    causes: list[Cause] = []
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    for part, amounts in (("limits", limits), ("requests", requests)):
        for name, text in amounts.items():
            causes += _amount_causes(f"{field}.{part}", name, text)
    for name, text in requests.items():
        causes += _request_causes(f"{field}.requests", name, text, limits)
    for index, claim in enumerate(resources.get("claims", [])):
        causes += _claim_causes(f"{field}.claims[{index}]", claim.get("name", ""), claims)
    return causes


def _amount_causes(field: str, name: str, text: str) -> list[Cause]:
    causes = [] if name in _STANDARD else _name_causes(field, name)
    amount = value(text)
    if amount < 0:
        causes.append(wrong(f"{field}[{name}]", text, NOT_NEGATIVE))
    elif _is_extended(name) and amount != amount.to_integral_value():
        causes.append(wrong(f"{field}[{name}]", text, "must be an integer"))
    return causes


def _is_extended(name: str) -> bool:
    return "/" in name and not name.partition("/")[0].endswith("kubernetes.io")


def _name_causes(field: str, name: str) -> list[Cause]:
    causes = name_causes(field, name, qualified_name)
    if "/" not in name and not name.startswith(("hugepages-", "requests.", "limits.")):
        causes.append(wrong(field, name, "must be a standard resource for containers"))
    return causes


def _request_causes(field: str, name: str, text: str, limits: JsonObject) -> list[Cause]:
    if name not in limits:
        if _is_extended(name):
            return [required(field.replace("requests", "limits"), "Limit must be set for non overcommitable resources")]
        return []
    request, limit = value(text), value(limits[name])
    if _is_extended(name) and request != limit:
        return [wrong(field, text, f"must be equal to {name} limit of {limits[name]}")]
    if request > limit:
        return [wrong(field, text, f"must be less than or equal to {name} limit of {limits[name]}")]
    return []


def _claim_causes(field: str, name: str, claims: tuple[str, ...]) -> list[Cause]:
    if not name:
        return [required(f"{field}.name")]
    if name in claims:
        return []
    known = "which is empty" if not claims else f"which are {', '.join(claims)}"
    rule = f'Not found: "{name}": must be one of the names in pod.spec.resourceClaims {known}'
    return [Cause("FieldValueNotFound", rule, field)]


def resize_policy_causes(field: str, policies: list[JsonObject], pod_restart_policy: str) -> list[Cause]:
    """Check how a container wants to be resized: each of cpu and memory once."""
    causes, seen = [], set()
    for index, policy in enumerate(policies):
        name, restart = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        here = f"{field}[{index}]"
        if name in seen:
            causes.append(duplicate(here, name))
        seen.add(name)
        if name not in _RESIZABLE:
            causes.append(unsupported(f"{here}.resourceName", name, _RESIZABLE))
        if restart not in _RESTARTS:
            causes.append(unsupported(f"{here}.restartPolicy", restart, _RESTARTS))
        elif restart == "RestartContainer" and pod_restart_policy == "Never":
            rule = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            causes.append(wrong(f"{here}.restartPolicy", restart, rule))
    return causes


def overhead_causes(field: str, overhead: JsonObject) -> list[Cause]:
    """Check a pod's overhead."""
    return [cause for name, text in overhead.items() for cause in _amount_causes(field, name, text)]


def no_resize(field: str) -> Cause:
    """A container that cannot be resized says how it wants to be."""
    return forbidden(field, "may not be set for this container type")
