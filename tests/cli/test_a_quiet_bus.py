"""While nothing happens, services ask little of the server: nothing is polled faster than heartbeats go."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"
SERVICES = ("pressure_calculator", "pod_creator", "trace_recorder", "event_recorder", "telemetry_ingester")
WATCHED_S = 4.0
MOST_A_S = 3.0
SHORTEST_BLOCK_MS = 1000


@dataclass(frozen=True)
class Command:
    """One that the server was given; `client` is its address, or `lua`."""

    client: str
    words: list[str]

    @property
    def repeated_as(self) -> str:
        """What must not come too often: a command of a connection, a published event of a source."""
        said = re.search(r'^\d+\.\d+ (\S+) .*"source":"([^"]+)"', self.words[2]) if len(self.words) > 2 else None
        if self.words[0] == "PUBLISH" and said:
            return f"{said[2]} says {said[1]}"
        return f"{self.client} {self.words[0]}"


@pytest.fixture
def running(redis_with: Callable[..., RedisServer], tmp_path: Path) -> Iterator[RedisServer]:
    """A process of several services, all started, on a server of its own."""
    server = redis_with("")
    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(kubeconfig))
    environ = {
        **os.environ,
        "galileo_redis_url": server.url,
        "galileo_experiment_id": "quiet",
        "galileo_expdb_sqlite_path": str(tmp_path / "db.sqlite"),
        "galileo_election": "redis",
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
    }
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen([str(GALILEO), "run", *SERVICES], env=environ, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        try:
            assert process.stdout is not None
            assert b'"ready": true' in process.stdout.readline(), (tmp_path / "log").read_text()[-2000:]
            yield server
        finally:
            process.terminate()
            process.wait(timeout=15)


def monitored(server: RedisServer) -> list[Command]:
    """The commands of a while."""
    data, end = b"", time.monotonic() + WATCHED_S
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.2) as connection:
        connection.sendall(b"MONITOR\r\n")
        while time.monotonic() < end:
            try:
                data += connection.recv(65536)
            except TimeoutError:
                continue
    found = []
    for line in data.decode().splitlines():
        parts = re.fullmatch(r'\+\d+\.\d+ \[\d+ (\S+)\] "(.*)"', line)
        if parts:
            words = parts[2].replace('\\"', "\0").split('" "')
            found.append(Command(parts[1], [word.replace("\0", '"') for word in words]))
    return found


def test_nothing_is_polled_faster_than_heartbeats_go(running: RedisServer) -> None:
    time.sleep(2.0)  # what is asked once at the start is not what this is about
    commands = monitored(running)
    counts = Counter(command.repeated_as for command in commands if command.client != "lua")
    names = {command.words[0] for command in commands}
    assert {"PING", "PUBLISH", "XREADGROUP"} <= names, "the services live, and what they do was seen"
    assert any(repeated.startswith("pod_creator/") for repeated in counts)
    hot = {repeated: count / WATCHED_S for repeated, count in counts.items() if count / WATCHED_S > MOST_A_S}
    assert hot == {}, "a second each"
    blocks = [int(command.words[command.words.index("BLOCK") + 1]) for command in commands if "BLOCK" in command.words]
    assert min(blocks) >= SHORTEST_BLOCK_MS
