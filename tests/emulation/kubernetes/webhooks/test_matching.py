"""Which requests a webhook is asked about."""

import random
from typing import Any

import pytest
from galileo_emulation.kubernetes import LocalApi, Store
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, NAMESPACES, NODES, PODS
from galileo_emulation.kubernetes.webhooks.attributes import Attributes
from galileo_emulation.kubernetes.webhooks.configuration import Webhook, webhooks_of
from galileo_emulation.kubernetes.webhooks.configuration_rules import default_mutating
from galileo_emulation.kubernetes.webhooks.matching import seen_as

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.webhooks.webhook_server import WebhookServer, configuration, webhook

PODS_PATH = "/api/v1/namespaces/default/pods"
POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]}}
WIDGETS = "/apis/example.org/{version}/namespaces/default/widgets"


def store() -> Store:
    return Store(now=lambda: 1_700_000_000.0, rng=random.Random(1))


def read(**fields: Any) -> Webhook:
    _, body = configuration("Mutating", "m", webhook("http://127.0.0.1:1/", **fields))
    default_mutating(body)
    return webhooks_of(body)[0]


def request(kind: Kind, subresource: str = "", labels: dict[str, str] | None = None, **fields: Any) -> Attributes:
    body = {"metadata": {"name": "a", "labels": labels or {}}}
    given = {"operation": "CREATE", "namespace": "default" if kind.namespaced else "", "body": body, "old": None}
    return Attributes(kind=kind, subresource=subresource, name="a", **{**given, **fields})


@pytest.mark.parametrize(
    ("resource", "pods", "status"),
    [
        ("*", True, False),
        ("*/*", True, True),
        ("pods", True, False),
        ("pods/*", True, True),
        ("pods/status", False, True),
        ("*/status", False, True),
        ("nodes", False, False),
    ],
)
def test_resources_and_subresources(resource: str, pods: bool, status: bool) -> None:
    hook = read(rule={"resources": [resource]})
    assert (seen_as(hook, request(PODS), store()) is not None) is pods
    assert (seen_as(hook, request(PODS, "status"), store()) is not None) is status


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ({"apiGroups": [""]}, False),
        ({"apiGroups": ["apps"]}, True),
        ({"apiGroups": ["*"], "apiVersions": ["v1"]}, True),
        ({"apiGroups": ["*"], "apiVersions": ["v2"]}, False),
        ({"apiGroups": ["*"], "operations": ["UPDATE", "DELETE"]}, False),
        ({"apiGroups": ["*"], "scope": "Namespaced"}, True),
        ({"apiGroups": ["*"], "scope": "Cluster"}, False),
    ],
)
def test_groups_versions_operations_and_scope(rule: dict[str, Any], asked: bool) -> None:
    hook = read(rule={"resources": ["*"], **rule})
    assert (seen_as(hook, request(DEPLOYMENTS), store()) is not None) is asked


def test_the_scope_of_cluster_wide_kinds() -> None:
    assert seen_as(read(rule={"resources": ["nodes"], "scope": "Cluster"}), request(NODES), store())
    assert not seen_as(read(rule={"resources": ["nodes"], "scope": "Namespaced"}), request(NODES), store())


def test_the_namespace_selector_looks_at_the_namespace_of_the_object() -> None:
    home = {"matchLabels": {"kubernetes.io/metadata.name": "default"}}
    other = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    assert seen_as(read(namespaceSelector=home), request(PODS), store())
    assert not seen_as(read(namespaceSelector=other), request(PODS), store())
    nodes = read(rule={"resources": ["nodes"]}, namespaceSelector=other)
    assert seen_as(nodes, request(NODES), store()), "what has no namespace is not left out for it"


def test_a_namespace_is_selected_by_its_own_labels() -> None:
    hook = read(rule={"resources": ["namespaces"]}, namespaceSelector={"matchLabels": {"team": "a"}})
    assert seen_as(hook, request(NAMESPACES, labels={"team": "a"}), store())
    assert not seen_as(hook, request(NAMESPACES), store())


