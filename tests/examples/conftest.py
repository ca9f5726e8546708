"""A bus of the test's own, and the Node.js packages of the examples, fetched once and kept in pytest's cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.examples.commands import command
from tests.servers import RedisServer

EXAMPLES = Path(__file__).parents[2] / "examples" / "services"
INSTALL_LIMIT_S = 100.0


@pytest.fixture
def bus(shared_redis: Callable[[str], RedisServer]) -> RedisServer:
    """An empty Valkey."""
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    return server


@pytest.fixture
def person(bus: RedisServer) -> Iterator[redis.Redis]:
    """Somebody on the bus who is not us."""
    with redis.Redis("127.0.0.1", bus.port) as client:
        yield client


@pytest.fixture
def node_project(tmp_path: Path, pytestconfig: pytest.Config) -> Path:
    """A copy of the example with its packages."""
    project = tmp_path / "node"
    project.mkdir()
    for name in ("hot_gateways.mjs", "package.json"):
        shutil.copy(EXAMPLES / name, project)
    command("node", package="nodejs")
    wanted = hashlib.sha256((EXAMPLES / "package-lock.json").read_bytes()).hexdigest()[:12]
    assert pytestconfig.cache is not None
    cached = pytestconfig.cache.mkdir(f"galileo-npm-{wanted}")
    if not (cached / "complete").exists():
        for name in ("package.json", "package-lock.json"):
            shutil.copy(EXAMPLES / name, cached)
        npm = command("npm", package="npm")
        done = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=cached,
            capture_output=True,
            text=True,
            timeout=INSTALL_LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        (cached / "complete").touch()
    (project / "node_modules").symlink_to(cached / "node_modules")
    return project
