"""Reading a stream from a place on, as one who only looks."""

from __future__ import annotations

import asyncio

from tests.bus.conftest import Connect


async def test_what_comes_after_an_id_is_read_and_nobody_else_misses_it(connect: Connect) -> None:
    transport = await connect()
    for number in range(3):
        await transport.append("s", b"%d" % number, identity=f"{number}")
    first, *_rest = await transport.range("s", count=1)
    found = await transport.read_after({"s": first.id}, count=10, wait_s=0.1)
    assert [entry.payload for entry in found] == [b"1", b"2"]
    assert len(await transport.read_group(["s"], group="g", consumer="c", count=10, wait_s=0.1)) == 3


async def test_it_waits_for_the_next_entry_also_of_a_stream_that_is_not_there_yet(connect: Connect) -> None:
    transport, other = await connect(), await connect()
    reading = asyncio.create_task(transport.read_after({"s": "0-0"}, count=10, wait_s=5.0))
    await asyncio.sleep(0.05)
    await other.append("s", b"late", identity="1")
    (entry,) = await reading
    assert entry.payload == b"late"
    assert await transport.read_after({"s": entry.id}, count=10, wait_s=0.01) == []
