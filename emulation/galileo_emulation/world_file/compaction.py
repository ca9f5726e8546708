"""When a world file is written anew, and what it then holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from galileo_emulation.kubernetes.storage.history import Stored
from galileo_emulation.kubernetes.storage.saved_state import KindKey
from galileo_emulation.world_file.maker import Maker, first_line
from galileo_emulation.world_file.records import Counters, counters_line, put_line

GROWTH = 4
# Below this size a file is not worth the work.
SMALL_BYTES = 8 * 1024 * 1024


def is_due(*, size_bytes: int, compact_bytes: int) -> bool:
    """Whether a file has grown so far beyond its size when it was last written anew that it should be again."""
    return size_bytes > max(SMALL_BYTES, GROWTH * compact_bytes)


def snapshot(maker: Maker, everything: Iterable[tuple[KindKey, Stored]], counters: Counters) -> Iterator[bytes]:
    """The lines of a file that holds what is there now."""
    yield first_line(maker)
    yield counters_line(counters)
    for kind, stored in everything:
        yield put_line(kind, stored)
