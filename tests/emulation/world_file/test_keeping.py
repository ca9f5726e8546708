"""A file that is kept up to date: what is in it when, and what another life of the world makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.kinds import CONFIG_MAPS, PODS
from galileo_emulation.world_file import WorldFile, WorldFileError, compaction, world_file
from galileo_emulation.world_file.reading import read
from galileo_emulation.world_file.reservation import AHEAD, reserved

from tests.emulation.world_file.worlds import MAKER, Content, add, content, new_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.world"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are written every few milliseconds."""
    monkeypatch.setattr(world_file, "WRITE_EVERY_S", 0.02)


def resumed(path: Path) -> Store:
    """The store of the world's next life."""
    file = WorldFile(path, MAKER)
    try:
        return new_store(saved=file.load(), seed=2)
    finally:
        file.close()


def kill(path: Path) -> Callable[[], None]:
    """Keep what is in the file now; the function returned puts it back, as if nothing had been written since."""
    then = path.read_bytes()

    def put_back() -> None:
        path.write_bytes(then)

    return put_back


def size(path: Path) -> int:
    return path.stat().st_size


def in_file(path: Path) -> Content:
    """What a world that was killed now would come back with."""
    reading = read("w", path.read_bytes(), MAKER)
    assert reading is not None
    return content(new_store(saved=reading.state))


async def until_in_file(path: Path, store: Store) -> None:
    async with asyncio.timeout(10.0):
        while in_file(path) != content(store):  # noqa: ASYNC110  (a file does not say when it changes)
            await asyncio.sleep(0.02)


async def test_a_change_is_in_the_file_within_a_moment(path: Path) -> None:
    store = new_store()
    async with WorldFile(path, MAKER).keeping(store):
        assert in_file(path) == content(store)
        add(store, "a")
        await until_in_file(path, store)


async def test_a_world_that_was_stopped_goes_on_where_it_was(path: Path) -> None:
    store = new_store()
    async with WorldFile(path, MAKER).keeping(store):
        add(store, "a")
    again = resumed(path)
    assert content(again) == content(store)
    assert again.version == store.version
    assert again.history(PODS).floor == store.version


async def test_no_version_comes_again_after_a_crash(path: Path) -> None:
    store = new_store()
    async with WorldFile(path, MAKER).keeping(store):
        killed_here = kill(path)
        for number in range(20):
            add(store, f"seen-by-clients-{number}")
    killed_here()
    again = resumed(path)
    assert again.version > store.version
    assert again.history(PODS).floor > store.version, "who saw them is told 410, to list again"


@pytest.mark.parametrize("used", [0, AHEAD // 2 - 1, AHEAD // 2, AHEAD, 3 * AHEAD])
def test_there_are_always_many_versions_ahead(used: int) -> None:
    assert reserved(1000 + used, 1000 + AHEAD) - (1000 + used) >= AHEAD // 2


@pytest.mark.usefixtures("quick")
async def test_a_file_that_has_grown_is_written_anew_and_nothing_is_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "SMALL_BYTES", 1000)
    store = new_store()
    async with WorldFile(path, MAKER).keeping(store):
        for number in range(12):
            for of_a_round in range(60):
                add(store, f"m-{number}-{of_a_round}", CONFIG_MAPS, data={"key": "x" * 1000})
                store.remove(CONFIG_MAPS, "default", f"m-{number}-{of_a_round}")
            add(store, f"left-{number}")
            await until_in_file(path, store)
    assert size(path) < 12 * 60 * 1000 / 4
    assert in_file(path) == content(store)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_what_changes_while_the_file_is_written_anew_is_in_it(path: Path) -> None:
    store, file = new_store(), WorldFile(path, MAKER)
    async with file.keeping(store):
        compacting = asyncio.create_task(file._compact(store))
        await asyncio.sleep(0)  # what is there has been noted, and is being written
        add(store, "meanwhile")
        await compacting
        assert in_file(path) == content(store)
        add(store, "after")
    assert in_file(path) == content(store)


@pytest.mark.parametrize(
    ("size_bytes", "due"), [(0, False), (8 * 1024**2, False), (8 * 1024**2 + 1, True), (40 * 1024**2, True)]
)
def test_when_a_file_is_written_anew(size_bytes: int, *, due: bool) -> None:
    assert compaction.is_due(size_bytes=size_bytes, compact_bytes=1024**2) is due
    assert not compaction.is_due(size_bytes=size_bytes, compact_bytes=10 * 1024**2)


async def test_one_world_at_a_time(path: Path) -> None:
    file = WorldFile(path, MAKER)
    refused = "another world runs with this file; stop it or name another one$"
    with pytest.raises(WorldFileError, match=refused):
        WorldFile(path, MAKER)
    async with file.keeping(new_store()):
        with pytest.raises(WorldFileError, match=refused):
            WorldFile(path, MAKER)
    WorldFile(path, MAKER).close()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorldFileError, match=r"w: the world cannot be kept there: No such file or directory$"):
        WorldFile(tmp_path / "none" / "w", MAKER)


async def test_a_disk_that_is_full_ends_the_keeping_with_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, file = new_store(), WorldFile(path, MAKER)

    def full(lines: bytes) -> None:
        raise OSError(28, "No space left on device")

    async def keep() -> None:
        async with file.keeping(store):
            monkeypatch.setattr(file, "_write", full)
            add(store, "a")
            await file.wait()

    with pytest.raises(WorldFileError, match=r"w\.world: the world cannot be kept there: No space left on device$"):
        await keep()
