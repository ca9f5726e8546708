"""Validating webhooks: what they are asked, and what becomes of their answer."""

import asyncio

import aiohttp
import pytest
from galileo_emulation.kubernetes import ApiServer, Store

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.webhooks.webhook_server import Json, Reply, WebhookServer, configuration, deny, webhook

PODS = "/api/v1/namespaces/default/pods"
POD = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]}}


async def judged_by(calls: Calls, url: str, **fields: Json) -> None:
    await calls.create(*configuration("Validating", "judges", webhook(url, **fields)))


async def test_a_denied_object_is_not_stored_and_the_reason_is_passed_on(calls: Calls, hooks: WebhookServer) -> None:
    await judged_by(calls, hooks.url)
    hooks.replies["/"] = deny("not today", code=403, reason="Forbidden")
    status, answer = await calls.send("POST", PODS, POD)
    assert (status, answer["reason"], answer["code"]) == (403, "Forbidden", 403)
    assert answer["message"] == 'admission webhook "hook.example.org" denied the request: not today'
    assert (await calls.send("GET", f"{PODS}/web"))[0] == 404


async def test_a_denial_without_a_word_is_400(calls: Calls, hooks: WebhookServer) -> None:
    await judged_by(calls, hooks.url)
    hooks.replies["/"] = lambda request: {"allowed": False}
    status, answer = await calls.send("POST", PODS, POD)
    assert status == 400
    assert answer["message"] == 'admission webhook "hook.example.org" denied the request without explanation'


async def test_the_question_says_what_when_and_by_whom(calls: Calls, hooks: WebhookServer, store: Store) -> None:
    await judged_by(calls, hooks.url)
    created = await calls.create(PODS, POD)
    ((_, asked),) = hooks.asked
    assert asked["operation"] == "CREATE"
    assert asked["kind"] == asked["requestKind"] == {"group": "", "version": "v1", "kind": "Pod"}
    assert asked["resource"] == asked["requestResource"] == {"group": "", "version": "v1", "resource": "pods"}
    assert (asked["name"], asked["namespace"], asked["dryRun"]) == ("web", "default", False)
    assert asked["userInfo"]["username"] == "galileo"
    assert asked["options"]["kind"] == "CreateOptions"
    assert asked["oldObject"] is None
    # What was accepted is what is stored, down to the uid.
    assert asked["object"]["metadata"]["uid"] == created["metadata"]["uid"]
    assert asked["object"]["spec"] == created["spec"]
    assert (asked["object"]["kind"], asked["object"]["apiVersion"]) == ("Pod", "v1")


async def test_a_generated_name_is_the_one_that_was_judged(calls: Calls, hooks: WebhookServer) -> None:
    await judged_by(calls, hooks.url)
    created = await calls.create(PODS, {**POD, "metadata": {"generateName": "web-"}})
    ((_, asked),) = hooks.asked
    assert asked["name"] == created["metadata"]["name"]


