"""On which nodes a daemon set has a pod, and what such a pod looks like.

A daemon's pod is made for one node and says so by an affinity to the node's name; the scheduler binds it. It tolerates
what comes and goes with a node's state, so that it is not driven away by what it may be there to watch or mend.
"""

from __future__ import annotations

from dataclasses import dataclass

from galileo_emulation.controllers.controller_revisions import REVISION_LABEL
from galileo_emulation.controllers.node_affinity import fits, pinned
from galileo_emulation.controllers.node_lifecycle.taints import NOT_READY, PREFIX, UNREACHABLE, UNSCHEDULABLE, taints_of
from galileo_emulation.controllers.pod_making import pod_of
from galileo_emulation.controllers.tolerations import untolerated
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.defaults.workload_defaults import TEMPLATE_GENERATION
from galileo_emulation.kubernetes.kinds import DAEMON_SETS

GENERATION_LABEL = "pod-template-generation"
_TOLERATED = (
    (NOT_READY, "NoExecute"),
    (UNREACHABLE, "NoExecute"),
    (f"{PREFIX}disk-pressure", "NoSchedule"),
    (f"{PREFIX}memory-pressure", "NoSchedule"),
    (f"{PREFIX}pid-pressure", "NoSchedule"),
    (UNSCHEDULABLE, "NoSchedule"),
)
_TOLERATED_ON_HOST_NETWORK = (f"{PREFIX}network-unavailable", "NoSchedule")


@dataclass(frozen=True, slots=True)
class Suitability:
    """Whether a node should get a pod, and whether one that it has may stay."""

    gets: bool
    keeps: bool


def suitability(daemon_set: JsonObject, node: JsonObject) -> Suitability:
    """Whether a daemon set should have a pod on a node. A new taint keeps pods away, but drives none that are there."""
    spec = daemon_set["spec"]["template"].get("spec", {})
    if spec.get("nodeName") not in (None, "", node["metadata"]["name"]) or not fits(spec, node):
        return Suitability(gets=False, keeps=False)
    tolerations, taints = daemon_tolerations(spec), taints_of(node)
    if untolerated(taints, tolerations, ("NoSchedule", "NoExecute")):
        return Suitability(gets=False, keeps=not untolerated(taints, tolerations, ("NoExecute",)))
    return Suitability(gets=True, keeps=True)


def daemon_tolerations(spec: JsonObject) -> list[JsonObject]:
    """A daemon pod's tolerations: the template's, and those that every daemon has."""
    added = [*_TOLERATED, *([_TOLERATED_ON_HOST_NETWORK] if spec.get("hostNetwork") else [])]
    replaced = set(added)
    own = [found for found in spec.get("tolerations", ()) if (found.get("key"), found.get("effect")) not in replaced]
    return [*own, *({"key": key, "operator": "Exists", "effect": effect} for key, effect in added)]


def daemon_pod(daemon_set: JsonObject, node: str, revision: str) -> JsonObject:
    """The pod of a daemon set for a node; `revision` is the hash of its template."""
    pod = pod_of(daemon_set["spec"]["template"], DAEMON_SETS, daemon_set)
    labels = pod["metadata"].setdefault("labels", {})
    labels[REVISION_LABEL] = revision
    labels[GENERATION_LABEL] = (daemon_set["metadata"].get("annotations") or {}).get(TEMPLATE_GENERATION, "1")
    pod["spec"]["tolerations"] = daemon_tolerations(pod["spec"])
    pod["spec"]["affinity"] = pinned(pod["spec"].get("affinity"), node)
    return pod
