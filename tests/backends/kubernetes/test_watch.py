"""What every watch promises: the same tests for the twin and the HTTP client."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from galileo_backends.kubernetes import PODS, ApiError, Kubernetes, ListSnapshot, WatchEvent

from .conftest import create_namespace, create_pod, pod

Watch = AsyncGenerator[ListSnapshot | WatchEvent, None]


async def names_at_first(watch: Watch) -> list[str]:
    async with asyncio.timeout(10):
        snapshot = await anext(watch)
    assert isinstance(snapshot, ListSnapshot)
    return [item["metadata"]["name"] for item in snapshot.items]


async def following(watch: Watch, count: int) -> list[tuple[str, str]]:
    """Type and name of the next so many events."""
    seen: list[tuple[str, str]] = []
    async with asyncio.timeout(10):
        for _ in range(count):
            event = await anext(watch)
            assert isinstance(event, WatchEvent)
            seen.append((event.type, event.object["metadata"]["name"]))
    return seen


async def test_a_watch_begins_with_what_is_there_and_goes_on_with_what_changes(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a")
    async with aclosing(kubernetes.list_and_watch(PODS)) as watch:
        assert await names_at_first(watch) == ["a"]
        await create_pod(kubernetes, "b")
        await kubernetes.bind("default", "b", "edge-1")
        await kubernetes.delete(PODS, "a", namespace="default")
        assert await following(watch, 4) == [("ADDED", "b"), ("MODIFIED", "b"), ("MODIFIED", "a"), ("DELETED", "a")]


async def test_nothing_is_lost_between_the_snapshot_and_the_first_read(kubernetes: Kubernetes) -> None:
    async with aclosing(kubernetes.list_and_watch(PODS)) as watch:
        await names_at_first(watch)
        for number in range(20):
            await create_pod(kubernetes, f"p{number}")
        assert await following(watch, 20) == [("ADDED", f"p{number}") for number in range(20)]


async def test_a_watch_of_a_namespace_hears_of_no_other(kubernetes: Kubernetes) -> None:
    await create_namespace(kubernetes, "other")
    async with aclosing(kubernetes.list_and_watch(PODS, namespace="default")) as watch:
        await names_at_first(watch)
        await kubernetes.create(PODS, pod("theirs"), namespace="other")
        await create_pod(kubernetes, "ours")
        assert await following(watch, 1) == [("ADDED", "ours")]


async def test_through_a_field_selector_a_bound_pod_is_gone_from_the_pending(kubernetes: Kubernetes) -> None:
    async with aclosing(kubernetes.list_and_watch(PODS, field_selector="spec.nodeName=")) as watch:
        await names_at_first(watch)
        await create_pod(kubernetes, "a")
        await kubernetes.bind("default", "a", "edge-1")
        assert await following(watch, 2) == [("ADDED", "a"), ("DELETED", "a")]


async def test_through_a_label_selector_a_relabelled_pod_appears(kubernetes: Kubernetes) -> None:
    await create_pod(kubernetes, "a", app="other")
    async with aclosing(kubernetes.list_and_watch(PODS, label_selector="app=x")) as watch:
        assert await names_at_first(watch) == []
        await kubernetes.patch(PODS, "a", {"metadata": {"labels": {"app": "x"}}}, namespace="default")
        await kubernetes.patch(PODS, "a", {"metadata": {"labels": {"more": "1"}}}, namespace="default")
        assert await following(watch, 2) == [("ADDED", "a"), ("MODIFIED", "a")]


async def test_a_deleted_pod_is_marked_first_and_arrives_as_it_last_was(
    kubernetes: Kubernetes,
) -> None:
    created = await create_pod(kubernetes, "a", app="x")
    async with aclosing(kubernetes.list_and_watch(PODS)) as watch:
        await names_at_first(watch)
        await kubernetes.delete(PODS, "a", namespace="default")
        async with asyncio.timeout(10):
            marked, event = await anext(watch), await anext(watch)
    assert isinstance(marked, WatchEvent)
    assert "deletionTimestamp" in marked.object["metadata"]
    assert isinstance(event, WatchEvent)
    assert event.type == "DELETED"
    assert event.object["metadata"]["labels"] == {"app": "x"}
    assert int(event.object["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])


async def test_two_watches_both_hear_everything_and_share_nothing(kubernetes: Kubernetes) -> None:
    async with aclosing(kubernetes.list_and_watch(PODS)) as one, aclosing(kubernetes.list_and_watch(PODS)) as two:
        await names_at_first(one)
        await names_at_first(two)
        await create_pod(kubernetes, "a")
        first = await anext(one)
        assert isinstance(first, WatchEvent)
        first.object["metadata"]["name"] = "changed by its reader"
        assert await following(two, 1) == [("ADDED", "a")]


async def test_a_watch_through_a_selector_that_is_none_is_refused(kubernetes: Kubernetes) -> None:
    with pytest.raises(ApiError) as raised:
        await anext(kubernetes.list_and_watch(PODS, label_selector="app in x"))
    assert raised.value.status == 400
