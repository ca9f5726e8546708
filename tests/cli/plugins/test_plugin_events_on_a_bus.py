"""Other processes know an installed plug-in's events: they say its decisions into the journal, and record them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from galileo_bus.delivery.streams import journal_of

from tests.cli.plugins.installing import install, service_code
from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"


@pytest.fixture
def bus(shared_redis: Callable[[str], RedisServer], monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    monkeypatch.setenv("galileo_redis_url", server.url)
    return server


@contextmanager
def recording(log: Path) -> Iterator[None]:
    """An event recorder runs within the block."""
    process = subprocess.Popen(
        [str(GALILEO), "run", "event_recorder"],
        env={**os.environ, "event_recorder_log": str(log)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        assert b'"ready": true' in process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def test_a_decision_of_a_plug_in_is_journaled_and_recorded_by_whoever_comes_later(
    site: Path, bus: RedisServer, tmp_path: Path
) -> None:
    install(site, "beating", service_code("beating", delivery="DECISION"))
    words = [str(GALILEO), "events", "say", "beating_beat", '{"count": 7}']
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.stdout.startswith("said beating_beat with id "), said.stderr
    assert bus.command("XLEN", journal_of("beating_beat")) == b":1"
    log = tmp_path / "events.log"
    with recording(log):
        deadline = time.monotonic() + 10
        while b'beating_beat {"meta"' not in log.read_bytes():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


def test_a_wrong_value_of_a_plug_ins_event_is_refused(site: Path, bus: RedisServer) -> None:
    install(site, "beating", service_code("beating"))
    words = [str(GALILEO), "events", "say", "beating_beat", '{"count": "many"}']
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "beating_beat: Expected `int`, got `str`" in said.stderr
