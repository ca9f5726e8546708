"""Whether the emulated world is kept in a file, and what it begins with: a new store, or the one of that file."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from galileo_emulation.kubernetes.custom.follow import follow
from galileo_emulation.kubernetes.storage.store import Store
from galileo_emulation.network.free_ports import has_many_loopback_addresses
from galileo_emulation.world_file import Maker, WorldFile
from galileo_emulation.world_file.reboot import reboot
from galileo_experiments.scenario import Scenario


class KeptWorld:
    """The store of a run's world, kept in the file `path` unless that is empty. Raises WorldFileError."""

    def __init__(self, scenario: Scenario, path: str, *, single_address: bool) -> None:
        self._file = _world_file(scenario, path, single_address=single_address)
        saved = self._file.load() if self._file is not None else None
        # What is drawn is never drawn again by a later life of the world, uids above all.
        seed = scenario.seed if saved is None else f"{scenario.seed}/{saved.version}"
        self.store = Store(now=time.time, rng=random.Random(seed), saved=saved)
        if saved is not None:
            follow(self.store)  # nobody may see the objects of custom kinds without their kinds
            reboot(self.store, {node.name for node in scenario.nodes})

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keep the store in its file, if it has one, while the context lasts."""
        if self._file is None:
            yield
            return
        async with self._file.keeping(self.store):
            yield

    async def wait(self) -> None:
        """Wait as long as it is kept; raises WorldFileError when the file cannot be written."""
        if self._file is None:
            await asyncio.get_running_loop().create_future()
        else:
            await self._file.wait()


def world_file_notes(scenario: Scenario, path: str, *, single_address: bool) -> list[str]:
    """What people are told of the world's file before a run. Raises WorldFileError."""
    file = _world_file(scenario, path, single_address=single_address)
    if file is None:
        return []
    try:
        reading = file.read()
    finally:
        file.close()
    if reading is None:
        return [f"the world is kept in {file.path}"]
    notes = [f"the world of {file.path} goes on: {reading.state.count()} objects"]
    if reading.torn_bytes:
        notes.append(f"{file.path}: the last {reading.torn_bytes} bytes were half written, and are dropped")
    return notes


def _world_file(scenario: Scenario, path: str, *, single_address: bool) -> WorldFile | None:
    if not path:
        return None
    maker = Maker(
        scenario=scenario.name,
        seed=scenario.seed,
        nodes={node.name: node.zone for node in scenario.nodes},
        one_address=single_address or not has_many_loopback_addresses(),
    )
    return WorldFile(Path(path), maker)
