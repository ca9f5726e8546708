"""The deployment controller: sets for templates, and pods moved from old sets to the new one.

    deployment and its replica sets -> pause? resize? recreate? rolling update? -> sizes of sets -> status

What is to be done is decided in the modules beside this one; here it is done, and told in events.
"""

from __future__ import annotations

from galileo_emulation.controllers.children import Children
from galileo_emulation.controllers.conditions import condition, with_condition
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.deployment.replica_sets import (
    ReplicaSets,
    active,
    counted,
    new_replica_set,
    size,
    sorted_out,
    superfluous,
)
from galileo_emulation.controllers.deployment.revisions import (
    REVISION,
    annotations_of,
    new_annotations,
    next_revision,
    size_annotations,
)
from galileo_emulation.controllers.deployment.rolling_update import new_size, shrunk_old
from galileo_emulation.controllers.deployment.rollout_limits import is_rolling
from galileo_emulation.controllers.deployment.scaling import Sizes, is_resized, rescaled
from galileo_emulation.controllers.deployment.status import (
    counts_and_availability,
    deadline_s,
    is_complete,
    new_condition,
    pause_condition,
    progress_check_s,
    rollout_status,
)
from galileo_emulation.controllers.label_selector import is_empty
from galileo_emulation.controllers.ownership import by_controller, controller_of
from galileo_emulation.controllers.pod_facts import is_finished, is_leaving
from galileo_emulation.controllers.pod_making import is_for_a_terminating_namespace
from galileo_emulation.controllers.template_hash import without_hash
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import is_gone
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS, PODS, REPLICA_SETS
from galileo_emulation.kubernetes.storage.history import Change


