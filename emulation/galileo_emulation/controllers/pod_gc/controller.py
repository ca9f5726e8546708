"""The pod garbage collector: removes pods by force whose kubelet will not do it.

    pods on nodes that are gone -> after a while, failed and removed
    pods in deletion on nodes that are out of service -> removed

Pods that have ended are kept, however many there are; Kubernetes would remove some of more than 12,500.
"""

from __future__ import annotations

from galileo_emulation.controllers.conditions import has_status
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.disruption_target import disruption_target
from galileo_emulation.controllers.informer import key_of
from galileo_emulation.controllers.node_lifecycle.taints import OUT_OF_SERVICE, has
from galileo_emulation.controllers.pod_facts import by_node, is_finished, is_leaving, node_of
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import NODES, PODS
from galileo_emulation.kubernetes.storage.history import Change


class PodGarbageCollector(Controller):
    """Removes pods that are lost with their nodes."""

    name = "pod-gc"
    component = "pod-garbage-collector"

    def watch(self) -> None:
        """Nodes that go or are out of service, and pods on such."""
        # Since when each node that pods are bound to is not there.
        self._missing_since: dict[str, float] = {}
        self._pods = self.cluster.informers.of(PODS)
        self._pods.index("node", by_node)
        self._pods.on_change(self._pod_changed)
        self.cluster.informers.of(NODES).on_change(self._node_changed)

    def _node_changed(self, change: Change) -> None:
        name = change.last.body["metadata"]["name"]
        if change.after is not None:
            self._missing_since.pop(name, None)
            if not has(change.after.body, OUT_OF_SERVICE):
                return
        for pod in self._pods.by("node", name):
            self.queue.add(key_of(pod))

    def _pod_changed(self, change: Change) -> None:
        name = node_of(change.last.body)
        if not name or change.after is None:
            return
        node = self.api.get(NODES, name)
        if node is None or (is_leaving(change.after.body) and has(node, OUT_OF_SERVICE)):
            self.queue.add(change.key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Remove a pod if its node is gone for long enough, or out of service."""
        pod = self.api.get(PODS, name, namespace)
        if pod is None or not node_of(pod):
            return None
        node = self.api.get(NODES, node_of(pod))
        if node is not None:
            if is_leaving(pod) and has(node, OUT_OF_SERVICE) and not has_status(node, "Ready"):
                await self._remove(pod, "PodGC: node is out of service")
            return None
        now = self.cluster.now()
        left_s = self._missing_since.setdefault(node_of(pod), now) + self.cluster.settings.orphaned_pod_s - now
        if left_s > 0:
            return left_s
        await self._remove(pod, "PodGC: node no longer exists")
        return None

    async def _remove(self, pod: JsonObject, why: str) -> None:
        if not is_finished(pod):
            patch = disruption_target(pod, "DeletionByPodGC", why, self.cluster.now())
            patch["status"]["phase"] = "Failed"
            pod = await self.api.patch(PODS, patch, part="status")
        await self.api.delete(PODS, pod, grace_s=0)
