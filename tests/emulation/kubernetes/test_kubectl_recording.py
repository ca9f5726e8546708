"""The recorded kubectl session runs again: the same commands, exit codes and output, and each request's answer.

The recording is of kubectl 1.32. A newer one words some lines otherwise (NEWER_WORDS) and may make other requests, so
the recorded requests that need no body are sent as recorded beside it.
"""

import re
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from galileo_emulation.kubernetes import ApiServer

from tests.emulation.kubernetes.kubectl_runs import Kubectl, Ran

RECORDING = Path(__file__).parents[2] / "vectors" / "kubernetes" / "kubectl.json"
NEWER_WORDS = ((" deleted from kubectl namespace", " deleted"),)
CUT = 124
CUT_AFTER_S = 1.5
_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - {name: main, image: "registry.example/app:1.0"}
"""
_TEMPLATE = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"containers": [{"name": "main", "image": "registry.example/app:1.0"}]},
}
BEFORE: list[tuple[str, dict[str, Any]]] = [
    ("/api/v1/namespaces", {"metadata": {"name": "kubectl"}}),
    ("/api/v1/nodes", {"metadata": {"name": "kubectl-node"}}),
    (
        "/apis/apps/v1/namespaces/kubectl/deployments",
        {
            "metadata": {"name": "web"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": _TEMPLATE},
        },
    ),
]


async def test_the_recorded_session_runs_again(
    server: ApiServer, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    for path, body in BEFORE:
        async with session.post(server.url + path, json=body) as response:
            assert response.status == 201, await response.text()
    (tmp_path / "pod.yaml").write_text(_POD)
    kubectl = Kubectl(server.url, tmp_path, namespace="kubectl")
    differences: list[str] = []
    for step in orjson.loads(RECORDING.read_bytes())["steps"]:
        words = shlex.split(step["command"])[1:]
        ran = await kubectl.run(*words, cut_after_s=CUT_AFTER_S if step["exit_code"] == CUT else None)
        differences += [f"step {step['step']} {step['command']}: {line}" for line in _compared(step, ran)]
        differences += [line async for line in _requests(session, server, step)]
    assert differences == []


def _compared(step: dict[str, Any], ran: Ran) -> list[str]:
    found = []
    expected_code = None if step["exit_code"] == CUT else step["exit_code"]
    if ran.code != expected_code and step["command"] != "kubectl version":
        found.append(f"exit code {ran.code}, expected {expected_code}: {ran.err}")
    if "stdout" in step:
        found += _lines("output", step["stdout"], ran.lines)
    if step["stderr"]:
        found += _lines("errors", step["stderr"], [line.rstrip() for line in ran.err.rstrip("\n").splitlines()])
    return found


def _lines(what: str, recorded: list[str], ran: list[str]) -> list[str]:
    patterns = [re.escape(line.rstrip()).replace("<age>", r"\d+[smh]") for line in recorded]
    told = [_older(line) for line in ran]
    # Columns are as wide as their content, and an age may be narrower than its placeholder.
    patterns = [re.sub(r"(\\ )+", r"\\s+", pattern) for pattern in patterns]
    same = len(patterns) == len(told) and all(
        re.fullmatch(pattern, line) for pattern, line in zip(patterns, told, strict=True)
    )
    return [] if same else [f"{what} {told}, expected {recorded}"]


def _older(line: str) -> str:
    for newer, older in NEWER_WORDS:
        line = line.replace(newer, older)
    return line


async def _requests(session: aiohttp.ClientSession, server: ApiServer, step: dict[str, Any]) -> AsyncIterator[str]:
    """The recorded requests that read, sent as recorded, in the state after the command."""
    for request in step["requests"]:
        if request["method"] != "GET" or "watch=true" in request["query"] or request["status"] != 200:
            continue
        query = request["query"].replace("<uid-1>", "0").replace("<rv-1>", "0")
        url = f"{server.url}{request['path']}?{query}"
        async with session.get(url, headers={"Accept": request["accept"] or "*/*"}) as response:
            await response.read()
            if response.status != 200:
                yield f"step {step['step']}: {request['path']} answers {response.status}, expected 200"
