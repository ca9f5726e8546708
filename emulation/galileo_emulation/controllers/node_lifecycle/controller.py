"""The node life-cycle controller: finds nodes that do not report, and keeps taints in step with conditions.

    leases, node status -> when each node was last heard of -> conditions Unknown, pods not ready -> taints

That a node reports costs a note of the time. A node is looked at when its conditions or spec change, and when it would
be lost if it had not reported; then that is found out, and the next look is put off accordingly.
"""

from __future__ import annotations

from galileo_emulation.controllers.conditions import condition
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.node_lifecycle.health import (
    has_changed,
    heartbeat,
    is_ready,
    unknown_conditions,
)
from galileo_emulation.controllers.node_lifecycle.taints import (
    Pair,
    driving_away,
    has,
    in_step,
    keeping_away,
    taints_of,
)
from galileo_emulation.controllers.node_lifecycle.zones import (
    eviction_rate,
    is_all_lost,
    ready_and_lost,
    zone_of,
)
from galileo_emulation.controllers.pod_facts import by_node
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import LEASES, NODES, PODS
from galileo_emulation.kubernetes.storage.history import Change

LEASE_NAMESPACE = "kube-node-lease"


class NodeLifecycleController(Controller):
    """Watches over nodes."""

    name = "node-lifecycle"
    component = "node-controller"

    def watch(self) -> None:
        """Nodes, their leases, and the pods on them."""
        informers = self.cluster.informers
        self._heard_at: dict[str, float] = {}
        self._next_eviction_at: dict[str, float] = {}
        self._all_lost = False
        self._nodes = informers.of(NODES)
        self._nodes.on_change(self._node_changed)
        informers.of(LEASES).on_change(self._lease_changed)
        self._pods = informers.of(PODS)
        self._pods.index("node", by_node)

    def _node_changed(self, change: Change) -> None:
        name = change.last.body["metadata"]["name"]
        if change.after is None:
            self._heard_at.pop(name, None)
            self._note_whether_all_are_lost()
            return
        before, after = change.before.body if change.before else None, change.after.body
        if before is None or heartbeat(before) != heartbeat(after):
            self._heard_at[name] = self.cluster.now()
        if before is None or has_changed(before, after):
            self.queue.add(change.key)
            if before is None or is_ready(before) != is_ready(after):
                self._note_whether_all_are_lost()

    def _lease_changed(self, change: Change) -> None:
        metadata = change.last.body["metadata"]
        if change.after is not None and metadata["namespace"] == LEASE_NAMESPACE and metadata["name"] in self._heard_at:
            self._heard_at[metadata["name"]] = self.cluster.now()

    def _note_whether_all_are_lost(self) -> None:
        lost = is_all_lost(ready_and_lost(self._nodes.all()))
        if lost != self._all_lost:
            self._all_lost = lost
            for key in self._nodes.all_keys():
                self.queue.add(key)

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Find out whether a node is lost, and bring its taints in step."""
        node = self.api.get(NODES, name)
        if node is None:
            return None
        wait_s = self._grace_left_s(node)
        if wait_s <= 0:
            node = await self._mark_unknown(node)
        if not is_ready(node) and condition(node, "Ready") is not None:
            await self._mark_pods_not_ready(name)
        drive_away, again_s = self._may_drive_away(node)
        wanted = [*keeping_away(node), *drive_away]
        taints = in_step(taints_of(node), wanted, self.cluster.moment)
        if taints != taints_of(node):
            spec = {key: value for key, value in node["spec"].items() if key != "taints"}
            await self.api.update(NODES, {**node, "spec": {**spec, "taints": taints} if taints else spec})
        waits = [wait for wait in (wait_s, again_s) if wait is not None and wait > 0]
        return min(waits, default=None)

    def _grace_left_s(self, node: JsonObject) -> float:
        """In how many seconds the node is lost unless it reports."""
        settings = self.cluster.settings
        grace_s = settings.node_startup_grace_s if heartbeat(node) is None else settings.node_grace_s
        return self._heard_at[node["metadata"]["name"]] + grace_s - self.cluster.now()

    async def _mark_unknown(self, node: JsonObject) -> JsonObject:
        conditions = unknown_conditions(node, self.cluster.now())
        if conditions is None:
            return node
        if is_ready(node):
            message = f"Node {node['metadata']['name']} status is now: NodeNotReady"
            self.events.record(NODES, node, reason="NodeNotReady", message=message)
        status = {**node["status"], "conditions": conditions}
        return await self.api.update(NODES, {**node, "status": status}, part="status")

    async def _mark_pods_not_ready(self, node: str) -> None:
        for pod in self._pods.by("node", node):
            ready = condition(pod, "Ready")
            if ready is None or ready["status"] != "True":
                continue
            changed = {**ready, "status": "False", "lastTransitionTime": self.cluster.moment}
            metadata = {name: pod["metadata"][name] for name in ("name", "namespace", "uid")}
            try:
                patch = {"metadata": metadata, "status": {"conditions": [changed]}}
                await self.api.patch(PODS, patch, part="status")
            except ApiError as error:
                if not is_gone(error):
                    raise
            self.events.record(PODS, pod, reason="NodeNotReady", message="Node is not ready", type="Warning")

    def _may_drive_away(self, node: JsonObject) -> tuple[list[Pair], float | None]:
        """The NoExecute taint that the node gets (or keeps), and else in how many seconds to ask again."""
        wanted = driving_away(node)
        if not wanted or self._all_lost:
            return [], None
        if has(node, *wanted[0]):
            return wanted, None
        zone, now = zone_of(node), self.cluster.now()
        ready, lost = ready_and_lost(self._nodes.all())[zone]
        rate = eviction_rate(ready, lost, self.cluster.settings)
        if rate <= 0:
            return [], 1.0 / self.cluster.settings.node_eviction_rate
        left_s = self._next_eviction_at.get(zone, now) - now
        if left_s > 0:
            return [], left_s
        self._next_eviction_at[zone] = now + 1.0 / rate
        return wanted, None
