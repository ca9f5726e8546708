"""Another project, with modules called like our rooms, runs a service of its own with us, and is not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"

FILES = {
    "schemas.py": """
        from galileo_schemas.event import Delivery, Event, event

        @event("flock_counted", Delivery.RECORD)
        class FlockCounted(Event, kw_only=True):
            count: int
    """,
    "bus.py": "NUMBER_OF_THE_BUS = 7\n",
    "context.py": "raise AssertionError('nobody asked for it')\n",
    "services/__init__.py": "",
    "services/sheep.py": "SHEEP = 35\n",
    "services/mine.py": """
        import bus
        from galileo_bus.service import Service, every
        from schemas import FlockCounted
        from services.sheep import SHEEP
        from .sheep import SHEEP as AGAIN

        assert SHEEP is AGAIN

        class Shepherd(Service):
            name = "shepherd"

            @every(0.05)
            async def count(self) -> None:
                await self.bus.say(FlockCounted(count=SHEEP + bus.NUMBER_OF_THE_BUS))
    """,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "flock"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.removeprefix("        ") for line in text.splitlines()]
        path.write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize(
    ("where", "file"), [(".", "services/mine.py"), ("services", "mine.py"), ("..", "flock/services/mine.py")]
)
def test_its_service_runs_from_wherever_it_is_started(
    project: Path, where: str, file: str, shared_redis: Callable[[str], RedisServer], tmp_path: Path
) -> None:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    with (tmp_path / "told").open("wb") as told:
        process = subprocess.Popen(
            [str(GALILEO), "run", file],
            cwd=project / where,
            env={**os.environ, "galileo_redis_url": server.url},
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        assert first, (tmp_path / "told").read_text()
        assert json.loads(first)["services"] == ["shepherd"]
        words = [str(GALILEO), "events", "tail", "--name", "flock_counted", "--count", "1"]
        environ = {**os.environ, "galileo_redis_url": server.url}
        heard = subprocess.run(words, env=environ, capture_output=True, text=True, timeout=20, check=True)
    finally:
        process.terminate()
        status = process.wait(10)
        process.stdout.close()
    assert '"count":42' in heard.stdout
    assert status == 0
