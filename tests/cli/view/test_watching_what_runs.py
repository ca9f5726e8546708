"""`galileo watch` and what it learns of the time before it came."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from galileo_bus.bus import Bus
from galileo_bus.delivery.streams import EVENT_RECORDS
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_cli.view.live_state import LiveState
from galileo_cli.view.recalling import recall
from galileo_schemas.events import FaultBegun, LoadPaused, PodCreated

from tests.cli.view.scene import scale_up
from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"


async def test_decisions_and_records_of_before_are_recalled_in_their_order() -> None:
    transport = MemoryTransport(MemoryServer(asyncio.get_running_loop().time))
    moments = iter(range(1000, 2000))
    speaker = Bus(transport, source="speaker", now=lambda: float(next(moments)), rng=random.Random(1))
    speaker.records.start()
    decision = await speaker.say(scale_up("resnet-2"))
    await speaker.say(PodCreated(pod="resnet-2", namespace="default", uid="u"), cause=[decision])
    await speaker.say(LoadPaused(paused=True))
    await speaker.say(FaultBegun(kind="kill_node", node="edge-1"))
    await speaker.close()
    await transport.append(EVENT_RECORDS, b"no frame at all", identity="1")
    state = LiveState()
    oldest = await recall(transport, state, 5000.0)
    assert (oldest, state.events) == (1000.0, 4)
    (chain,) = state.decisions.newest()
    assert [step.name for step in chain.steps] == ["created"]
    assert state.load.paused
    assert list(state.faults.killed_nodes()) == ["edge-1"]


def test_without_a_terminal_watch_says_plain_lines_until_it_is_interrupted(
    shared_redis: Callable[[str], RedisServer],
) -> None:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    with subprocess.Popen(
        [str(GALILEO), "watch"],
        env={**os.environ, "galileo_redis_url": server.url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            first = process.stdout.readline()
            assert first == f"watching galileo on {server.url}; nothing is kept of the time before\n"
            assert process.stdout.readline().split("  ", 1)[1] == "nothing was heard yet\n"
            server.command("PUBLISH", "galileo/events", '1.0 load_paused {"paused": true}')
            assert process.stdout.readline().endswith("all clients send nothing now\n")
            server.command("PUBLISH", "galileo/events", '2.0 api_pressure {"node": "g", "zone": "z", "value": 0.0031}')
            server.command("PUBLISH", "galileo/events", '3.0 load_paused {"paused": false}')
            assert "load_paused" not in process.stdout.readline()  # a line for people: the pressure before it was heard
            process.send_signal(signal.SIGINT)
            assert re.fullmatch(r"watched for \d+ s, 3 events: pressure 0.0031 in z\n", process.stdout.readline())
            assert process.wait(5) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()


def test_without_a_bus_watch_is_one_line() -> None:
    environ = {**os.environ, "galileo_redis_url": "redis://127.0.0.1:1"}
    done = subprocess.run([str(GALILEO), "watch"], env=environ, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("galileo: no answer from redis://127.0.0.1:1")
    assert len(done.stderr.splitlines()) == 1