def test_the_object_selector_looks_at_the_object_as_it_is_and_as_it_was() -> None:
    hook = read(objectSelector={"matchExpressions": [{"key": "app", "operator": "Exists"}]})
    labelled = {"metadata": {"name": "a", "labels": {"app": "web"}}}
    assert not seen_as(hook, request(PODS), store())
    assert seen_as(hook, request(PODS, labels={"app": "web"}), store())
    assert seen_as(hook, request(PODS, operation="UPDATE", old=labelled), store())
    assert seen_as(hook, request(PODS, operation="DELETE", body=None, old=labelled), store())


async def test_webhooks_are_not_asked_about_webhooks(calls: Calls, hooks: WebhookServer) -> None:
    everything = webhook(hooks.url, rule={"apiGroups": ["*"], "resources": ["*/*"]})
    path, body = configuration("Validating", "judges", everything)
    await calls.create(path, body)
    await calls.patch(f"{path}/judges", {"metadata": {"labels": {"a": "b"}}})
    assert hooks.asked == []
    await calls.send("DELETE", f"{path}/judges")
    await calls.create(PODS_PATH, POD)
    assert hooks.asked == []


async def test_conditions_are_expressions_over_the_request(calls: Calls, hooks: WebhookServer) -> None:
    condition = {"name": "named-b", "expression": "request.operation == 'CREATE' && object.metadata.name == 'b'"}
    await calls.create(*configuration("Validating", "judges", webhook(hooks.url, matchConditions=[condition])))
    for name in ("a", "b"):
        await calls.create(PODS_PATH, {**POD, "metadata": {"name": name}})
    assert [asked["name"] for _, asked in hooks.asked] == ["b"]


@pytest.mark.parametrize(("policy", "status"), [("Fail", 403), ("Ignore", 201)])
async def test_a_condition_that_cannot_be_evaluated_counts_as_failure(
    calls: Calls, hooks: WebhookServer, policy: str, status: int
) -> None:
    condition = {"name": "absent", "expression": "object.spec.nothing == 1"}
    entry = webhook(hooks.url, matchConditions=[condition], failurePolicy=policy)
    await calls.create(*configuration("Validating", "judges", entry))
    assert (await calls.send("POST", PODS_PATH, POD))[0] == status
    assert hooks.asked == []


def definition() -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [{"name": name, "served": True, "storage": name == "v1", "schema": schema} for name in ("v1", "v1beta1")]
    names = {"plural": "widgets", "kind": "Widget"}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": versions}
    return {"metadata": {"name": "widgets.example.org"}, "spec": spec}


DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.mark.parametrize(("policy", "count"), [("Equivalent", 1), ("Exact", 0)])
async def test_another_version_of_a_kind_is_equivalent(
    calls: Calls, hooks: WebhookServer, policy: str, count: int
) -> None:
    await calls.create(DEFINITIONS, definition())
    rule = {"apiGroups": ["example.org"], "apiVersions": ["v1"], "resources": ["widgets"]}
    await calls.create(*configuration("Mutating", "changers", webhook(hooks.url, rule=rule, matchPolicy=policy)))
    widget = {"apiVersion": "example.org/v1beta1", "kind": "Widget", "metadata": {"name": "a"}}
    created = await calls.create(WIDGETS.format(version="v1beta1"), widget)
    assert created["apiVersion"] == "example.org/v1beta1"
    assert len(hooks.asked) == count
    for _, asked in hooks.asked:
        assert asked["kind"]["version"] == "v1"
        assert asked["requestKind"]["version"] == "v1beta1"
        assert asked["object"]["apiVersion"] == "example.org/v1"


async def test_what_the_cluster_does_itself_is_not_reviewed(calls: Calls, hooks: WebhookServer, store: Store) -> None:
    await calls.create(DEFINITIONS, definition())
    widget = {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "a"}}
    await calls.create(WIDGETS.format(version="v1"), widget)
    rule = {"apiGroups": ["*"], "resources": ["*/*"]}
    await calls.create(*configuration("Validating", "judges", webhook(hooks.url, rule=rule)))
    await LocalApi(store).put_node({"metadata": {"name": "edge-1"}})
    assert hooks.asked == []
    # The definition takes its objects with it; only what the client deleted is asked about.
    assert (await calls.send("DELETE", f"{DEFINITIONS}/widgets.example.org"))[0] == 200
    assert [asked["resource"]["resource"] for _, asked in hooks.asked] == ["customresourcedefinitions"]
    assert (await calls.send("GET", f"{DEFINITIONS}/widgets.example.org"))[0] == 404
