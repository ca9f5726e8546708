"""Which pod of a function is to be changed now, if any.

A pod is a candidate when a request lies outside the recommended bounds; or when a container was killed for want of
memory soon after its start and anything would change; or when the pod is old and the change worth it. Of those the
neediest is chosen, one of a function at a time. Source of the rules: kubernetes/autoscaler,
vertical-pod-autoscaler/pkg/updater/priority/update_priority_calculator.go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from galileo_context.pod import Pod
from galileo_schemas.events import Termination, VpaRecommendation

from galileo_services.vpa_updater.container_amounts import container_amounts, recommended_amounts
from galileo_services.vpa_updater.update_priority import UpdatePriority, update_priority

OOM_KILLED = "OOMKilled"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateParameters:
    """The defaults are the upstream updater's. Times in seconds.

    `change_threshold`: by which share the requests of a pod must change that lies within its bounds and has lived for
    `lifetime_threshold_s`. `oom_threshold_s`: a kill sooner after the start counts as a sign of want. `min_replicas`:
    with fewer pods than these, none is touched. A resize that is deferred or under way is left alone until its timeout.
    """

    change_threshold: float = 0.1
    lifetime_threshold_s: float = 12 * 3600.0
    oom_threshold_s: float = 600.0
    min_replicas: int = 2
    deferred_timeout_s: float = 300.0
    in_progress_timeout_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A pod to change, for what it is recommended, and how urgently."""

    pod: Pod
    recommendation: VpaRecommendation
    priority: UpdatePriority


def choose(
    pods: Iterable[Pod],
    recommendation: VpaRecommendation,
    *,
    now: float,
    parameters: UpdateParameters,
    under_way: Collection[str] = (),
    held: Collection[str] = (),
) -> Choice | None:
    """The pod to change, of a function's pods in a namespace; None: none, or not now.

    `under_way`: uids of pods whose change the API server took and whose kubelet has not finished it; `held`: of pods
    that are not to be tried now. Raises `ValueError` that names a quantity that cannot be read.
    """
    if recommendation.shadow:
        return None
    running = [pod for pod in pods if _runs(pod)]
    if len(running) < parameters.min_replicas:
        return None
    if any(pod.uid in under_way or _is_resizing(pod, now, parameters) for pod in running):
        return None
    candidates = [
        Choice(pod, recommendation, priority)
        for pod in running
        if pod.uid not in held and (priority := judge(pod, recommendation, now=now, parameters=parameters)) is not None
    ]
    return min(candidates, key=urgency, default=None)


def judge(
    pod: Pod, recommendation: VpaRecommendation, *, now: float, parameters: UpdateParameters
) -> UpdatePriority | None:
    """How urgently a pod needs a change; None when it is to stay as it is. Raises `ValueError`."""
    if not _runs(pod) or _must_wait(pod, recommendation, now, parameters):
        return None
    priority = update_priority(pod, recommendation)
    if priority.resource_diff == 0.0:
        return None
    if priority.outside_range or _was_killed_early(pod, recommendation, parameters.oom_threshold_s):
        return priority
    old_enough = pod.created > 0 and now - pod.created >= parameters.lifetime_threshold_s
    return priority if old_enough and priority.resource_diff >= parameters.change_threshold else None


def urgency(choice: Choice) -> tuple[tuple[bool, float], str]:
    """A sort key: the most urgent first; equals by name, so that the same facts give the same choice."""
    scale_up, difference = choice.priority.rank
    return (not scale_up, -difference), choice.pod.name


def _runs(pod: Pod) -> bool:
    """Whether its kubelet would hear of a resize; it need not be ready, want of memory may be the reason."""
    return pod.phase == "Running" and bool(pod.node) and not pod.deleting


def _is_resizing(pod: Pod, now: float, parameters: UpdateParameters) -> bool:
    resize = pod.resize
    if resize is None or resize.state != "in_progress":
        return False
    return resize.since <= 0 or now - resize.since < parameters.in_progress_timeout_s


def _must_wait(pod: Pod, recommendation: VpaRecommendation, now: float, parameters: UpdateParameters) -> bool:
    resize = pod.resize
    if resize is None:
        return False
    if resize.state == "infeasible":  # as long as nothing less is asked for, asking again changes nothing
        return not _asks_for_less(pod, recommendation)
    if resize.state == "deferred":
        return resize.since <= 0 or now - resize.since < parameters.deferred_timeout_s
    return _is_resizing(pod, now, parameters)


def _asks_for_less(pod: Pod, recommendation: VpaRecommendation) -> bool:
    for name, wanted in recommendation.containers.items():
        if name in pod.specs:
            requests = container_amounts(pod.specs[name]).requests
            targets = recommended_amounts(wanted.target)
            if any(target < requests.get(resource, 0) for resource, target in targets.items()):
                return True
    return False


def _was_killed_early(pod: Pod, recommendation: VpaRecommendation, threshold_s: float) -> bool:
    ends = (spec.last_termination for name, spec in pod.specs.items() if name in recommendation.containers)
    return any(end is not None and _is_early_kill(end, threshold_s) for end in ends)


def _is_early_kill(end: Termination, threshold_s: float) -> bool:
    return end.reason == OOM_KILLED and end.finished_at - end.started_at < threshold_s
