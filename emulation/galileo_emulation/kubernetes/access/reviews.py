"""Reviews: questions about who somebody is and what they may do, answered at once and not stored.

`kubectl auth can-i` asks a SelfSubjectAccessReview, `kubectl auth whoami` a SelfSubjectReview.
"""

from collections.abc import Callable

from ..apiobjects import JsonObject
from ..errors import bad_request
from ..kind import Kind
from .authorization import FOR_EVERYBODY, Action, Grants, allowed_by, rules_for
from .identity import ADMINISTRATOR, AUTHENTICATED, User

_EVERYTHING: list[JsonObject] = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
_EVERY_PATH: list[JsonObject] = [{"verbs": ["*"], "nonResourceURLs": ["*"]}]


def review(kind: Kind, asked: JsonObject, user: User, grants: Grants, namespace: str = "") -> JsonObject:
    """The review with its status. `namespace` is the path's, for the local kind. Raises ApiError (400)."""
    status = _STATUS[kind.kind](asked.get("spec") or {}, user, grants, namespace)
    return {
        "kind": kind.kind,
        "apiVersion": kind.api_version,
        "metadata": {"creationTimestamp": None, **asked.get("metadata", {})},
        **({"spec": asked["spec"]} if "spec" in asked else {}),
        "status": status,
    }


def _self(spec: JsonObject, user: User, grants: Grants, namespace: str) -> JsonObject:
    return {"userInfo": {"username": user.name, "groups": list(user.groups)}}


def _token(spec: JsonObject, user: User, grants: Grants, namespace: str) -> JsonObject:
    if not spec.get("token"):
        raise bad_request("spec.token: expected the token to review")
    info = {"username": ADMINISTRATOR.name, "groups": list(ADMINISTRATOR.groups)}
    return {"authenticated": True, "user": info}


def _self_access(spec: JsonObject, user: User, grants: Grants, namespace: str) -> JsonObject:
    return _access(_action(spec), user, grants)


def _subject_access(spec: JsonObject, user: User, grants: Grants, namespace: str) -> JsonObject:
    return _access(_action(spec), _subject(spec), grants)


def _local_access(spec: JsonObject, user: User, grants: Grants, namespace: str) -> JsonObject:
    action = _action(spec)
    if action.namespace != namespace:
        raise bad_request(f"spec.resourceAttributes.namespace: expected {namespace}, the namespace of the path")
    return _access(action, _subject(spec), grants)


def _subject(spec: JsonObject) -> User:
    if not spec.get("user") and not spec.get("groups"):
        raise bad_request("spec: expected user or groups")
    return User(spec.get("user", ""), (*spec.get("groups", []), AUTHENTICATED))


def _rules(spec: JsonObject, user: User, grants: Grants, namespace: str) -> JsonObject:
    if not spec.get("namespace"):
        raise bad_request("spec.namespace: expected the namespace to list rules for")
    if user.is_administrator:
        resource_rules, path_rules = _EVERYTHING, _EVERY_PATH
    else:
        rules = [*FOR_EVERYBODY, *(rule for rule, _ in rules_for(user, spec["namespace"], grants))]
        resource_rules = [rule for rule in rules if rule.get("resources")]
        path_rules = [rule for rule in rules if rule.get("nonResourceURLs")]
    return {"resourceRules": resource_rules, "nonResourceRules": path_rules, "incomplete": False}


def _action(spec: JsonObject) -> Action:
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if path is not None and resource is None:
        return Action(verb=path.get("verb", ""), path=path.get("path", ""))
    if resource is None or path is not None:
        raise bad_request("spec: expected one of resourceAttributes and nonResourceAttributes")
    names = ("verb", "group", "resource", "subresource", "namespace", "name")
    return Action(**{name: resource.get(name, "") for name in names})


def _access(action: Action, user: User, grants: Grants) -> JsonObject:
    reason = allowed_by(user, action, grants)
    return {"allowed": False} if reason is None else {"allowed": True, "reason": reason}


_STATUS: dict[str, Callable[[JsonObject, User, Grants, str], JsonObject]] = {
    "SelfSubjectReview": _self,
    "TokenReview": _token,
    "SelfSubjectAccessReview": _self_access,
    "SubjectAccessReview": _subject_access,
    "LocalSubjectAccessReview": _local_access,
    "SelfSubjectRulesReview": _rules,
}
