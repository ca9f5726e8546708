"""How long streams keep what was appended: entries beyond a length or an age go when something new comes."""

from __future__ import annotations

import asyncio

from galileo_bus.transport import Retention

from tests.bus.conftest import Connect

MANY = 600
"""Servers drop whole blocks of 100 entries."""


async def test_what_is_older_than_the_greatest_age_is_dropped_when_something_new_is_appended(connect: Connect) -> None:
    speaker = await connect()
    for number in range(MANY):
        await speaker.append("s", b"old", identity=f"{number}", retention=Retention(max_age_s=3600.0))
    assert len(await speaker.range("s", count=2 * MANY)) == MANY, "all of them are young"
    await asyncio.sleep(0.2)
    await speaker.append("s", b"new", identity="new", retention=Retention(max_age_s=0.1))
    kept = await speaker.range("s", count=2 * MANY)
    assert len(kept) <= 100
    assert kept[-1].payload == b"new"


async def test_without_a_greatest_age_old_entries_stay(connect: Connect) -> None:
    speaker = await connect()
    for number in range(150):
        await speaker.append("s", b"old", identity=f"{number}")
    await asyncio.sleep(0.1)
    await speaker.append("s", b"new", identity="new")
    assert len(await speaker.range("s", count=1000)) == 151


async def test_an_age_of_days_leaves_a_group_what_it_has_not_read(connect: Connect) -> None:
    speaker = await connect()
    await speaker.append("s", b"1", identity="1", retention=Retention(max_age_s=7 * 86_400.0))
    await speaker.append("s", b"2", identity="2", retention=Retention(max_age_s=7 * 86_400.0))
    found = await speaker.read_group(["s"], group="g", consumer="c", count=10, wait_s=0.05)
    assert [entry.payload for entry in found] == [b"1", b"2"]
