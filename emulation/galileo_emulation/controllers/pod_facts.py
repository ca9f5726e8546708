"""What controllers ask of a pod: does it count, is it ready, since when, is it available, on which node."""

from __future__ import annotations

from collections.abc import Iterable

from galileo_emulation.controllers.conditions import condition, has_status
from galileo_emulation.kubernetes.apiobjects import JsonObject, unix_seconds


def is_finished(pod: JsonObject) -> bool:
    """Whether its containers have ended for good."""
    return phase(pod) in ("Succeeded", "Failed")


def is_leaving(body: JsonObject) -> bool:
    """Whether an object is being deleted."""
    return "deletionTimestamp" in body["metadata"]


def is_active(pod: JsonObject) -> bool:
    """Whether a pod counts as one of its owner's: neither finished nor being deleted."""
    return not is_finished(pod) and not is_leaving(pod)


def is_terminating(pod: JsonObject) -> bool:
    """Whether a pod is being deleted and has not finished."""
    return not is_finished(pod) and is_leaving(pod)


def phase(pod: JsonObject) -> str:
    """Pending, Running, Succeeded, Failed or Unknown."""
    found: str = pod.get("status", {}).get("phase", "Pending")
    return found


def node_of(pod: JsonObject) -> str:
    """The node that a pod is bound to, or an empty text."""
    name: str = pod.get("spec", {}).get("nodeName", "")
    return name


def by_node(pod: JsonObject) -> tuple[str, ...]:
    """Index by node; pods without one are not in it."""
    name = node_of(pod)
    return (name,) if name else ()


def is_ready(pod: JsonObject) -> bool:
    """Whether its condition Ready is True."""
    return has_status(pod, "Ready")


def ready_since(pod: JsonObject) -> float | None:
    """Since when (Unix seconds) a pod is ready; None when it is not, or does not say."""
    ready = condition(pod, "Ready")
    if ready is None or ready.get("status") != "True" or not ready.get("lastTransitionTime"):
        return None
    return unix_seconds(ready["lastTransitionTime"])


def is_available(pod: JsonObject, *, min_ready_s: float, now: float) -> bool:
    """Whether a pod has been ready for `min_ready_s` seconds."""
    if not is_ready(pod):
        return False
    since = ready_since(pod)
    return min_ready_s == 0 or (since is not None and since + min_ready_s <= now)


def next_available_s(pods: Iterable[JsonObject], *, min_ready_s: float, now: float) -> float | None:
    """In how many seconds the next of the ready pods becomes available; None when none will."""
    waits = [
        since + min_ready_s - now for since in map(ready_since, pods) if since is not None and since + min_ready_s > now
    ]
    return min(waits) if min_ready_s and waits else None


def restarts(pod: JsonObject) -> int:
    """The most that any of its containers has restarted."""
    return max(
        (found.get("restartCount", 0) for found in pod.get("status", {}).get("containerStatuses", ())), default=0
    )
