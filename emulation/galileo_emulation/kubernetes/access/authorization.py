"""Who may do what: the stored roles and bindings (RBAC), evaluated for one action.

An administrator may do everything. Everybody else may do what a rule of a role allows that is bound to them, their
groups or their service account; cluster roles reach everywhere through a cluster role binding, and into one namespace
through a role binding.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..apiobjects import JsonObject
from .identity import User

_SERVICE_ACCOUNT = "system:serviceaccount:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody wants to do: a verb on a resource, or on a path outside the resources where `path` is set."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def full_resource(self) -> str:
        """`pods` or `pods/log`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass(frozen=True, slots=True)
class Grants:
    """The stored bindings, and how the roles that they name are found (namespace, empty for cluster roles; name)."""

    cluster_role_bindings: Iterable[JsonObject]
    role_bindings: Iterable[JsonObject]
    role: Callable[[str, str], JsonObject | None]


# What everybody may do who is somebody: ask who they are and what they may do, and read what is on offer.
FOR_EVERYBODY = (
    {
        "verbs": ["create"],
        "apiGroups": ["authorization.k8s.io", "authentication.k8s.io"],
        "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"],
    },
    {"verbs": ["get"], "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*"]},
)


def allowed_by(user: User, action: Action, grants: Grants) -> str | None:
    """Why `user` may do it, in words; None when nothing allows it."""
    if user.is_administrator:
        return "the group system:masters may do everything"
    if any(_covers(rule, action) for rule in FOR_EVERYBODY):
        return "everybody may"
    for rule, source in rules_for(user, action.namespace, grants):
        if _covers(rule, action):
            return f"RBAC: allowed by {source}"
    return None


def rules_for(user: User, namespace: str, grants: Grants) -> Iterator[tuple[JsonObject, str]]:
    """The rules that hold for a user in a namespace, each with the binding it comes from."""
    for binding in grants.cluster_role_bindings:
        if _names(binding, user):
            yield from _rules(binding, "", grants, f'ClusterRoleBinding "{binding["metadata"]["name"]}"')
    if not namespace:
        return
    for binding in grants.role_bindings:
        if binding["metadata"]["namespace"] == namespace and _names(binding, user):
            yield from _rules(binding, namespace, grants, f'RoleBinding "{binding["metadata"]["name"]}/{namespace}"')


def _rules(binding: JsonObject, namespace: str, grants: Grants, source: str) -> Iterator[tuple[JsonObject, str]]:
    reference = binding.get("roleRef", {})
    role = grants.role(namespace if reference.get("kind") == "Role" else "", reference.get("name", ""))
    for rule in (role or {}).get("rules", []):
        yield rule, f'{source} of {reference.get("kind")} "{reference.get("name")}"'


def _names(binding: JsonObject, user: User) -> bool:
    own = binding["metadata"].get("namespace", "")
    for subject in binding.get("subjects", []):
        name = subject.get("name", "")
        match subject.get("kind"):
            case "User":
                found = name == user.name
            case "Group":
                found = name in user.groups
            case "ServiceAccount":
                found = user.name == f"{_SERVICE_ACCOUNT}{subject.get('namespace', own)}:{name}"
            case _:
                found = False
        if found:
            return True
    return False


def _covers(rule: JsonObject, action: Action) -> bool:
    if not _holds(rule.get("verbs", []), action.verb):
        return False
    if action.path:
        return any(
            path in ("*", action.path) or (path.endswith("*") and action.path.startswith(path[:-1]))
            for path in rule.get("nonResourceURLs", [])
        )
    names = rule.get("resourceNames", [])
    return (
        _holds(rule.get("apiGroups", []), action.group)
        and _holds_resource(rule.get("resources", []), action)
        and (not names or action.name in names)
    )


def _holds(offered: list[str], wanted: str) -> bool:
    return "*" in offered or wanted in offered


def _holds_resource(offered: list[str], action: Action) -> bool:
    any_resource = f"*/{action.subresource}" if action.subresource else ""
    return _holds(offered, action.full_resource) or bool(any_resource and any_resource in offered)
