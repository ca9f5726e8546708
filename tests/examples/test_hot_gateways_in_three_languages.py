"""The same service in Python, in a shell and in Node.js: each as its README starts it, on a real bus."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from galileo_schemas.events import ApiPressure

from tests.examples.commands import command
from tests.examples.conftest import EXAMPLES
from tests.examples.schema_files import write_schemas
from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"
EVENTS = "galileo/events"
START_LIMIT_S = 30.0
ANSWER_LIMIT_S = 10.0


@pytest.fixture(params=["python", "shell", "node"])
def hot_gateways(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """The words that start it, with a limit of 0.5 from the environment."""
    if request.param == "python":
        return [str(GALILEO), "run", str(EXAMPLES / "hot_gateways.py")]
    if request.param == "shell":
        command("redis-cli", package="redis-tools")
        return [str(EXAMPLES / "hot_gateways.sh")]
    project: Path = request.getfixturevalue("node_project")
    write_schemas(project / "schemas", ApiPressure)
    return [command("node", package="nodejs"), str(project / "hot_gateways.mjs"), str(project / "schemas")]


@contextmanager
def started(words: list[str], bus: RedisServer, person: redis.Redis, folder: Path) -> Iterator[None]:
    """The program runs, in a process group of its own, and listens beside us."""
    environ = {**os.environ, "galileo_redis_host": "127.0.0.1", "galileo_redis_port": str(bus.port)}
    told = folder / "told"
    with told.open("wb") as output:
        process = subprocess.Popen(
            words,
            env={**environ, "hot_gateways_limit": "0.5"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while person.pubsub_numsub(EVENTS)[0][1] < 2:
            assert process.poll() is None, told.read_text()
            assert time.monotonic() < deadline, told.read_text()
            time.sleep(0.02)
        yield
        assert process.poll() is None, told.read_text()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


@contextmanager
def listening(person: redis.Redis) -> Iterator[redis.client.PubSub]:
    """An ear on the channel of events."""
    with person.pubsub(ignore_subscribe_messages=True) as ear:  # type: ignore[no-untyped-call]
        ear.subscribe(EVENTS)
        yield ear


def say_pressure(person: redis.Redis, value: float, node: str = "gateway-a") -> None:
    said = {"node": node, "zone": "zone-a", "value": value, "rows": 2}
    person.publish(EVENTS, f"{time.time()} api_pressure {json.dumps(said)}")


def heard(ear: redis.client.PubSub, *, count: int) -> list[dict[str, Any]]:
    """The values of so many `gateway_hot`."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + ANSWER_LIMIT_S
    while len(found) < count:
        message = ear.get_message(timeout=0.2)
        if message is not None:
            _, name, *value = message["data"].decode().split(" ", 2)
            if name == "gateway_hot":
                found.append(json.loads(value[0]))
        assert time.monotonic() < deadline, f"{count} gateway_hot expected, heard {found}"
    return found


def test_a_gateway_that_gets_hot_is_told_of_once_until_it_has_cooled(
    hot_gateways: list[str], bus: RedisServer, person: redis.Redis, tmp_path: Path
) -> None:
    with listening(person) as ear, started(hot_gateways, bus, person, tmp_path):
        person.publish(EVENTS, f"{time.time()} warm-up-over")
        person.publish(EVENTS, "what is this")
        for value in (0.4, 0.6, 0.7, 0.3, 0.8):
            say_pressure(person, value)
        say_pressure(person, 0.9, node="gateway-b")
        said = heard(ear, count=3)
    facts = [(hot["node"], hot["zone"], hot["value"], hot["limit"]) for hot in said]
    assert facts == [
        ("gateway-a", "zone-a", 0.6, 0.5),
        ("gateway-a", "zone-a", 0.8, 0.5),
        ("gateway-b", "zone-a", 0.9, 0.5),
    ]


def test_node_refuses_what_does_not_fit_the_schema(
    node_project: Path, bus: RedisServer, person: redis.Redis, tmp_path: Path
) -> None:
    write_schemas(node_project / "schemas", ApiPressure)
    words = [command("node", package="nodejs"), "hot_gateways.mjs", "schemas"]
    words[1:] = [str(node_project / word) for word in words[1:]]
    with listening(person) as ear, started(words, bus, person, tmp_path):
        person.publish(EVENTS, f'{time.time()} api_pressure {{"node": "gateway-a", "zone": "a", "value": "high"}}')
        say_pressure(person, 0.9)
        (hot,) = heard(ear, count=1)
    assert hot["value"] == 0.9
    assert "api_pressure is refused: data/value must be number" in (tmp_path / "told").read_text()
