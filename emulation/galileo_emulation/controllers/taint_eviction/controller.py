"""The taint eviction controller: deletes pods from nodes with NoExecute taints, when their tolerations run out.

    taints of a node, its pods -> how long may each stay -> condition DisruptionTarget, deletion

A pod on a node that is dead stays in deletion: its kubelet, which would confirm, does not answer. It goes when the
node comes back, when its node's object goes, or when somebody deletes it by force.
"""

from __future__ import annotations

from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.disruption_target import disruption_target
from galileo_emulation.controllers.informer import key_of
from galileo_emulation.controllers.node_lifecycle.taints import taints_of
from galileo_emulation.controllers.pod_facts import by_node, is_leaving, node_of
from galileo_emulation.controllers.tolerations import stay_s
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import NODES, PODS
from galileo_emulation.kubernetes.storage.history import Change


class TaintEvictionController(Controller):
    """Drives pods away from tainted nodes."""

    name = "taint-eviction"
    component = "taint-eviction-controller"

    def watch(self) -> None:
        """Nodes' taints, and the pods on tainted nodes."""
        informers = self.cluster.informers
        # Since when each pod (by uid) is on a node whose taints limit its stay.
        self._since: dict[str, float] = {}
        self._pods = informers.of(PODS)
        self._pods.index("node", by_node)
        self._pods.on_change(self._pod_changed)
        informers.of(NODES).on_change(self._node_changed)

    def _node_changed(self, change: Change) -> None:
        before = _driving(change.before.body) if change.before is not None else []
        after = _driving(change.after.body) if change.after is not None else []
        if before != after:
            for pod in self._pods.by("node", change.last.body["metadata"]["name"]):
                self.queue.add(key_of(pod))

    def _pod_changed(self, change: Change) -> None:
        if change.after is None:
            self._since.pop(change.last.body["metadata"]["uid"], None)
            return
        pod, before = change.after.body, change.before.body if change.before is not None else None
        if before is not None and before["spec"] == pod["spec"]:
            return
        node = self.api.get(NODES, node_of(pod)) if node_of(pod) else None
        if node is not None and _driving(node):
            self.queue.add(change.key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Delete a pod when its time on a tainted node is over."""
        pod = self.api.get(PODS, name, namespace)
        if pod is None or is_leaving(pod):
            return None
        uid, node = pod["metadata"]["uid"], self.api.get(NODES, node_of(pod))
        taints = _driving(node) if node is not None else []
        limit_s = stay_s(taints, pod["spec"].get("tolerations", ())) if taints else None
        if limit_s is None:
            if self._since.pop(uid, None) is not None:
                message = f"Cancelling deletion of Pod {namespace}/{name}"
                self.events.record(PODS, pod, reason="TaintManagerEviction", message=message)
            return None
        now = self.cluster.now()
        left_s = self._since.setdefault(uid, now) + limit_s - now
        if left_s > 0:
            return left_s
        message = f"Marking for deletion Pod {namespace}/{name}"
        self.events.record(PODS, pod, reason="TaintManagerEviction", message=message)
        words = "Taint manager: deleting due to NoExecute taint"
        pod = await self.api.patch(PODS, disruption_target(pod, "DeletionByTaintManager", words, now), part="status")
        await self.api.delete(PODS, pod)
        return None


def _driving(node: JsonObject) -> list[JsonObject]:
    return [taint for taint in taints_of(node) if taint.get("effect") == "NoExecute"]
