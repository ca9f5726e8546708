"""Stores with something in them, what a file says of them, and what a store holds as something that can be compared."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import PODS
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.storage.saved_state import SavedState
from galileo_emulation.world_file import Maker
from galileo_emulation.world_file.compaction import snapshot
from galileo_emulation.world_file.records import Counters, change_line

MAKER = Maker(scenario="small", seed=1, nodes={"box-1": "here", "box-2": "there"}, one_address=False)
NOW = 1_700_000_000.0

Content = dict[tuple[tuple[str, str], str, str], Any]


def new_store(*, saved: SavedState | None = None, now: Callable[[], float] = lambda: NOW, seed: int = 1) -> Store:
    return Store(now=now, rng=random.Random(seed), saved=saved)


def add(store: Store, name: str, kind: Kind = PODS, **body: Any) -> None:
    """Create an object; a pod of one container unless it is said."""
    content = body or {"spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]}}
    create(store, kind, "default" if kind.namespaced else "", {"metadata": {"name": name}, **content})


def content(store: Store) -> Content:
    """All that is stored: by kind, namespace and name, each object's JSON, tree, version and managers."""
    return {
        (kind, stored.body["metadata"].get("namespace", ""), stored.body["metadata"]["name"]): (
            stored.encoded,
            stored.body,
            stored.version,
            stored.managed,
        )
        for kind, stored in store.everything()
    }


def whole_file(store: Store) -> bytes:
    """A file that was just written anew."""
    counters = Counters(store.version, store.cluster_ips)
    return b"".join(snapshot(MAKER, store.everything(), counters))


@contextmanager
def noting(store: Store) -> Iterator[list[bytes]]:
    """The line of each change, as it happens."""
    lines: list[bytes] = []
    with store.observing(lambda kind, change: lines.append(change_line(kind.key, change))):
        yield lines
