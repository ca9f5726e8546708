"""What the tests measure themselves, from the database and from etcd, rather than take from the report."""

from __future__ import annotations

import base64
import json
import math
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


def p95_ms(run: EmulatedRun, zone: str, *, since: float, until: float) -> float:
    """Nearest-rank p95 of the response times of requests sent from a zone between two unix times, in ms."""
    rows = run.query("SELECT CLIENT, SENT, DONE FROM traces WHERE STATUS = 200 AND SENT BETWEEN ? AND ?", since, until)
    times_ms: list[float] = sorted((done - sent) * 1000 for client, sent, done in rows if client_zone(client) == zone)
    assert len(times_ms) >= 20, f"only {len(times_ms)} requests from {zone} to judge by"
    return times_ms[math.ceil(0.95 * len(times_ms)) - 1]


def fall_in_zone_b(run: EmulatedRun) -> float:
    """p95 from zone-b in the last six seconds over that in the seven seconds after the move, before any reaction."""
    moved = moved_at(run)
    (last,) = run.query("SELECT max(SENT) FROM traces")[0]
    after_the_move = p95_ms(run, "zone-b", since=moved, until=moved + 7.0)
    return p95_ms(run, "zone-b", since=last - 6.0, until=last) / after_the_move


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
