"""What becomes of pods whose world was stopped: the same as of pods whose node was switched off and on again.

Their containers do not run, and their addresses are gone; the kubelets start them again and write what comes of it. A
pod that has come to its end stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection

from galileo_emulation.kubernetes.apiobjects import JsonObject, copied, timestamp
from galileo_emulation.kubernetes.kinds import PODS
from galileo_emulation.kubernetes.local import KUBELET
from galileo_emulation.kubernetes.operations.updates import update
from galileo_emulation.kubernetes.storage.store import Store

_ENDED = ("Succeeded", "Failed")
# What a kubelet told of a run that is over. The condition PodScheduled is the scheduler's.
_OF_THE_RUN = ("hostIP", "hostIPs", "podIP", "podIPs", "startTime", "containerStatuses", "initContainerStatuses")
_NOT_ANY_MORE = ("Initialized", "PodReadyToStartContainers", "ContainersReady", "Ready")


def rebooted(pod: JsonObject, nodes: Collection[str], now: str) -> JsonObject | None:
    """The pod after its node came back; None when nothing changes, as for pods of nodes other than `nodes`.

    `now` dates the conditions that do not hold any more.
    """
    status = pod.get("status", {})
    if pod["spec"].get("nodeName") not in nodes or status.get("phase") in _ENDED:
        return None
    after = copied(pod)
    after["status"] = {field: value for field, value in copied(status).items() if field not in _OF_THE_RUN}
    after["status"]["phase"] = "Pending"
    for condition in after["status"].get("conditions", []):
        if condition["type"] in _NOT_ANY_MORE and condition["status"] == "True":
            condition |= {"status": "False", "lastTransitionTime": now, "reason": "NodeRebooted"}
    return after if after != pod else None


def reboot(store: Store, nodes: Collection[str]) -> None:
    """Take back what was said of pods that ran on `nodes` when the world was stopped."""
    for pod in store.objects(PODS, None).values():
        after = rebooted(pod.body, nodes, timestamp(store.now()))
        if after is not None:
            update(store, PODS, pod, after, part="status", manager=KUBELET)
