"""Wherever writing was cut off: what was written whole is there, and the rest is dropped and told."""

from __future__ import annotations

import pytest
from galileo_emulation.kubernetes.custom.follow import follow
from galileo_emulation.kubernetes.kinds import CUSTOM_RESOURCE_DEFINITIONS, PODS
from galileo_emulation.kubernetes.operations.creation import create
from galileo_emulation.kubernetes.operations.deletion import Deletion, delete
from galileo_emulation.world_file.reading import WorldFileError, read

from tests.emulation.kubernetes.custom.definitions import definition, lamp
from tests.emulation.world_file.worlds import MAKER, Content, add, content, new_store, noting, whole_file


def a_life() -> tuple[bytes, list[bytes], list[Content]]:
    """A file as it was written anew, the lines after that, and what was stored after each line."""
    store = new_store()
    follow(store)
    add(store, "before")
    first, moments = whole_file(store), [content(store)]
    with noting(store) as lines, store.observing(lambda *_: moments.append(content(store))):
        add(store, "a")
        create(store, CUSTOM_RESOURCE_DEFINITIONS, "", definition({"type": "object"}))
        kind = store.catalog.find("example.org", "v1", "lamps")
        assert kind is not None
        create(store, kind, "default", lamp("l"))
        current = store.get(PODS, "default", "a")
        assert current is not None
        delete(store, PODS, current, Deletion(grace_s=0))
        add(store, "a")
    return first, lines, moments


def test_a_tail_cut_off_at_any_byte() -> None:
    first, lines, moments = a_life()
    tail = b"".join(lines)
    whole, ends = 0, [sum(map(len, lines[:count])) for count in range(len(lines) + 1)]
    for length in range(len(tail) + 1):
        whole = max(count for count, end in enumerate(ends) if end <= length)
        reading = read("w", first + tail[:length], MAKER)
        assert reading is not None
        assert reading.torn_bytes == length - ends[whole]
        if length in (ends[whole], ends[whole] + 1):
            assert content(new_store(saved=reading.state)) == moments[whole]
        else:
            assert reading.state.count() == len(moments[whole])


@pytest.mark.parametrize("position", range(9))
def test_a_last_line_with_a_wrong_byte_is_dropped(position: int) -> None:
    first, lines, moments = a_life()
    end = bytearray(lines[-1])
    end[len(end) * position // 9] ^= 1
    reading = read("w", first + b"".join(lines[:-1]) + bytes(end), MAKER)
    assert reading is not None
    assert reading.torn_bytes == len(lines[-1])
    assert content(new_store(saved=reading.state)) == moments[-2]


def test_a_damage_before_the_end_is_refused_and_located() -> None:
    first, lines, _ = a_life()
    data = bytearray(first + b"".join(lines))
    data[len(first) + 20] ^= 1
    number = first.count(b"\n") + 1
    with pytest.raises(WorldFileError, match=rf"^w: line {number} is damaged .*; use a copy of the file or remove it$"):
        read("w", bytes(data), MAKER)
