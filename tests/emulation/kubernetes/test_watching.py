"""Watches: bookmarks and ends in virtual time, and what happens to a watcher that is too slow."""

import asyncio
import random
from collections.abc import AsyncIterator

import orjson
import pytest
from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.http.representation import Form, Presenter
from galileo_emulation.kubernetes.kinds import CONFIG_MAPS, PODS
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.selectors import Selection
from galileo_emulation.kubernetes.storage.watches import Watch, WatchRequest


def new_store(history_length: int = 1000) -> Store:
    return Store(now=lambda: 1_700_000_000.0, rng=random.Random(1), history_length=history_length)


def watch(store: Store) -> Watch:
    presenter = Presenter(PODS, Form.WHOLE, include="", now=store.now)
    return Watch(store, PODS, "default", Selection(), presenter.event_object)


def asked(start: int | None, *, bookmarks: bool = False, timeout_s: float | None = None) -> WatchRequest:
    return WatchRequest(start=start, bookmarks=bookmarks, initial_end=False, timeout_s=timeout_s)


def add_pod(store: Store, name: str) -> None:
    container = {"name": "main", "image": "registry.example/app:1"}
    create(store, PODS, "default", {"metadata": {"name": name}, "spec": {"containers": [container]}})


def read(piece: bytes) -> list[JsonObject]:
    return [orjson.loads(line) for line in piece.splitlines()]


async def all_of(pieces: AsyncIterator[bytes]) -> list[JsonObject]:
    return [event async for piece in pieces for event in read(piece)]


@pytest.mark.looptime
async def test_bookmarks_come_every_minute_and_shortly_before_the_end() -> None:
    store = new_store()
    loop = asyncio.get_running_loop()
    opened, moments = loop.time(), []
    async for piece in watch(store).lines(asked(store.version, bookmarks=True, timeout_s=150)):
        assert read(piece)[0]["type"] == "BOOKMARK"
        moments.append(round(loop.time() - opened))
    assert moments == [60, 120, 148]


@pytest.mark.looptime
async def test_a_bookmark_moves_on_with_changes_of_other_kinds() -> None:
    store = new_store()
    stream = watch(store).lines(asked(store.version, bookmarks=True, timeout_s=100))
    create(store, CONFIG_MAPS, "default", {"metadata": {"name": "elsewhere"}})
    (event,) = read(await anext(stream))
    assert event["object"]["metadata"]["resourceVersion"] == str(store.version)


async def test_a_watcher_that_falls_behind_the_history_is_told_to_list_again() -> None:
    store = new_store(history_length=4)
    stream = watch(store).lines(asked(None))
    add_pod(store, "first")
    assert [event["type"] for event in read(await anext(stream))] == ["ADDED"]
    for index in range(8):
        add_pod(store, f"pod-{index}")
    events = await all_of(stream)
    assert [(event["type"], event["object"]["code"]) for event in events] == [("ERROR", 410)]


@pytest.mark.looptime
async def test_a_watcher_within_the_history_misses_nothing() -> None:
    store = new_store(history_length=4)
    start = store.version
    for index in range(7):
        add_pod(store, f"pod-{index}")
    events = await all_of(watch(store).lines(asked(start, timeout_s=1)))
    assert [event["object"]["metadata"]["name"] for event in events] == [f"pod-{index}" for index in range(7)]
