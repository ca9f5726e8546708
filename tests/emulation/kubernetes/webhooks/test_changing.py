"""Mutating webhooks: their patches, their order, and who is asked again."""

from contextlib import AsyncExitStack

import pytest
from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.in_process import InProcessClient
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.webhooks.webhook_server import (
    Json,
    Reply,
    WebhookServer,
    configuration,
    deny,
    patch,
    webhook,
)

PODS = "/api/v1/namespaces/default/pods"
POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]}}
LABEL = {"op": "add", "path": "/metadata/labels", "value": {"seen": "yes"}}


async def changed_by(calls: Calls, url: str, **fields: Json) -> None:
    await calls.create(*configuration("Mutating", "changers", webhook(url, **fields)))


async def test_a_patch_is_applied_before_defaults_and_checks(calls: Calls, hooks: WebhookServer) -> None:
    await changed_by(calls, hooks.url)
    sidecar = {"name": "sidecar", "image": "registry.example/proxy:1"}
    hooks.replies["/"] = patch(LABEL, {"op": "add", "path": "/spec/containers/-", "value": sidecar})
    pod = await calls.create(PODS, POD)
    assert pod["metadata"]["labels"] == {"seen": "yes"}
    assert [container["name"] for container in pod["spec"]["containers"]] == ["main", "sidecar"]
    assert pod["spec"]["containers"][1]["imagePullPolicy"] == "IfNotPresent"
    ((_, asked),) = hooks.asked
    assert "uid" not in asked["object"]["metadata"]
    assert asked["object"]["spec"]["restartPolicy"] == "Always"


async def test_what_a_webhook_changes_is_nobodys(calls: Calls, hooks: WebhookServer) -> None:
    await changed_by(calls, hooks.url)
    hooks.replies["/"] = patch(LABEL)
    pod = await calls.create(PODS, POD)
    assert pod["metadata"]["labels"] == {"seen": "yes"}
    (entry,) = pod["metadata"]["managedFields"]
    assert "f:metadata" not in entry["fieldsV1"]
    _, changed = await calls.patch(f"{PODS}/web?fieldManager=other", {"metadata": {"annotations": {"a": "b"}}})
    managed = {entry["manager"]: entry["fieldsV1"] for entry in changed["metadata"]["managedFields"]}
    assert managed["other"] == {"f:metadata": {"f:annotations": {".": {}, "f:a": {}}}}


async def test_what_a_webhook_makes_invalid_is_refused_as_from_the_client(calls: Calls, hooks: WebhookServer) -> None:
    await changed_by(calls, hooks.url)
    hooks.replies["/"] = patch({"op": "remove", "path": "/spec/containers/0/image"})
    assert await calls.refused(PODS, POD) == [("FieldValueRequired", "spec.containers[0].image")]


