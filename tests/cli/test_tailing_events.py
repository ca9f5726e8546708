"""`galileo events tail`: what is said all the time is left out unless it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from galileo_cli.commands.events import LEFT_OUT, is_said_all_the_time
from galileo_schemas.event import KINDS_BY_NAME, Delivery

from tests.servers import RedisServer

GALILEO = Path(sys.executable).parent / "galileo"
FRAMES = (
    ("galileo/events/telemetry", '1.0 telemetry_window {"node": "n", "start": 0, "end": 1, "metrics": {}}'),
    ("galileo/events/runtime", '2.0 source_heartbeat {"last": {}}'),
    ("galileo/events", '3.0 pressure_req {"value": 1, "client": "c", "weight": 1, "utilization": 1}'),
    ("galileo/events", '4.0 api_pressure {"node": "n", "zone": "z", "value": 0.2}'),
    ("galileo/events", "5.0 warm-up-over"),
    ("galileo/events", '6.0 load_paused {"paused": true}'),
)


def test_what_is_left_out() -> None:
    left_out = {name for name in KINDS_BY_NAME if is_said_all_the_time(name)}
    assert {"telemetry_window", "trace_window", "service_status", "source_heartbeat", "pressure_req"} <= left_out
    assert not left_out & {"api_pressure", "pressure_rows_limited", "vpa_recommendation", "fault", "resync"}
    assert all(KINDS_BY_NAME[name].delivery is Delivery.OBSERVATION for name in left_out)
    assert not is_said_all_the_time("warm-up-over"), "a person's own event"


@pytest.mark.parametrize(
    ("words", "expected", "on_stderr"),
    [
        ((), ["api_pressure", "warm-up-over", "load_paused"], LEFT_OUT + "\n"),
        (("--all",), [frame.split()[1] for _, frame in FRAMES], ""),
        (("--name", "*_window", "--name", "warm*"), ["telemetry_window", "warm-up-over"], ""),
    ],
)
def test_events_are_printed_as_they_are_said(
    shared_redis: Callable[[str], RedisServer], words: tuple[str, ...], expected: list[str], on_stderr: str
) -> None:
    server = shared_redis("valkey")
    with subprocess.Popen(
        [str(GALILEO), "events", "tail", *words, "--count", str(len(expected))],
        env={**os.environ, "galileo_redis_url": server.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            deadline = time.monotonic() + 10
            while server.command("PUBSUB", "NUMPAT") == b":0" and time.monotonic() < deadline:
                time.sleep(0.02)
            for channel, frame in FRAMES:
                server.command("PUBLISH", channel, frame)
            said, complaints = process.communicate(timeout=10)
        finally:
            process.kill()
    assert [line.split()[1] for line in said.splitlines()] == expected
    assert complaints == on_stderr


def test_help_has_an_example() -> None:
    told = subprocess.run([str(GALILEO), "events", "tail", "--help"], capture_output=True, text=True, check=True)
    assert "galileo events tail --name 'pod*'" in told.stdout
