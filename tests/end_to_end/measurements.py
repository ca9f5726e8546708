"""What the tests measure themselves, from the database and from etcd, rather than take from the report."""

from __future__ import annotations

import base64
import json
import math
import statistics
import time
import urllib.request
from typing import Any

from galileo_experiments.recorded_run import client_zone
from galileo_schemas.wire_weights import WEIGHTS_PREFIX

from tests.end_to_end.harness import EmulatedRun

JsonObject = dict[str, Any]


def value_of(frame_value: bytes) -> JsonObject:
    """A frame's JSON object."""
    value = json.loads(frame_value)
    assert isinstance(value, dict)
    return value


def moved_at(run: EmulatedRun) -> float:
    """When people moved, unix seconds."""
    return min(frame.ts for frame in run.frames_named("load_moved"))


def typical_p95_ms(run: EmulatedRun, zone: str, *, since: float, until: float) -> float:
    """The median, over the seconds between two unix times, of each second's p95 of response times from a zone, in ms.

    A burst of work elsewhere on the machine, such as another run that starts, spoils a second or two and not this.
    """
    rows = run.query("SELECT CLIENT, SENT, DONE FROM traces WHERE STATUS = 200 AND SENT BETWEEN ? AND ?", since, until)
    by_second: dict[int, list[float]] = {}
    for client, sent, done in rows:
        if client_zone(client) == zone:
            by_second.setdefault(int(sent - since), []).append((done - sent) * 1000.0)
    p95s = [sorted(times)[math.ceil(0.95 * len(times)) - 1] for times in by_second.values() if len(times) >= 10]
    assert len(p95s) >= 4, f"only {len(p95s)} seconds with requests from {zone} to judge by"
    return statistics.median(p95s)


def fall_in_zone_b(run: EmulatedRun) -> float:
    """p95 from zone-b in the last six seconds over that in the seven seconds after the move, before any reaction."""
    moved = moved_at(run)
    ((last,),) = run.query("SELECT max(SENT) FROM traces")
    after_the_move = typical_p95_ms(run, "zone-b", since=moved, until=moved + 7.0)
    return typical_p95_ms(run, "zone-b", since=last - 6.0, until=last) / after_the_move


def weights_in_etcd(environ: dict[str, str]) -> dict[str, JsonObject]:
    """All weights by `<zone>/<function>`, through etcd's own JSON interface."""
    start = WEIGHTS_PREFIX.encode()
    end = start[:-1] + bytes([start[-1] + 1])
    host, port = environ["osmotic_lb_opt_etcd_host"], environ["osmotic_lb_opt_etcd_port"]
    body = json.dumps({"key": _base64(start), "range_end": _base64(end)}).encode()
    request = urllib.request.Request(f"http://{host}:{port}/v3/kv/range", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=5) as response:
        answer = json.load(response)
    rows = ((base64.b64decode(row["key"]).decode(), base64.b64decode(row["value"])) for row in answer.get("kvs", ()))
    return {key.removeprefix(WEIGHTS_PREFIX): json.loads(value) for key, value in rows}


def weights_said(run: EmulatedRun) -> dict[str, JsonObject]:
    """The last weights that were said, by `<zone>/<function>`; those that were taken away are absent."""
    said: dict[str, JsonObject] = {}
    for frame in run.frames_named("weight_update"):
        value = value_of(frame.value)
        said[f"{value['zone']}/{value['fn']}"] = value["weights"]
    return {place: weights for place, weights in said.items() if weights["ips"]}


def etcd_comes_to_agree(run: EmulatedRun, *, within_s: float) -> str | None:
    """None as soon as etcd holds what was said last; one line about the difference when it never did."""
    deadline = time.monotonic() + within_s
    while True:
        said, held = weights_said(run), weights_in_etcd(run.env)
        if said and said == held:
            return None
        if time.monotonic() > deadline:
            return f"said {said}, but etcd holds {held}"
        time.sleep(0.2)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
