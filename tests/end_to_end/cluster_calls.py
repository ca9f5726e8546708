"""Plain requests to the Kubernetes API of a run."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

from tests.end_to_end.harness import EmulatedRun

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PATIENCE_S = 10.0


def create_config_map(run: EmulatedRun, name: str) -> dict[str, Any]:
    """As it was created."""
    return _call(run, CONFIG_MAPS, {"metadata": {"name": name}})


def get_config_map(run: EmulatedRun, name: str) -> dict[str, Any]:
    """As it now is."""
    return _call(run, f"{CONFIG_MAPS}/{name}")


def watch_config_maps(run: EmulatedRun, *, since: str) -> dict[str, Any]:
    """The first event after a version, of a watch of a second."""
    return _call(run, f"{CONFIG_MAPS}?watch=true&timeoutSeconds=1&resourceVersion={since}")


def get_pods(run: EmulatedRun) -> list[dict[str, Any]]:
    """All pods."""
    pods: list[dict[str, Any]] = _call(run, "/api/v1/pods")["items"]
    return pods


def _call(run: EmulatedRun, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    (url,) = (line.split()[1] for line in (run.out / "kubeconfig").read_text().splitlines() if "server:" in line)
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url + path, data, {"Content-Type": "application/json"}), timeout=PATIENCE_S) as response:
        answer: dict[str, Any] = json.loads(response.readline())
        return answer
