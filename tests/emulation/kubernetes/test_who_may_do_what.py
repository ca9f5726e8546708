"""The administrator may do everything; somebody else what the stored roles allow, and reviews tell beforehand."""

from typing import Any

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer

RBAC = "/apis/rbac.authorization.k8s.io/v1"
AS_BOB = {"Impersonate-User": "bob"}


async def post(session: aiohttp.ClientSession, url: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    async with session.post(url, json=body, headers=headers) as response:
        answer: dict[str, Any] = await response.json()
        assert response.status == 201, answer
        return answer


@pytest.fixture
async def bob_reads_pods(server: ApiServer, session: aiohttp.ClientSession) -> None:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
    role = {"metadata": {"name": "reader"}, "rules": rules}
    subject = {"kind": "User", "name": "bob", "apiGroup": "rbac.authorization.k8s.io"}
    reference = {"kind": "Role", "name": "reader", "apiGroup": "rbac.authorization.k8s.io"}
    binding = {"metadata": {"name": "bob-reads"}, "subjects": [subject], "roleRef": reference}
    await post(session, f"{server.url}{RBAC}/namespaces/default/roles", role)
    await post(session, f"{server.url}{RBAC}/namespaces/default/rolebindings", binding)


@pytest.mark.usefixtures("bob_reads_pods")
async def test_a_role_holds_in_its_namespace_for_its_verbs(server: ApiServer, session: aiohttp.ClientSession) -> None:
    expected = {
        ("GET", "/api/v1/namespaces/default/pods"): 200,
        ("GET", "/api/v1/namespaces/default/pods/none"): 404,
        ("GET", "/api/v1/namespaces/default/pods/none/log"): 403,
        ("DELETE", "/api/v1/namespaces/default/pods/none"): 403,
        ("GET", "/api/v1/namespaces/kube-system/pods"): 403,
        ("GET", "/api/v1/pods"): 403,
        ("GET", "/api/v1/nodes"): 403,
        ("GET", "/metrics"): 403,
        ("GET", "/apis"): 200,
        ("GET", "/version"): 200,
    }
    for (method, path), status in expected.items():
        async with session.request(method, server.url + path, headers=AS_BOB) as response:
            assert (path, response.status) == (path, status)


async def test_a_refusal_names_who_what_and_where(server: ApiServer, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{server.url}/apis/apps/v1/namespaces/default/deployments/d", headers=AS_BOB) as response:
        refused = await response.json()
    assert (refused["code"], refused["reason"]) == (403, "Forbidden")
    assert refused["details"] == {"name": "d", "group": "apps", "kind": "deployments"}
    assert refused["message"] == (
        'deployments.apps "d" is forbidden: User "bob" cannot get resource "deployments" in API group "apps" '
        'in the namespace "default"'
    )


@pytest.mark.usefixtures("bob_reads_pods")
async def test_reviews_answer_what_would_happen(server: ApiServer, session: aiohttp.ClientSession) -> None:
    url = f"{server.url}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    async def may(verb: str, **headers: str) -> bool:
        asked = {"resourceAttributes": {"verb": verb, "resource": "pods", "namespace": "default"}}
        return bool((await post(session, url, {"spec": asked}, **headers))["status"]["allowed"])

    assert await may("delete")
    assert await may("list", **AS_BOB)
    assert not await may("delete", **AS_BOB)
    group = {"Impersonate-User": "carol", "Impersonate-Group": "system:masters"}
    assert await may("delete", **group)


async def test_a_cluster_role_reaches_service_accounts_everywhere(
    server: ApiServer, session: aiohttp.ClientSession
) -> None:
    rules = [{"apiGroups": ["*"], "resources": ["*/scale", "nodes"], "verbs": ["*"], "resourceNames": []}]
    await post(session, f"{server.url}{RBAC}/clusterroles", {"metadata": {"name": "scaler"}, "rules": rules})
    subject = {"kind": "ServiceAccount", "name": "robot", "namespace": "tools"}
    reference = {"kind": "ClusterRole", "name": "scaler", "apiGroup": "rbac.authorization.k8s.io"}
    binding = {"metadata": {"name": "robots"}, "subjects": [subject], "roleRef": reference}
    await post(session, f"{server.url}{RBAC}/clusterrolebindings", binding)
    as_robot = {"Impersonate-User": "system:serviceaccount:tools:robot"}
    for path, status in {
        "/api/v1/nodes": 200,
        "/apis/apps/v1/namespaces/default/deployments/d/scale": 404,
        "/apis/apps/v1/namespaces/default/deployments/d": 403,
    }.items():
        async with session.get(server.url + path, headers=as_robot) as response:
            assert (path, response.status) == (path, status)


async def test_who_am_i(server: ApiServer, session: aiohttp.ClientSession) -> None:
    url = f"{server.url}/apis/authentication.k8s.io/v1/selfsubjectreviews"
    assert (await post(session, url, {}))["status"]["userInfo"]["username"] == "galileo-admin"
    assert (await post(session, url, {}, **AS_BOB))["status"]["userInfo"] == {
        "username": "bob",
        "groups": ["system:authenticated"],
    }


async def test_a_review_without_a_question_is_refused(server: ApiServer, session: aiohttp.ClientSession) -> None:
    url = f"{server.url}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    async with session.post(url, json={"spec": {}}) as response:
        assert response.status == 400
        assert "expected one of resourceAttributes and nonResourceAttributes" in (await response.json())["message"]