class DeploymentController(Controller):
    """Rolls deployments out."""

    name = "deployment"

    def watch(self) -> None:
        """Deployments, their replica sets, and (for Recreate) the end of their pods."""
        informers = self.cluster.informers
        informers.of(DEPLOYMENTS).on_change(lambda change: self.queue.add(change.key))
        self._sets = Children(informers, self.api, owner=DEPLOYMENTS, child=REPLICA_SETS, queue=self.queue)
        self._all_sets = informers.of(REPLICA_SETS)
        self._all_sets.index("uid", lambda body: (body["metadata"]["uid"],))
        self._pods = informers.of(PODS)
        self._pods.index("controller", by_controller)
        self._pods.on_change(self._pod_changed)

    def _pod_changed(self, change: Change) -> None:
        if change.after is not None or change.before is None:
            return
        reference = controller_of(change.before.body)
        for found in self._all_sets.by("uid", reference["uid"]) if reference else ():
            owner = controller_of(found)
            if owner is not None and owner["kind"] == DEPLOYMENTS.kind:
                self.queue.add(f"{found['metadata']['namespace']}/{owner['name']}")

    async def reconcile(self, namespace: str, name: str) -> float | None:
        """Take one deployment a step further; its own changes call for the next one."""
        deployment = self.api.get(DEPLOYMENTS, name, namespace)
        if deployment is None:
            return None
        if is_empty(deployment["spec"]["selector"]):
            await self._refuse_to_select_all(deployment)
            return None
        sets = await self._sorted_out(deployment)
        if is_leaving(deployment):
            await self._count(deployment, sets)
            return None
        pause = pause_condition(deployment, self.cluster.now())
        if pause is not None:
            deployment = await self._with_condition(deployment, pause)
        deployment, sets = await self._annotated(deployment, sets)
        paused = deployment["spec"].get("paused", False)
        if paused or is_resized(deployment, sets):
            await self._resize(deployment, rescaled(deployment, sets))
            if paused:
                await self._clean_up(deployment, sets)
            await self._count(deployment, sets)
            return None
        if is_rolling(deployment):
            return await self._roll(deployment, sets)
        return await self._recreate(deployment, sets)

    # Strategies

    async def _roll(self, deployment: JsonObject, sets: ReplicaSets) -> float | None:
        deployment, sets = await self._with_new_set(deployment, sets)
        grown = new_size(deployment, sets)
        sizes: Sizes = []
        if sets.new is not None and grown != size(sets.new):
            sizes = [(sets.new, grown)]
        else:
            sizes = shrunk_old(deployment, sets)
        await self._resize(deployment, sizes)
        if not sizes and is_complete(deployment, deployment.get("status", {})):
            await self._clean_up(deployment, sets)
        return await self._follow(deployment, sets)

    async def _recreate(self, deployment: JsonObject, sets: ReplicaSets) -> float | None:
        going: Sizes = [(found, 0) for found in active(sets.old)]
        await self._resize(deployment, going)
        if going or self._old_pods_run(sets):
            return await self._follow(deployment, sets)
        deployment, sets = await self._with_new_set(deployment, sets)
        wanted = deployment["spec"].get("replicas", 1)
        if sets.new is not None and size(sets.new) != wanted:
            await self._resize(deployment, [(sets.new, wanted)])
        if is_complete(deployment, deployment.get("status", {})):
            await self._clean_up(deployment, sets)
        return await self._follow(deployment, sets)

    def _old_pods_run(self, sets: ReplicaSets) -> bool:
        if counted(sets.old, "replicas") > 0:
            return True
        pods = [pod for found in sets.old for pod in self._pods.by("controller", found["metadata"]["uid"])]
        return any(not is_finished(pod) for pod in pods)

    # The replica sets

    async def _sorted_out(self, deployment: JsonObject) -> ReplicaSets:
        return sorted_out(deployment, await self._sets.claimed(deployment, deployment["spec"]["selector"]))

    async def _annotated(self, deployment: JsonObject, sets: ReplicaSets) -> tuple[JsonObject, ReplicaSets]:
        """The same with the new set's annotations, and the deployment's revision, as they should be."""
        if sets.new is None:
            return deployment, sets
        metadata, spec = sets.new["metadata"], sets.new["spec"]
        wanted = new_annotations(deployment, annotations_of(sets.new), next_revision(sets.old))
        min_ready_s = deployment["spec"].get("minReadySeconds", 0)
        if wanted != annotations_of(sets.new) or min_ready_s != spec.get("minReadySeconds", 0):
            new_spec = {key: value for key, value in spec.items() if key != "minReadySeconds"}
            new_spec.update({"minReadySeconds": min_ready_s} if min_ready_s else {})
            changed = {**sets.new, "metadata": {**metadata, "annotations": wanted}, "spec": new_spec}
            sets = ReplicaSets(await self.api.update(REPLICA_SETS, changed), sets.old)
        words = f'Found new replica set "{metadata["name"]}"'
        return await self._with_revision(deployment, wanted[REVISION], "FoundNewReplicaSet", words, once=True), sets

    async def _with_new_set(self, deployment: JsonObject, sets: ReplicaSets) -> tuple[JsonObject, ReplicaSets]:
        """The same with a set for the present template, which is created when there is none."""
        if sets.new is not None:
            return deployment, sets
        revision = next_revision(sets.old)
        body = new_replica_set(deployment, revision=revision, replicas=new_size(deployment, sets))
        name = body["metadata"]["name"]
        try:
            new = await self.api.create(REPLICA_SETS, body)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                await self._count_collision(deployment, body)
            elif not is_for_a_terminating_namespace(error):
                await self._tell_failed_creation(deployment, error)
            raise
        if size(new):
            message = f"Scaled up replica set {name} from 0 to {size(new)}"
            self.events.record(DEPLOYMENTS, deployment, reason="ScalingReplicaSet", message=message)
        words = f'Created new replica set "{name}"'
        deployment = await self._with_revision(deployment, str(revision), "NewReplicaSetCreated", words)
        return deployment, ReplicaSets(new, sets.old)

    async def _count_collision(self, deployment: JsonObject, wanted: JsonObject) -> None:
        """Note that the name is taken by another template, so that the next try has another one."""
        found = self.api.get(REPLICA_SETS, wanted["metadata"]["name"], wanted["metadata"]["namespace"])
        if found is None:
            return
        owner = controller_of(found)
        ours = owner is not None and owner["uid"] == deployment["metadata"]["uid"]
        if ours and without_hash(found["spec"]["template"]) == without_hash(deployment["spec"]["template"]):
            return
        status = deployment.get("status", {})
        collisions = status.get("collisionCount", 0) + 1
        await self._write_status(deployment, {**status, "collisionCount": collisions})

    async def _tell_failed_creation(self, deployment: JsonObject, error: ApiError) -> None:
        reason, message = "ReplicaSetCreateError", f"Failed to create new replica set: {error.message}"
        self.events.record(DEPLOYMENTS, deployment, reason=reason, message=message, type="Warning")
        if deadline_s(deployment) is not None:
            new = new_condition("Progressing", "False", reason, error.message, self.cluster.now())
            await self._with_condition(deployment, new)

    async def _resize(self, deployment: JsonObject, sizes: Sizes) -> None:
        for found, wanted in sizes:
            before, name = size(found), found["metadata"]["name"]
            annotations = {**annotations_of(found), **size_annotations(deployment)}
            if wanted == before and annotations == annotations_of(found):
                continue
            changed = {
                **found,
                "metadata": {**found["metadata"], "annotations": annotations},
                "spec": {**found["spec"], "replicas": wanted},
            }
            await self.api.update(REPLICA_SETS, changed)
            if wanted != before:
                direction = "up" if wanted > before else "down"
                message = f"Scaled {direction} replica set {name} from {before} to {wanted}"
                self.events.record(DEPLOYMENTS, deployment, reason="ScalingReplicaSet", message=message)

    async def _clean_up(self, deployment: JsonObject, sets: ReplicaSets) -> None:
        limit = deployment["spec"].get("revisionHistoryLimit", 10)
        for found in superfluous(sets.old, limit):
            try:
                await self.api.delete(REPLICA_SETS, found)
            except ApiError as error:
                if not is_gone(error):
                    raise

    # The status

    async def _count(self, deployment: JsonObject, sets: ReplicaSets) -> None:
        """Write the numbers, and leave the rollout's progress as it is."""
        await self._write_status(deployment, counts_and_availability(deployment, sets, self.cluster.now()))

    async def _follow(self, deployment: JsonObject, sets: ReplicaSets) -> float | None:
        """Write the numbers and the progress; return when to look whether the deadline has passed."""
        now = self.cluster.now()
        status = rollout_status(deployment, sets, now)
        await self._write_status(deployment, status)
        return progress_check_s(deployment, status, now)

    async def _with_revision(
        self, deployment: JsonObject, revision: str, reason: str, words: str, *, once: bool = False
    ) -> JsonObject:
        """Write the revision, and the condition that says where the new set comes from.

        With `once` the condition is written only where there is none.
        """
        annotations = {**annotations_of(deployment), REVISION: revision}
        changed = {**deployment, "metadata": {**deployment["metadata"], "annotations": annotations}}
        told = once and condition(deployment, "Progressing") is not None
        if deadline_s(deployment) is not None and not told:
            new = new_condition("Progressing", "True", reason, words, self.cluster.now())
            status = deployment.get("status", {})
            changed["status"] = {**status, "conditions": with_condition(status.get("conditions", []), new)}
        if changed == deployment:
            return deployment
        return await self.api.update(DEPLOYMENTS, changed, part="status")

    async def _with_condition(self, deployment: JsonObject, new: JsonObject) -> JsonObject:
        status = deployment.get("status", {})
        conditions = with_condition(status.get("conditions", []), new)
        return await self._write_status(deployment, {**status, "conditions": conditions})

    async def _write_status(self, deployment: JsonObject, status: JsonObject) -> JsonObject:
        if status == deployment.get("status"):
            return deployment
        return await self.api.update(DEPLOYMENTS, {**deployment, "status": status}, part="status")

    async def _refuse_to_select_all(self, deployment: JsonObject) -> None:
        message = "This deployment is selecting all pods. A non-empty selector is required."
        self.events.record(DEPLOYMENTS, deployment, reason="SelectingAll", message=message, type="Warning")
        generation = deployment["metadata"].get("generation", 0)
        await self._write_status(deployment, {**deployment.get("status", {}), "observedGeneration": generation})