async def test_changes_of_changes_are_patched_too(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(PODS, POD)
    await changed_by(calls, hooks.url)
    hooks.replies["/"] = patch(LABEL)
    _, pod = await calls.patch(f"{PODS}/web", {"metadata": {"annotations": {"a": "b"}}})
    assert (pod["metadata"]["labels"], pod["metadata"]["annotations"]) == ({"seen": "yes"}, {"a": "b"})


async def test_a_change_webhooks_may_not_make_is_put_back(calls: Calls, hooks: WebhookServer) -> None:
    pod = await calls.create(PODS, POD)
    await changed_by(calls, hooks.url)
    hooks.replies["/"] = patch(
        {"op": "replace", "path": "/metadata/uid", "value": pod["metadata"]["uid"]},
        {"op": "replace", "path": "/status", "value": {"phase": "Failed"}},
    )
    _, changed = await calls.patch(f"{PODS}/web", {"metadata": {"labels": {"a": "b"}}})
    assert changed["status"]["phase"] == "Pending"


async def test_a_denial_ends_it(calls: Calls, hooks: WebhookServer) -> None:
    first = webhook(f"{hooks.url}/first", name="first.example.org")
    second = webhook(f"{hooks.url}/second", name="second.example.org")
    await calls.create(*configuration("Mutating", "changers", first, second))
    hooks.replies["/first"] = deny("no", code=422)
    assert (await calls.send("POST", PODS, POD))[0] == 422
    assert hooks.requests("/second") == []


def adds(letter: str) -> Reply:
    """Append a letter to an annotation, which tells the order of the webhooks."""

    def answer(request: Json) -> Json:
        written = (request["object"]["metadata"].get("annotations") or {}).get("order", "")
        return patch({"op": "add", "path": "/metadata/annotations", "value": {"order": written + letter}})(request)

    return answer


async def test_configurations_are_asked_by_name_and_each_sees_what_came_before(
    calls: Calls, hooks: WebhookServer
) -> None:
    for name in ("b", "a", "c"):
        entry = webhook(f"{hooks.url}/{name}", name=f"{name}.example.org")
        await calls.create(*configuration("Mutating", name, entry))
        hooks.replies[f"/{name}"] = adds(name)
    pod = await calls.create(PODS, POD)
    assert pod["metadata"]["annotations"] == {"order": "abc"}


async def test_one_that_wants_it_is_asked_again_after_a_later_one_changed_the_object(
    calls: Calls, hooks: WebhookServer
) -> None:
    again = webhook(f"{hooks.url}/a", name="a.example.org", reinvocationPolicy="IfNeeded")
    once = webhook(f"{hooks.url}/b", name="b.example.org")
    await calls.create(*configuration("Mutating", "changers", again, once))
    hooks.replies |= {"/a": adds("a"), "/b": adds("b")}
    pod = await calls.create(PODS, POD)
    assert pod["metadata"]["annotations"] == {"order": "aba"}


async def test_none_is_asked_again_when_nothing_changed_after_it(calls: Calls, hooks: WebhookServer) -> None:
    again = webhook(f"{hooks.url}/a", name="a.example.org", reinvocationPolicy="IfNeeded")
    once = webhook(f"{hooks.url}/b", name="b.example.org")
    await calls.create(*configuration("Mutating", "changers", again, once))
    hooks.replies["/a"] = adds("a")
    await calls.create(PODS, POD)
    assert [path for path, _ in hooks.asked] == ["/a", "/b"]


async def test_judges_see_what_was_changed(calls: Calls, hooks: WebhookServer) -> None:
    await changed_by(calls, f"{hooks.url}/change")
    await calls.create(*configuration("Validating", "judges", webhook(f"{hooks.url}/judge")))
    hooks.replies["/change"] = patch(LABEL)
    await calls.create(PODS, POD)
    (judged,) = hooks.requests("/judge")
    assert judged["object"]["metadata"]["labels"] == {"seen": "yes"}
    assert len(hooks.asked) == 2


@pytest.mark.parametrize("who", ["a client", "a controller"])
async def test_a_scale_is_shown_and_changed_as_a_scale(
    who: str, calls: Calls, hooks: WebhookServer, store: Store
) -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": POD["spec"]}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    deployments = "/apis/apps/v1/namespaces/default/deployments"
    await calls.create(deployments, {"metadata": {"name": "web"}, "spec": spec})
    await changed_by(calls, hooks.url, rule={"apiGroups": ["apps"], "resources": ["deployments/scale"]})
    hooks.replies["/"] = patch({"op": "replace", "path": "/spec/replicas", "value": 2})
    if who == "a client":
        status, scale = await calls.patch(f"{deployments}/web/scale", {"spec": {"replicas": 9}})
        assert (status, scale["spec"]["replicas"]) == (200, 2)
    else:
        async with AsyncExitStack() as stack:
            api = InProcessClient(store)
            stack.push_async_callback(api.close)
            seen = api.get(DEPLOYMENTS, "web", "default")
            assert seen is not None
            await api.scale(DEPLOYMENTS, seen, 9)
    assert (await calls.get(f"{deployments}/web"))["spec"]["replicas"] == 2
    ((_, asked),) = hooks.asked
    assert (asked["subResource"], asked["kind"]["kind"]) == ("scale", "Scale")
    assert (asked["object"]["spec"], asked["oldObject"]["spec"]) == ({"replicas": 9}, {"replicas": 1})


async def test_a_binding_is_judged_but_cannot_be_changed(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(PODS, POD)
    await changed_by(calls, hooks.url, rule={"resources": ["pods/binding"]})
    binding = {"target": {"name": "edge-1"}, "metadata": {"name": "web"}}
    hooks.replies["/"] = deny("not there", code=403)
    assert (await calls.send("POST", f"{PODS}/web/binding", binding))[0] == 403
    hooks.replies["/"] = patch({"op": "replace", "path": "/target/name", "value": "edge-2"})
    assert (await calls.send("POST", f"{PODS}/web/binding", binding))[0] == 500
    hooks.replies.clear()
    assert (await calls.send("POST", f"{PODS}/web/binding", binding))[0] == 201
    assert hooks.asked[-1][1]["kind"] == {"group": "", "version": "v1", "kind": "Binding"}
    assert (await calls.get(f"{PODS}/web"))["spec"]["nodeName"] == "edge-1"


@pytest.mark.parametrize(
    "reply",
    [
        patch({"op": "remove", "path": "/spec/nothing"}),
        patch({"op": "replace", "path": "/spec/containers", "value": "none"}),
    ],
)
async def test_a_patch_that_makes_no_pod_of_it_is_the_webhooks_fault(
    calls: Calls, hooks: WebhookServer, reply: Reply
) -> None:
    await changed_by(calls, hooks.url)
    hooks.replies["/"] = reply
    status, answer = await calls.send("POST", PODS, POD)
    assert (status, answer["reason"]) == (500, "InternalError")
