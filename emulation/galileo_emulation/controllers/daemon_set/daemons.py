"""What a daemon set does next: on which nodes it creates a pod, and which pods it deletes.

First every suitable node gets one pod, and pods that have ended, are doubled, or are on unsuitable nodes go. Then, in
a rolling update, old pods go (or, with a surge, get a new one beside them) a few nodes at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from galileo_emulation.controllers.controller_revisions import REVISION_LABEL
from galileo_emulation.controllers.daemon_set.placement import suitability
from galileo_emulation.controllers.int_or_percent import resolved
from galileo_emulation.controllers.node_affinity import named_node
from galileo_emulation.controllers.pod_facts import is_available, is_finished, is_leaving
from galileo_emulation.kubernetes.apiobjects import JsonObject

OnNodes = Mapping[str, Sequence[JsonObject]]


@dataclass(slots=True)
class Work:
    """Nodes that get a pod, pods that go, and those of the latter that had ended (for the events)."""

    create_on: list[str] = field(default_factory=list)
    delete: list[JsonObject] = field(default_factory=list)
    ended: list[JsonObject] = field(default_factory=list)


def by_target(pods: Iterable[JsonObject]) -> dict[str, list[JsonObject]]:
    """The pods by the node that they are on or are made for, the eldest first."""
    found: dict[str, list[JsonObject]] = defaultdict(list)
    for pod in sorted(pods, key=_age):
        found[named_node(pod["spec"])].append(pod)
    return found


def wanted_work(
    daemon_set: JsonObject, nodes: Sequence[JsonObject], pods: OnNodes, *, revision: str, now: float
) -> Work:
    """What brings one pod to every suitable node. `nodes` are all nodes there are."""
    work = Work()
    names = {node["metadata"]["name"] for node in nodes}
    for node in nodes:
        name = node["metadata"]["name"]
        _on_node(daemon_set, node, pods.get(name, ()), work, revision=revision, now=now)
    for name, stray in pods.items():
        if name not in names:
            # Bound ones are left to the pod garbage collector, in case the node comes back.
            work.delete += [pod for pod in stray if not pod["spec"].get("nodeName") and not is_leaving(pod)]
    return work


def update_work(
    daemon_set: JsonObject, nodes: Sequence[JsonObject], pods: OnNodes, *, revision: str, now: float
) -> Work:
    """What takes a rolling update a step further, within the strategy's limits."""
    strategy = daemon_set["spec"].get("updateStrategy", {})
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return Work()
    suitable = [node["metadata"]["name"] for node in nodes if suitability(daemon_set, node).gets]
    surge, unavailable = limits(daemon_set, len(suitable))
    step = _with_surge if surge else _without_surge
    staying = {name: [pod for pod in pods.get(name, ()) if not is_leaving(pod)] for name in suitable}
    min_ready_s = daemon_set["spec"].get("minReadySeconds", 0)
    available = {
        pod["metadata"]["uid"]
        for found in staying.values()
        for pod in found
        if is_available(pod, min_ready_s=min_ready_s, now=now)
    }
    return step(staying, available, revision, surge or unavailable)


def limits(daemon_set: JsonObject, desired: int) -> tuple[int, int]:
    """How many nodes may have two pods, and how many none, during an update; both are rounded up."""
    rolling = daemon_set["spec"].get("updateStrategy", {}).get("rollingUpdate", {})
    surge = resolved(rolling.get("maxSurge", 0), desired, round_up=True)
    unavailable = resolved(rolling.get("maxUnavailable", 1), desired, round_up=True)
    return surge, max(unavailable, 0 if surge else 1)


def is_of(pod: JsonObject, revision: str) -> bool:
    """Whether a pod was made from the template of that hash."""
    return bool((pod["metadata"].get("labels") or {}).get(REVISION_LABEL) == revision)


def _on_node(
    daemon_set: JsonObject, node: JsonObject, pods: Sequence[JsonObject], work: Work, *, revision: str, now: float
) -> None:
    suits = suitability(daemon_set, node)
    if not suits.keeps:
        work.delete += [pod for pod in pods if not is_leaving(pod)]
        return
    ended = [pod for pod in pods if is_finished(pod) and not is_leaving(pod)]
    work.ended += ended
    work.delete += ended
    running = [pod for pod in pods if not is_finished(pod) and not is_leaving(pod)]
    if not pods and suits.gets:
        work.create_on.append(node["metadata"]["name"])
    elif len(running) > 1:
        work.delete += _doubled(daemon_set, running, revision, now)


def _doubled(daemon_set: JsonObject, running: list[JsonObject], revision: str, now: float) -> list[JsonObject]:
    """The pods that are too many on one node: all but the eldest, except a new one that surges beside an old one."""
    surge, _ = limits(daemon_set, 1)
    min_ready_s = daemon_set["spec"].get("minReadySeconds", 0)
    old = [pod for pod in running if not is_of(pod, revision)]
    new = [pod for pod in running if is_of(pod, revision)]
    if not surge or not old or not new:
        return running[1:]
    if is_available(new[0], min_ready_s=min_ready_s, now=now):
        return [*old, *new[1:]]
    return [*old[1:], *new[1:]]


def _without_surge(
    staying: dict[str, list[JsonObject]], available: set[str], revision: str, most_unavailable: int
) -> Work:
    missing, useless, useful = 0, [], []
    for pods in staying.values():
        pod = pods[0] if pods else None
        if pod is None:
            missing += 1
        elif is_of(pod, revision):
            missing += pod["metadata"]["uid"] not in available
        elif pod["metadata"]["uid"] not in available:
            missing += 1
            useless.append(pod)
        else:
            useful.append(pod)
    # A pod that is no use as it is may go in any case.
    return Work(delete=[*useless, *useful[: max(0, most_unavailable - missing)]])


def _with_surge(staying: dict[str, list[JsonObject]], available: set[str], revision: str, most_doubled: int) -> Work:
    doubled, at_once, waiting = 0, [], []
    for name, pods in staying.items():
        old = [pod for pod in pods if not is_of(pod, revision)]
        if not old:
            continue
        if len(pods) > len(old):
            doubled += 1
        elif old[0]["metadata"]["uid"] in available:
            waiting.append(name)
        else:
            at_once.append(name)
    return Work(create_on=[*at_once, *waiting[: max(0, most_doubled - doubled - len(at_once))]])


def _age(pod: JsonObject) -> tuple[str, str]:
    return (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"])
