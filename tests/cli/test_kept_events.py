"""`galileo events dead` and `galileo events replay` on a real server, as a person uses them."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from galileo_bus.bus import Bus
from galileo_bus.delivery.dead_letters import given_up, keep, rejected
from galileo_bus.delivery.streams import DEAD_LETTERS, journal_of
from galileo_bus.transport import BusRetention, StreamEntry
from galileo_bus.transport.redis_address import parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_cli.kept_events.moments import read_moment
from galileo_schemas.events import PodCreated, PodCreationRequest, ScaleSchedule

from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"
JOURNAL = journal_of("scale_schedule")
LETTERS = BusRetention().dead_letters


def galileo(server: RedisServer, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "galileo_redis_url": server.url}
    return subprocess.run([str(GALILEO), "events", *words], env=environ, capture_output=True, text=True, timeout=30)


@pytest.fixture
def server(shared_redis: Callable[[str], RedisServer]) -> RedisServer:
    found = shared_redis("valkey")
    found.command("FLUSHALL")
    return found


def decision(pod: str) -> ScaleSchedule:
    request = PodCreationRequest(pod_name=pod)
    return ScaleSchedule(fn="resnet", origin_zone="a", dest_zone="b", pod_creation_request=request)


async def on(server: RedisServer) -> tuple[RedisTransport, Bus]:
    transport = RedisTransport(parse_redis_url(server.url), rng=random.Random(1))
    await transport.start()
    return transport, Bus(transport, source="test", now=time.time, rng=random.Random(1))


async def three_letters(server: RedisServer) -> list[str]:
    """One given up, one that has expired, one rejected; returns their ids and that of one in an older form."""
    transport, bus = await on(server)
    await bus.say(decision("fresh"))
    await bus.say(decision("late"), expires_in_s=-100.0)
    fresh, late = await transport.range(JOURNAL, count=10)
    for entry in (fresh, late):
        letter = given_up(entry, service="pod_creator", reason="no such image", now=time.time())
        await keep(transport, letter, identity=entry.id, retention=LETTERS)
    bad = rejected("galileo/events", b'5.0 scale_schedule {"fn": 7}', service="view", reason="odd\nfn", now=time.time())
    await keep(transport, bad, identity="bad", retention=LETTERS)
    await transport.append(DEAD_LETTERS, b"1.0 dead pod_creator an older form", identity="old")
    ids = [entry.id for entry in await transport.range(DEAD_LETTERS, count=10)]
    await transport.close()
    return ids


def test_letters_are_listed_shown_tried_again_and_dropped(server: RedisServer) -> None:
    fresh, late, bad, old = asyncio.run(three_letters(server))
    head, *rows = galileo(server, "dead", "list").stdout.splitlines()
    assert head.split() == ["ID", "WHEN", "WHAT", "WHO", "REASON"]
    assert [row.split()[0] for row in rows] == [fresh, late, bad, old]
    assert "scale_schedule given up" in rows[0]
    assert "pod_creator  no such image" in rows[0]
    assert "scale_schedule rejected on galileo/events  view         odd fn" in rows[2]
    assert "an older form" in rows[3]
    assert max(len(row) for row in rows) < 200

    shown = galileo(server, "dead", "show", fresh).stdout
    assert f"where   {JOURNAL}, entry " in shown
    assert '\n      "pod_name": "fresh"' in shown or '\n    "pod_name": "fresh"' in shown
    assert galileo(server, "dead", "show", old).stdout == "1.0 dead pod_creator an older form\n"

    tried = galileo(server, "dead", "retry", fresh, late, "7-7", old, bad)
    assert tried.returncode == 1
    assert tried.stdout.splitlines() == [f"{fresh} went to {JOURNAL} again", f"{bad} went to galileo/events again"]
    complaints = tried.stderr.splitlines()
    assert complaints[0].startswith(f"galileo: {late} expired ")
    assert complaints[1] == "galileo: 7-7 is no dead letter; galileo events dead list has their ids"
    assert complaints[2] == f"galileo: {old} was not written as a dead letter, and cannot be tried again"
    assert len(complaints) == 3
    assert server.answer("XLEN", JOURNAL) == b":3\r\n"

    dropped = galileo(server, "dead", "drop", late, "7-7")
    assert (dropped.returncode, dropped.stdout) == (1, f"{late} is dropped\n")
    assert galileo(server, "dead", "drop", "--all").stdout == "dropped 1 dead letter\n"
    assert galileo(server, "dead", "list").stdout == "no dead letters\n"
    assert galileo(server, "dead", "show", "7-7").returncode == 1
    assert galileo(server, "dead", "drop").stderr == "galileo: drop: expected ids, or --all\n"


async def said_and_read(server: RedisServer) -> float:
    """Some events, a moment, further ones, all read by `pod_creator` and `event_recorder`; returns the moment."""
    transport, bus = await on(server)
    bus.records.start()
    await bus.say(decision("early"))
    await bus.say(PodCreated(pod="early", namespace="default", fn="resnet", uid="1", zone="b"))
    await bus.records.drain()
    await asyncio.sleep(0.05)
    moment = await transport.server_time()
    await asyncio.sleep(0.05)
    await bus.say(PodCreated(pod="first", namespace="default", fn="resnet", uid="2", zone="b"))
    await bus.say(decision("second"))
    await bus.say(PodCreated(pod="third", namespace="default", fn="resnet", uid="3", zone="b"))
    await bus.records.drain()
    streams = [JOURNAL, "galileo/records/events"]
    await transport.read_group([JOURNAL], group="pod_creator", consumer="c", count=10, wait_s=0.01)
    await transport.read_group(streams, group="event_recorder", consumer="c", count=10, wait_s=0.01)
    await bus.close()
    await transport.close()
    return moment


async def read_again(server: RedisServer, group: str) -> list[StreamEntry]:
    transport, _bus = await on(server)
    found = await transport.read_group([JOURNAL], group=group, consumer="c", count=10, wait_s=0.01)
    await transport.close()
    return found


def test_what_was_kept_since_a_moment_is_printed_in_the_order_in_which_it_was_said(server: RedisServer) -> None:
    moment = asyncio.run(said_and_read(server))
    lines = galileo(server, "replay", "--since", f"{moment:.6f}").stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["pod_created", "scale_schedule", "pod_created"]
    assert [pod in line for pod, line in zip(("first", "second", "third"), lines, strict=True)] == [True] * 3
    all_of_it = galileo(server, "replay", "--since", "10m", "--name", "scale*", "--raw").stdout.splitlines()
    assert len(all_of_it) == 2
    assert float(all_of_it[0].split()[0]) == pytest.approx(time.time(), abs=60)
    before = galileo(server, "replay", "--since", "1h", "--until", f"{moment:.6f}").stdout
    assert len(before.splitlines()) == 2
    assert galileo(server, "replay", "--since", "soon").stderr == (
        "galileo: expected 10m (ago), 2026-11-24T17:00 or unix seconds, got 'soon'\n"
    )


def test_a_service_reads_again_what_it_has_read_since_a_moment(server: RedisServer) -> None:
    moment = asyncio.run(said_and_read(server))
    told = galileo(server, "replay", "--since", f"{moment:.6f}", "--to", "pod_creator")
    assert (told.returncode, told.stdout) == (0, f"pod_creator reads 1 entry of {JOURNAL} again\n")
    (again,) = asyncio.run(read_again(server, "pod_creator"))
    assert b'"second"' in again.payload
    told = galileo(server, "replay", "--since", "1h", "--to", "event_recorder")
    journal, records = told.stdout.splitlines()  # records go in batches, two or three of them
    assert journal == f"event_recorder reads 2 entries of {JOURNAL} again"
    assert records.endswith(" entries of galileo/records/events again")
    told = galileo(server, "replay", "--since", "1h", "--to", "event_recorder", "--name", "scale*")
    assert told.stdout == f"event_recorder reads 0 entries of {JOURNAL} again\n", "taken back already"
    told = galileo(server, "replay", "--since", "1h", "--to", "nobody")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == ("galileo: nobody reads no such stream; those that do: event_recorder, pod_creator\n")
    told = galileo(server, "replay", "--since", "1h", "--to", "event_recorder", "--raw")
    assert (told.returncode, told.stderr) == (
        2,
        "galileo: --to takes neither --until nor --raw: a service reads on to the end\n",
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [("10m", 400.0), ("90", 910.0), ("1764000000.5", 1764000000.5), ("2026-11-24T17:00+00:00", 1795539600.0)],
)
def test_moments(text: str, moment: float) -> None:
    assert read_moment(text, now=1000.0) == moment


def test_a_moment_without_a_zone_is_the_computers_own() -> None:
    assert read_moment("2026-11-24T17:00", now=0.0) == datetime(2026, 11, 24, 17, 0).timestamp()
