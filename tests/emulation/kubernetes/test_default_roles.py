"""The cluster roles that are there from the start: what each of them lets its holder do."""

import pytest
from galileo_emulation.kubernetes.access.authorization import Action, Grants, allowed_by
from galileo_emulation.kubernetes.access.identity import User
from galileo_emulation.kubernetes.defaults.cluster_roles import default_cluster_roles

ROLES = {body["metadata"]["name"]: body for body in default_cluster_roles()}


def may(role: str, verb: str, group: str, resource: str) -> bool:
    binding = {
        "metadata": {"name": "b", "namespace": "default"},
        "roleRef": {"kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "User", "name": "joe"}],
    }
    grants = Grants(cluster_role_bindings=[], role_bindings=[binding], role=lambda _namespace, name: ROLES.get(name))
    action = Action(verb=verb, group=group, resource=resource, namespace="default")
    return allowed_by(User("joe", ()), action, grants) is not None


@pytest.mark.parametrize(
    ("verb", "group", "resource", "least"),
    [
        ("list", "", "pods", "view"),
        ("watch", "apps", "deployments", "view"),
        ("create", "", "pods", "edit"),
        ("patch", "apps", "deployments", "edit"),
        ("get", "", "secrets", "edit"),
        ("create", "rbac.authorization.k8s.io", "rolebindings", "admin"),
        ("delete", "", "nodes", "cluster-admin"),
    ],
)
def test_each_role_may_what_the_one_before_may_and_more(verb: str, group: str, resource: str, least: str) -> None:
    order = ["view", "edit", "admin", "cluster-admin"]
    allowed = [may(role, verb, group, resource) for role in order]
    assert allowed == [place >= order.index(least) for place in range(len(order))]
