"""Webhooks that do not answer, or wrongly: the failure policy decides."""

import base64
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme
from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.kinds import ENDPOINT_SLICES

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.webhooks.webhook_server import (
    Json,
    WebhookServer,
    configuration,
    deny,
    serving,
    webhook,
)

PODS = "/api/v1/namespaces/default/pods"
POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]}}
KINDS = pytest.mark.parametrize("kind", ["Validating", "Mutating"])


@pytest.mark.looptime
@KINDS
@pytest.mark.parametrize(("policy", "status"), [("Fail", 500), ("Ignore", 201)])
async def test_silence_counts_as_failure_after_the_timeout(
    calls: Calls, hooks: WebhookServer, kind: str, policy: str, status: int
) -> None:
    entry = webhook(f"{hooks.url}/silent", timeoutSeconds=1, failurePolicy=policy)
    await calls.create(*configuration(kind, "slow", entry))
    found, answer = await calls.send("POST", PODS, POD)
    assert found == status
    if policy == "Fail":
        url = f"{hooks.url}/silent?timeout=1s"
        assert answer["message"] == (
            'Internal error occurred: failed calling webhook "hook.example.org": failed to call webhook: '
            f'Post "{url}": context deadline exceeded'
        )


@KINDS
@pytest.mark.parametrize(("policy", "status"), [("Fail", 500), ("Ignore", 201)])
async def test_nobody_there_counts_as_failure(calls: Calls, kind: str, policy: str, status: int) -> None:
    entry = webhook("http://127.0.0.1:9/", failurePolicy=policy)
    await calls.create(*configuration(kind, "away", entry))
    assert (await calls.send("POST", PODS, POD))[0] == status


@KINDS
@pytest.mark.parametrize(
    "raw",
    [
        b"no JSON",
        b"{}",
        b'{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","response":{}}',
        b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
        b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"other","allowed":true}}',
    ],
)
async def test_a_wrong_answer_counts_as_failure(calls: Calls, hooks: WebhookServer, kind: str, raw: bytes) -> None:
    await calls.create(*configuration(kind, "wrong", webhook(hooks.url)))
    hooks.raw = raw
    status, answer = await calls.send("POST", PODS, POD)
    assert (status, answer["reason"]) == (500, "InternalError")
    assert "received invalid webhook response" in answer["message"]


@pytest.mark.parametrize(
    "reply",
    [
        {"allowed": True, "patch": "W10="},
        {"allowed": True, "patchType": "JSONPatch"},
        {"allowed": True, "patch": "W10=", "patchType": "Merge"},
        {"allowed": True, "patch": "no base64", "patchType": "JSONPatch"},
        {"allowed": "yes"},
    ],
)
async def test_a_patch_of_the_wrong_form_counts_as_failure(calls: Calls, hooks: WebhookServer, reply: Json) -> None:
    await calls.create(*configuration("Mutating", "wrong", webhook(hooks.url)))
    hooks.replies["/"] = lambda request: reply
    assert (await calls.send("POST", PODS, POD))[0] == 500


async def test_a_status_other_than_200_counts_as_failure(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(*configuration("Validating", "wrong", webhook(hooks.url)))
    hooks.status = 503
    status, answer = await calls.send("POST", PODS, POD)
    assert status == 500
    assert "the server answered 503" in answer["message"]


async def test_a_denial_is_no_failure(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(*configuration("Validating", "judges", webhook(hooks.url, failurePolicy="Ignore")))
    hooks.replies["/"] = deny("no")
    assert (await calls.send("POST", PODS, POD))[0] == 400


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def secure(authority: trustme.CA) -> AsyncIterator[WebhookServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with serving(context) as server:
        yield server


@pytest.fixture
async def behind_service(authority: trustme.CA) -> AsyncIterator[WebhookServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("hooks.default.svc").configure_cert(context)
    async with serving(context) as server:
        yield server


def bundle(authority: trustme.CA) -> str:
    return base64.b64encode(authority.cert_pem.bytes()).decode()


async def test_a_certificate_of_the_given_authority_is_trusted(
    calls: Calls, secure: WebhookServer, authority: trustme.CA
) -> None:
    entry = webhook(secure.url)
    entry["clientConfig"]["caBundle"] = bundle(authority)
    await calls.create(*configuration("Validating", "judges", entry))
    await calls.create(PODS, POD)
    assert len(secure.asked) == 1


@pytest.mark.parametrize("other", [True, False])
async def test_any_other_certificate_is_not(calls: Calls, secure: WebhookServer, other: bool) -> None:
    entry = webhook(secure.url)
    if other:
        entry["clientConfig"]["caBundle"] = bundle(trustme.CA())
    await calls.create(*configuration("Validating", "judges", entry))
    status, answer = await calls.send("POST", PODS, POD)
    assert status == 500
    assert "CERTIFICATE_VERIFY_FAILED" in answer["message"]
    assert secure.asked == []


def by_service(authority: trustme.CA) -> Json:
    entry = webhook("")
    entry["clientConfig"] = {
        "service": {"name": "hooks", "namespace": "default", "path": "/judge"},
        "caBundle": bundle(authority),
    }
    return entry


async def test_a_service_is_reached_at_a_pod_that_it_selects(
    calls: Calls, behind_service: WebhookServer, authority: trustme.CA
) -> None:
    port = int(behind_service.url.rpartition(":")[2])
    ports = [{"port": 443, "targetPort": port}]
    service = {"metadata": {"name": "hooks"}, "spec": {"ports": ports, "selector": {"app": "hooks"}}}
    await calls.create("/api/v1/namespaces/default/services", service)
    await calls.create(PODS, {**POD, "metadata": {"name": "hook", "labels": {"app": "hooks"}}})
    await calls.create(*configuration("Validating", "judges", by_service(authority)))
    status, answer = await calls.send("POST", PODS, POD)
    assert status == 500
    assert 'no endpoints available for service "hooks"' in answer["message"]
    running = {"status": {"phase": "Running", "podIP": "127.0.0.1"}}
    await calls.patch(f"{PODS}/hook/status", running)
    await calls.create(PODS, POD)
    assert [path for path, _ in behind_service.asked] == ["/judge"]


async def test_a_service_is_reached_at_its_endpoint_slices(
    calls: Calls, store: Store, behind_service: WebhookServer, authority: trustme.CA
) -> None:
    port = int(behind_service.url.rpartition(":")[2])
    ports = [{"port": 443, "name": "https"}]
    await calls.create("/api/v1/namespaces/default/services", {"metadata": {"name": "hooks"}, "spec": {"ports": ports}})
    # Put there directly: over HTTP, the addresses of this machine are refused.
    metadata = {"name": "hooks-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "hooks"}}
    endpoints = [
        {"addresses": ["127.0.0.9"], "conditions": {"ready": False}},
        {"addresses": ["127.0.0.1"], "conditions": {"ready": True}},
    ]
    slice_ports = [{"name": "metrics", "port": 9}, {"name": "https", "port": port}]
    store.put(ENDPOINT_SLICES, {"metadata": metadata, "endpoints": endpoints, "ports": slice_ports})
    await calls.create(*configuration("Validating", "judges", by_service(authority)))
    await calls.create(PODS, POD)
    assert len(behind_service.asked) == 1


async def test_a_service_that_is_not_there_is_named(calls: Calls, authority: trustme.CA) -> None:
    await calls.create(*configuration("Validating", "judges", by_service(authority)))
    _, answer = await calls.send("POST", PODS, POD)
    assert answer["message"].endswith(
        'Post "https://hooks.default.svc:443/judge?timeout=10s": service "hooks" not found'
    )