async def test_changes_and_deletions_come_with_the_old_object(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(PODS, POD)
    await judged_by(calls, hooks.url)
    await calls.patch(f"{PODS}/web", {"metadata": {"labels": {"tier": "front"}}})
    await calls.send("DELETE", f"{PODS}/web?gracePeriodSeconds=0")
    (_, change), (_, deletion) = hooks.asked
    assert change["operation"] == "UPDATE"
    assert change["object"]["metadata"]["labels"] == {"tier": "front"}
    assert "labels" not in change["oldObject"]["metadata"]
    assert deletion["operation"] == "DELETE"
    assert deletion["object"] is None
    assert deletion["oldObject"]["metadata"]["labels"] == {"tier": "front"}
    assert deletion["options"]["kind"] == "DeleteOptions"


async def test_a_denied_deletion_leaves_the_object(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(PODS, POD)
    await judged_by(calls, hooks.url, rule={"operations": ["DELETE"]})
    hooks.replies["/"] = deny("kept")
    assert (await calls.send("DELETE", f"{PODS}/web"))[0] == 400
    assert (await calls.send("DELETE", PODS))[0] == 400
    await calls.get(f"{PODS}/web")


async def test_a_collection_is_judged_whole_before_any_object_goes(calls: Calls, hooks: WebhookServer) -> None:
    for name in ("a", "b", "c"):
        await calls.create(PODS, {**POD, "metadata": {"name": name}})
    await judged_by(calls, hooks.url, rule={"operations": ["DELETE"]})
    hooks.replies["/"] = lambda request: {"allowed": request["name"] != "c"}
    assert (await calls.send("DELETE", PODS))[0] == 400
    assert len((await calls.get(PODS))["items"]) == 3
    hooks.replies.clear()
    status, gone = await calls.send("DELETE", PODS)
    assert (status, [item["metadata"]["name"] for item in gone["items"]]) == (200, ["a", "b", "c"])
    assert (await calls.get(PODS))["items"] == []


def warned(*, allowed: bool) -> Reply:
    return lambda request: {"allowed": allowed, "warnings": ["old image", "no owner"]}


async def test_warnings_reach_the_client_whether_allowed_or_not(
    calls: Calls, hooks: WebhookServer, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    await judged_by(calls, hooks.url)
    for allowed in (False, True):
        hooks.replies["/"] = warned(allowed=allowed)
        async with session.post(server.url + PODS, json=POD) as response:
            assert response.status == (201 if allowed else 400)
            assert response.headers.getall("Warning") == ['299 - "old image"', '299 - "no owner"']


async def test_nobody_is_asked_about_what_no_rule_names(calls: Calls, hooks: WebhookServer) -> None:
    await judged_by(calls, hooks.url, rule={"operations": ["UPDATE"]})
    await calls.create(PODS, POD)
    await calls.patch(f"{PODS}/web/status", {"status": {"phase": "Running"}})
    assert hooks.asked == []


async def test_all_judges_are_asked_even_when_one_denies(calls: Calls, hooks: WebhookServer) -> None:
    first = webhook(f"{hooks.url}/first", name="first.example.org")
    second = webhook(f"{hooks.url}/second", name="second.example.org")
    await calls.create(*configuration("Validating", "judges", first, second))
    hooks.replies["/first"] = deny("no")
    assert (await calls.send("POST", PODS, POD))[0] == 400
    assert {path for path, _ in hooks.asked} == {"/first", "/second"}


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_dry_run_is_told_to_the_webhook_and_stores_nothing(
    calls: Calls, hooks: WebhookServer, dry_run: bool
) -> None:
    await judged_by(calls, hooks.url)
    await calls.create(PODS + ("?dryRun=All" if dry_run else ""), POD)
    ((_, asked),) = hooks.asked
    assert asked["dryRun"] is dry_run
    assert (await calls.send("GET", f"{PODS}/web"))[0] == (404 if dry_run else 200)


def changing(calls: Calls, times: int) -> Reply:
    """Let a pod's status change while the webhook thinks about the pod, so many times."""
    left = iter(range(times))

    async def answer(request: Json) -> Json:
        for count in left:
            await calls.patch(f"{PODS}/web/status", {"status": {"message": f"{count}"}})
            break
        return {"allowed": True}

    return answer


async def test_a_patch_is_judged_again_when_the_object_changes_meanwhile(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(PODS, POD)
    await judged_by(calls, hooks.url)
    hooks.replies["/"] = changing(calls, 2)
    status, pod = await calls.patch(f"{PODS}/web", {"metadata": {"labels": {"tier": "front"}}})
    assert (status, pod["metadata"]["labels"], pod["status"]["message"]) == (200, {"tier": "front"}, "1")
    # The last question was about the object as it was stored.
    assert hooks.asked[-1][1]["oldObject"]["status"]["message"] == "1"
    assert len(hooks.asked) == 3


async def test_a_patch_of_an_object_that_never_rests_is_a_conflict(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(PODS, POD)
    await judged_by(calls, hooks.url)
    hooks.replies["/"] = changing(calls, 100)
    status, answer = await calls.patch(f"{PODS}/web", {"metadata": {"labels": {"tier": "front"}}})
    assert (status, answer["reason"]) == (409, "Conflict")
    assert len(hooks.asked) == 5


async def test_a_deletion_is_judged_again_when_the_object_changes_meanwhile(calls: Calls, hooks: WebhookServer) -> None:
    await calls.create(PODS, POD)
    await judged_by(calls, hooks.url, rule={"operations": ["DELETE"]})
    hooks.replies["/"] = changing(calls, 1)
    assert (await calls.send("DELETE", f"{PODS}/web"))[0] == 200
    assert [asked["oldObject"]["status"].get("message") for _, asked in hooks.asked] == [None, "0"]


async def test_a_put_for_a_version_that_has_passed_meanwhile_is_a_conflict(calls: Calls, hooks: WebhookServer) -> None:
    pod = await calls.create(PODS, POD)
    await judged_by(calls, hooks.url)
    hooks.replies["/"] = changing(calls, 1)
    status, answer = await calls.send(
        "PUT", f"{PODS}/web", {**pod, "metadata": {**pod["metadata"], "labels": {"a": "b"}}}
    )
    assert (status, answer["reason"]) == (409, "Conflict")


async def test_of_two_equal_creations_under_judgement_one_wins(calls: Calls, hooks: WebhookServer) -> None:
    await judged_by(calls, hooks.url)
    statuses = await asyncio.gather(*(calls.send("POST", PODS, POD) for _ in range(2)))
    assert sorted(status for status, _ in statuses) == [201, 409]
