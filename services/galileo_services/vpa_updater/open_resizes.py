"""Changes that the API server took and of which the pods' kubelets have not told the end.

    begin -> pod events -> in_progress | deferred -> resized | infeasible | failed (the pod went, or it took too long)

Each step is told once. A deferred resize stays open: the kubelet goes on trying by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from galileo_context.pod import Pod

from galileo_services.vpa_updater.resize_plan import ResizePlan, holds

Result = Literal["in_progress", "deferred", "infeasible", "resized", "failed"]
_FINAL: frozenset[Result] = frozenset({"infeasible", "resized", "failed"})


@dataclass(slots=True)
class OpenResize:
    """`pod` as it was before, `cause` the recommendation's id, `begun_s` unix seconds."""

    pod: Pod
    fn: str
    plan: ResizePlan
    cause: str
    begun_s: float
    result: Result = "in_progress"
    message: str = ""


class OpenResizes:
    """Plain state, by pod uid."""

    def __init__(self) -> None:
        self._open: dict[str, OpenResize] = {}

    def begin(self, resize: OpenResize) -> None:
        """The API server took it. One that was open for the same pod is forgotten: this is the pod's wish now."""
        self._open[resize.pod.uid] = resize

    def note(self, pod: Pod) -> OpenResize | None:
        """Takes a pod as it is now; the resize when that tells something new of it."""
        resize = self._open.get(pod.uid)
        if resize is None:
            return None
        result, message = progress(pod, resize.plan)
        # A kubelet that is at it may come to say what hinders it; the figures in what it says change all the time.
        hindered = result == "in_progress" and message != "" and resize.message == ""
        if result == resize.result and not hindered:
            return None
        return self._told(resize, result, message)

    def gone(self, uid: str) -> OpenResize | None:
        """The pod is not there any more; the resize that came to nothing."""
        resize = self._open.get(uid)
        return None if resize is None else self._told(resize, "failed", "the pod went before its kubelet had finished")

    def overdue(self, now: float, timeout_s: float) -> Iterator[OpenResize]:
        """Ends the ones that have been in progress for longer."""
        for resize in list(self._open.values()):
            if resize.result == "in_progress" and now - resize.begun_s >= timeout_s:
                yield self._told(resize, "failed", f"the kubelet has not finished within {timeout_s:g} s")

    @property
    def under_way(self) -> frozenset[str]:
        """The uids of the pods that a kubelet is expected to be busy with."""
        return frozenset(uid for uid, resize in self._open.items() if resize.result == "in_progress")

    @property
    def pods(self) -> Mapping[str, OpenResize]:
        """All of them."""
        return self._open

    def _told(self, resize: OpenResize, result: Result, message: str) -> OpenResize:
        resize.result, resize.message = result, message
        if result in _FINAL:
            del self._open[resize.pod.uid]
        return resize


def progress(pod: Pod, plan: ResizePlan) -> tuple[Result, str]:
    """How far a pod's kubelet is, by what it says of the pod, and its reason in words."""
    if pod.resize is not None:
        match pod.resize.state:
            case "deferred":
                return "deferred", pod.resize.message
            case "infeasible":
                return "infeasible", pod.resize.message
            case _:
                return "in_progress", pod.resize.message
    done = all(name in pod.specs and holds(pod.specs[name], amounts.requests) for name, amounts in plan.after.items())
    return ("resized", "") if done else ("in_progress", "")
