"""Roles, and who has them."""

from ..apiobjects import JsonObject
from ..defaults.policy_defaults import RBAC_GROUP
from ..errors import Cause
from .names import dns_subdomain, name_causes, path_segment
from .selectors import selector_causes
from .validation import required, unsupported, wrong

_SUBJECTS = ("ServiceAccount", "User", "Group")


def role_causes(body: JsonObject) -> list[Cause]:
    """Check a role within a namespace."""
    return _rules_causes(body, namespaced=True)


def cluster_role_causes(body: JsonObject) -> list[Cause]:
    """Check a role for the whole cluster."""
    causes = _rules_causes(body, namespaced=False)
    if "aggregationRule" in body:
        selectors = body["aggregationRule"].get("clusterRoleSelectors", [])
        here = "aggregationRule.clusterRoleSelectors"
        causes += (
            []
            if selectors
            else [required(here, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
        )
        for index, selector in enumerate(selectors):
            causes += selector_causes(f"{here}[{index}]", selector)
    return causes


def _rules_causes(body: JsonObject, *, namespaced: bool) -> list[Cause]:
    causes: list[Cause] = []
    for index, rule in enumerate(body.get("rules") or []):
        here, paths = f"rules[{index}]", rule.get("nonResourceURLs", [])
        if not rule.get("verbs"):
            causes.append(required(f"{here}.verbs", "verbs must contain at least one value"))
        if paths:
            if namespaced:
                causes.append(
                    wrong(f"{here}.nonResourceURLs", paths, "namespaced rules cannot apply to non-resource URLs")
                )
            if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                text = "rules cannot apply to both regular resources and non-resource URLs"
                causes.append(wrong(f"{here}.nonResourceURLs", paths, text))
            continue
        if not rule.get("apiGroups"):
            causes.append(required(f"{here}.apiGroups", "resource rules must supply at least one api group"))
        if not rule.get("resources"):
            causes.append(required(f"{here}.resources", "resource rules must supply at least one resource"))
    return causes


def role_binding_causes(body: JsonObject) -> list[Cause]:
    """Check who has a role within a namespace."""
    return _binding_causes(body, ("Role", "ClusterRole"))


def cluster_role_binding_causes(body: JsonObject) -> list[Cause]:
    """Check who has a role for the whole cluster."""
    return _binding_causes(body, ("ClusterRole",))


def _binding_causes(body: JsonObject, kinds: tuple[str, ...]) -> list[Cause]:
    reference = body["roleRef"]
    causes: list[Cause] = []
    if reference["apiGroup"] != RBAC_GROUP:
        causes.append(unsupported("roleRef.apiGroup", reference["apiGroup"], (RBAC_GROUP,)))
    if reference["kind"] not in kinds:
        causes.append(unsupported("roleRef.kind", reference["kind"], kinds))
    name = reference["name"]
    causes += name_causes("roleRef.name", name, path_segment) if name else [required("roleRef.name")]
    for index, subject in enumerate(body.get("subjects", [])):
        causes += _subject_causes(f"subjects[{index}]", subject)
    return causes


def _subject_causes(field: str, subject: JsonObject) -> list[Cause]:
    kind, name, group = subject.get("kind", ""), subject.get("name", ""), subject.get("apiGroup", "")
    causes = [] if name else [required(f"{field}.name")]
    if kind not in _SUBJECTS:
        return [*causes, unsupported(f"{field}.kind", kind, _SUBJECTS)]
    wanted = "" if kind == "ServiceAccount" else RBAC_GROUP
    if group != wanted:
        causes.append(unsupported(f"{field}.apiGroup", group, (wanted,)))
    if kind == "ServiceAccount":
        causes += name_causes(f"{field}.name", name, dns_subdomain) if name else []
        causes += [] if subject.get("namespace") else [required(f"{field}.namespace")]
    return causes


def binding_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """A binding keeps its role."""
    if new["roleRef"] == old["roleRef"]:
        return []
    return [wrong("roleRef", new["roleRef"], "cannot change roleRef")]
