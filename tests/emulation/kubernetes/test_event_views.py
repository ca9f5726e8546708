"""Both groups of events show the same objects, in lists and in watches, each in its own form."""

import asyncio

import aiohttp
import orjson
from galileo_emulation.kubernetes import ApiServer

from tests.emulation.kubernetes.calls import Calls, Json

OLD = "/api/v1/namespaces/default/events"
NEW = "/apis/events.k8s.io/v1/namespaces/default/events"
ABOUT = {"kind": "Pod", "namespace": "default", "name": "p"}
NEWER = {
    "metadata": {"name": "newer"},
    "eventTime": "2024-01-01T00:00:00.000000Z",
    "reportingController": "example.com/binder",
    "reportingInstance": "binder-0",
    "action": "Binding",
    "reason": "Scheduled",
    "type": "Normal",
    "regarding": ABOUT,
    "note": "here",
}


async def next_event(session: aiohttp.ClientSession, url: str) -> Json:
    async with session.get(f"{url}?watch=true") as response:
        return orjson.loads(await response.content.readline())


async def test_watches_of_both_groups_are_told_of_one_event(
    calls: Calls, server: ApiServer, session: aiohttp.ClientSession
) -> None:
    watches = [asyncio.create_task(next_event(session, server.url + place)) for place in (OLD, NEW)]
    await asyncio.sleep(0)
    await calls.create(NEW, NEWER)
    old, new = await asyncio.gather(*watches)
    assert (old["type"], old["object"]["apiVersion"], old["object"]["message"]) == ("ADDED", "v1", "here")
    assert (new["type"], new["object"]["apiVersion"], new["object"]["note"]) == ("ADDED", "events.k8s.io/v1", "here")
    assert new["object"]["regarding"] == old["object"]["involvedObject"] == ABOUT


async def test_one_is_deleted_through_the_other(calls: Calls) -> None:
    await calls.create(NEW, NEWER)
    assert (await calls.send("DELETE", f"{OLD}/newer"))[0] == 200
    assert (await calls.get(NEW))["items"] == []


async def test_the_newer_form_is_put_as_it_was_got(calls: Calls) -> None:
    made = await calls.create(NEW, NEWER)
    status, put = await calls.send("PUT", f"{NEW}/newer", made)
    assert (status, put) == (200, made)
