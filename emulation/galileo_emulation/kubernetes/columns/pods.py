"""Pods in `kubectl get`: how many containers are ready, what the pod is about, how often it was restarted."""

from typing import Any

from ..apiobjects import JsonObject
from .tables import NAME, Cell, Column, Columns, age, since

_ENDED = ("Failed", "Succeeded")


class _Progress:
    """What the containers' statuses come to, one after the other."""

    def __init__(self, body: JsonObject) -> None:
        status = body.get("status", {})
        self.reason = str(status.get("reason") or status.get("phase", "Unknown"))
        self.restarts = 0
        self.last_restart = ""
        self.ready = 0

    def count(self, container: JsonObject) -> None:
        """Count a container's restarts."""
        self.restarts += container.get("restartCount", 0)
        ended = container.get("lastState", {}).get("terminated", {}).get("finishedAt") or ""
        self.last_restart = max(self.last_restart, ended)


def _named(container: JsonObject, prefix: str = "") -> str:
    """Why a container waits or ended; empty when it does neither."""
    state = container.get("state", {})
    waiting, ended = state.get("waiting", {}), state.get("terminated")
    if waiting.get("reason"):
        return f"{prefix}{waiting['reason']}"
    if ended is None:
        return ""
    if ended.get("reason"):
        return f"{prefix}{ended['reason']}"
    signal = ended.get("signal")
    return f"{prefix}Signal:{signal}" if signal else f"{prefix}ExitCode:{ended.get('exitCode', 0)}"


def _true(status: JsonObject, kind: str) -> bool:
    return any(entry.get("type") == kind and entry.get("status") == "True" for entry in status.get("conditions", []))


def _initialize(progress: _Progress, body: JsonObject) -> bool:
    """Go through the init containers; tell whether one of them is still at work."""
    declared = {container.get("name"): container for container in body["spec"].get("initContainers", [])}
    staying = _Progress(body)
    for index, container in enumerate(body.get("status", {}).get("initContainerStatuses", [])):
        stays = declared.get(container.get("name"), {}).get("restartPolicy") == "Always"
        progress.count(container)
        if stays:
            staying.count(container)
        ended = container.get("state", {}).get("terminated")
        if ended is not None and ended.get("exitCode", 0) == 0:
            continue
        if stays and container.get("started"):
            progress.ready += bool(container.get("ready"))
            continue
        named = _named(container, "Init:")
        waits_for_others = named == "Init:PodInitializing" or not named
        progress.reason = f"Init:{index}/{len(declared)}" if waits_for_others else named
        return True
    progress.restarts, progress.last_restart = staying.restarts, staying.last_restart
    return False


def _run(progress: _Progress, body: JsonObject) -> None:
    """Go through the main containers, the last first, so that the first one's reason is shown."""
    status, running = body.get("status", {}), False
    for container in reversed(status.get("containerStatuses", [])):
        progress.count(container)
        named = _named(container)
        if named:
            progress.reason = named
        elif container.get("ready") and "running" in container.get("state", {}):
            running = True
            progress.ready += 1
    if progress.reason == "Completed" and running:
        progress.reason = "Running" if _true(status, "Ready") else "NotReady"


def _progress(body: JsonObject) -> _Progress:
    status = body.get("status", {})
    progress = _Progress(body)
    if any(entry.get("reason") == "SchedulingGated" for entry in status.get("conditions", [])):
        progress.reason = "SchedulingGated"
    initializing = _initialize(progress, body)
    if not initializing or _true(status, "Initialized"):
        _run(progress, body)
    if "deletionTimestamp" in body["metadata"]:
        if status.get("reason") == "NodeLost":
            progress.reason = "Unknown"
        elif status.get("phase") not in _ENDED:
            progress.reason = "Terminating"
    return progress


def _gates(spec: JsonObject, status: JsonObject) -> str:
    gates = spec.get("readinessGates", [])
    if not gates:
        return "<none>"
    return f"{sum(_true(status, gate.get('conditionType', '')) for gate in gates)}/{len(gates)}"


def _cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    progress = _progress(body)
    staying = [entry for entry in spec.get("initContainers", []) if entry.get("restartPolicy") == "Always"]
    restarts: Any = str(progress.restarts)
    if progress.restarts and progress.last_restart:
        restarts = f"{progress.restarts} ({since(progress.last_restart, now)} ago)"
    return [
        body["metadata"]["name"],
        f"{progress.ready}/{len(spec.get('containers', [])) + len(staying)}",
        progress.reason,
        restarts,
        age(body, now),
        (status.get("podIPs") or [{}])[0].get("ip") or status.get("podIP") or "<none>",
        spec.get("nodeName") or "<none>",
        status.get("nominatedNodeName") or "<none>",
        _gates(spec, status),
    ]


POD_COLUMNS = Columns(
    (
        NAME,
        Column("Ready"),
        Column("Status"),
        Column("Restarts"),
        Column("Age"),
        Column("IP", priority=1),
        Column("Node", priority=1),
        Column("Nominated Node", priority=1),
        Column("Readiness Gates", priority=1),
    ),
    _cells,
)
