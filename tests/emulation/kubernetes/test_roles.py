"""Roles and their bindings are stored and checked; nothing is enforced."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES = f"{RBAC}/namespaces/default/roles"
BINDINGS = f"{RBAC}/namespaces/default/rolebindings"
CLUSTER_ROLES = f"{RBAC}/clusterroles"
INVALID, REQUIRED, UNSUPPORTED = "FieldValueInvalid", "FieldValueRequired", "FieldValueNotSupported"
READ_PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}


def binding(**fields: Any) -> dict[str, Any]:
    own = {"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "User", "name": "jane"}]}
    return {"metadata": {"name": "b"}, **own, **fields}


async def test_names_of_roles_may_have_colons_and_rules_may_be_none(calls: Calls) -> None:
    made = await calls.create(CLUSTER_ROLES, {"metadata": {"name": "system:Reader"}})
    assert made["rules"] is None
    assert await calls.refused(CLUSTER_ROLES, {"metadata": {"name": "a/b"}}) == [(INVALID, "metadata.name")]


async def test_users_and_groups_are_of_the_groups_of_roles(calls: Calls) -> None:
    accounts = [{"kind": "ServiceAccount", "name": "s", "namespace": "default"}, {"kind": "Group", "name": "g"}]
    made = await calls.create(BINDINGS, binding(subjects=accounts))
    assert made["roleRef"]["apiGroup"] == "rbac.authorization.k8s.io"
    assert [subject.get("apiGroup") for subject in made["subjects"]] == [None, "rbac.authorization.k8s.io"]


async def test_a_binding_keeps_its_role(calls: Calls) -> None:
    await calls.create(BINDINGS, binding())
    assert await calls.refused_change(f"{BINDINGS}/b", {"roleRef": {"name": "other"}}) == [(INVALID, "roleRef")]


@pytest.mark.parametrize(
    ("place", "body", "causes"),
    [
        (ROLES, {"rules": [{**READ_PODS, "verbs": []}]}, [(REQUIRED, "rules[0].verbs")]),
        (ROLES, {"rules": [{"verbs": ["get"]}]}, [(REQUIRED, "rules[0].apiGroups"), (REQUIRED, "rules[0].resources")]),
        (ROLES, {"rules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}]}, [(INVALID, "rules[0].nonResourceURLs")]),
        (CLUSTER_ROLES, {"rules": [{**READ_PODS, "nonResourceURLs": ["/x"]}]}, [(INVALID, "rules[0].nonResourceURLs")]),
        (BINDINGS, binding(roleRef={"kind": "Pod", "name": "r"}), [(UNSUPPORTED, "roleRef.kind")]),
        (BINDINGS, binding(roleRef={"kind": "Role"}), [(REQUIRED, "roleRef.name")]),
        (BINDINGS, binding(subjects=[{"kind": "Robot", "name": "x"}]), [(UNSUPPORTED, "subjects[0].kind")]),
        (
            BINDINGS,
            binding(subjects=[{"kind": "ServiceAccount", "name": "x"}]),
            [(REQUIRED, "subjects[0].namespace")],
        ),
    ],
)
async def test_rules_and_subjects_that_mean_nothing_are_refused(
    calls: Calls, place: str, body: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(place, {"metadata": {"name": "x"}, **body}) == causes
