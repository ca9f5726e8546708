"""What tests of several rooms need: real servers of the bus, one a session for speed, others to break."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# On Python 3.11 to 3.13 pytest-asyncio asks for "the current loop", which makes one that nobody closes, unless it was
# said that there is none.
asyncio.set_event_loop(None)

# How long one example takes says nothing on a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# `tests.servers` is imported by that name whichever way pytest is started.
sys.path.insert(0, str(Path(__file__).parent.parent))

if TYPE_CHECKING:
    from tests.servers import RedisServer


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in this process sets up logs for good; the next test begins with what there was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], RedisServer]]:
    """Gives the running server of an engine, `valkey` or `redis`; empty it with `FLUSHALL` before use."""
    from tests.servers import RedisServer

    running: dict[str, RedisServer] = {}

    def of(engine: str) -> RedisServer:
        if engine not in running:
            server = RedisServer(tmp_path_factory.mktemp(engine), engine=engine)
            server.start()
            running[engine] = server
        return running[engine]

    yield of
    for server in running.values():
        server.kill()


@pytest.fixture
def durable_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Valkey of the test's own, to kill and start again: what it answered is on disk."""
    from tests.servers import RedisServer

    server = RedisServer(tmp_path / "valkey", durable=True)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_with(tmp_path: Path) -> Iterator[Callable[..., RedisServer]]:
    """Starts a Valkey, or another engine, with options as on the command line."""
    from tests.servers import RedisServer

    started: list[RedisServer] = []

    def start(options: str, engine: str = "valkey") -> RedisServer:
        server = RedisServer(tmp_path / f"{engine}-{len(started)}", engine=engine, options=options)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()
