"""The shell: takes a decision from its journal, checks the rules, acts on Kubernetes, says what came of it.

An effect happens once: a pod carries the decision's id, so that "already exists with this id" is success, and a
deletion names the pod's uid.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from galileo_backends.kubernetes.errors import AlreadyExists, Conflict, Forbidden, Invalid, NotFound
from galileo_backends.kubernetes.interface import Kubernetes
from galileo_backends.kubernetes.pod_state import pod_state
from galileo_backends.kubernetes.resources import PODS
from galileo_bus.service import Service, Settings, on, setting, watch
from galileo_context.cluster import Cluster
from galileo_context.feed import POD_EVENTS
from galileo_schemas.event import Event
from galileo_schemas.events import (
    ClusterInventory,
    PodCreated,
    PodDeleted,
    PodFailed,
    PodShutdown,
    PodState,
    Resync,
    ScaleSchedule,
)
from galileo_schemas.frame import RawFrame
from galileo_schemas.labels import CAUSE_ANNOTATION

from galileo_services.pod_creator.creation_rate import CreationRate
from galileo_services.pod_creator.manifest import pod_manifest
from galileo_services.pod_creator.rules import (
    REASONS_OF_IGNORANCE,
    Refusal,
    pod_name,
    refuse_creation,
    refuse_deletion,
    refuse_namespace,
)

_FINAL = (Invalid, Forbidden, NotFound, Conflict)
"""Answers that the same request gets again: no use in retrying."""

LEARN_WITHIN_S = 10.0
"""How long after the start a decision may wait for what is known of its function."""


@dataclass(frozen=True)
class PodCreatorSettings(Settings):
    namespaces: tuple[str, ...] = setting(
        ("default",), "pod_creator_namespaces", doc="namespaces where pods may be created and deleted; * for all"
    )
    images: tuple[str, ...] = setting(
        (), "pod_creator_images", doc="image patterns allowed beyond the images of known functions; * for all"
    )
    scheduler_name: str = setting(
        "custom-scheduler", "pod_creator_scheduler_name", doc="schedulerName of the pods created"
    )
    drain_s: float = setting(
        3.0, "pod_creator_drain_s", doc="s between saying pod/shutdown and deleting the pod", at_least=0
    )
    grace_period_s: int = setting(
        10, "pod_creator_grace_period_s", doc="s that a pod gets to stop when it is deleted", at_least=0
    )
    creations_per_minute: int = setting(
        30, "pod_creator_creations_per_minute", doc="most pods created per function and minute", above=0
    )


class PodCreator(Service):
    """Says `pod_created`, `pod_deleted`, `pod_failed`; acts on Kubernetes pods."""

    name = "pod_creator"
    settings: PodCreatorSettings

    def requires(self) -> tuple[type[object], ...]:
        return (Kubernetes,)

    async def started(self) -> None:
        self._kubernetes = self.backend(Kubernetes)
        self._cluster = Cluster()
        self._rate = CreationRate(self.settings.creations_per_minute)
        self._informed = asyncio.Event()
        self._learn_until = asyncio.get_running_loop().time() + LEARN_WITHIN_S

    async def joined(self) -> None:
        await self.bus.say(Resync(wants=["pods"]))

    async def rejoined(self) -> None:
        await self.bus.say(Resync(wants=["pods"]))

    @watch(*POD_EVENTS)
    async def learn(self, event: PodState, frame: RawFrame) -> None:
        self._cluster.note(event, frame.ts)

    @watch(ClusterInventory)
    async def note_inventory(self, _event: ClusterInventory) -> None:
        """The last of what is said again: all functions that have pods are known now."""
        self._informed.set()

    @on(ScaleSchedule)
    async def act(self, decision: ScaleSchedule) -> None:
        refusal = refuse_namespace(decision.pod_creation_request.namespace, self.settings.namespaces)
        if refusal is not None:
            await self._fail(decision, refusal)
        elif decision.delete:
            await self._delete(decision)
        else:
            await self._create(decision)
        await self._told()

    async def expired(self, event: Event) -> None:
        if isinstance(event, ScaleSchedule):
            await self._fail(event, Refusal("expired", "the decision came too late to be acted on"))
            await self._told()

    async def given_up(self, event: Event | None, reason: str) -> None:
        await super().given_up(event, reason)
        if isinstance(event, ScaleSchedule):
            await self._fail(event, Refusal("given-up", reason))

    async def _told(self) -> None:
        """The decision is acknowledged after this: what came of it must have left us, or our death would hide it."""
        await self.bus.records.drain()

    # ------------------------------------------------------------ creating

    async def _create(self, decision: ScaleSchedule) -> None:
        refusal = self._judge(decision)
        if refusal is not None and refusal.reason in REASONS_OF_IGNORANCE and await self._has_learned():
            refusal = self._judge(decision)
        refusal = refusal or self._rate.admit(decision.fn, _id(decision), self.now())
        if refusal is not None:
            await self._fail(decision, refusal)
            return
        template = self._cluster.functions.get(decision.fn)
        manifest = pod_manifest(
            decision,
            decision_id=_id(decision),
            template=template,
            scheduler_name=self.settings.scheduler_name,
            grace_period_s=self.settings.grace_period_s,
        )
        namespace = decision.pod_creation_request.namespace
        try:
            pod = await self._kubernetes.create(PODS, manifest, namespace=namespace)
        except AlreadyExists:
            pod = await self._kubernetes.get(PODS, manifest["metadata"]["name"], namespace=namespace)
            if pod["metadata"].get("annotations", {}).get(CAUSE_ANNOTATION) != _id(decision):
                name = pod["metadata"]["name"]
                self._rate.give_back(decision.fn, _id(decision))
                await self._fail(decision, Refusal("AlreadyExists", f"another pod is named {name!r} already"))
                return
        except _FINAL as error:
            self._rate.give_back(decision.fn, _id(decision))
            await self._fail(decision, Refusal(error.reason or "Refused", error.message))
            return
        await self.bus.say(
            PodCreated(
                pod=pod["metadata"]["name"],
                namespace=namespace,
                fn=decision.fn,
                uid=pod["metadata"]["uid"],
                zone=decision.dest_zone,
            ),
            cause=(_id(decision),),
        )

    def _judge(self, decision: ScaleSchedule) -> Refusal | None:
        """Against the rules, by what is known of the functions now; fills in the image of the decision's own."""
        template = self._cluster.functions.get(decision.fn)
        if not decision.pod_creation_request.image and template is not None:
            decision.pod_creation_request.image = template.image
        known = {known.image: fn for fn, known in self._cluster.functions.items()}
        return refuse_creation(decision, known_images=known, allowed_images=self.settings.images)

    async def _has_learned(self) -> bool:
        """Decisions may have waited for us while nobody has told us of the functions yet; says whether one did now."""
        if self._informed.is_set():
            return False
        try:
            async with asyncio.timeout_at(self._learn_until):
                await self._informed.wait()
        except TimeoutError:
            return False
        return True

    # ------------------------------------------------------------ deleting

    async def _delete(self, decision: ScaleSchedule) -> None:
        namespace = decision.pod_creation_request.namespace
        name = pod_name(decision.pod_creation_request.pod_name)
        try:
            pod = await self._kubernetes.get(PODS, name, namespace=namespace)
        except NotFound:
            await self._tell_deleted(decision, name, uid="")
            return
        refusal = refuse_deletion(pod)
        if refusal is not None:
            await self._fail(decision, refusal)
            return
        uid = pod["metadata"]["uid"]
        if "deletionTimestamp" not in pod["metadata"]:
            await self._drain(pod_state(pod), cause=_id(decision))
            try:
                await self._kubernetes.delete(
                    PODS, name, namespace=namespace, uid=uid, grace_period_s=self.settings.grace_period_s
                )
            except NotFound:
                self.log.info("pod %s/%s was gone already", namespace, name)
            except Conflict as error:
                await self._fail(decision, Refusal("Conflict", error.message))
                return
        await self._tell_deleted(decision, name, uid)

    async def _drain(self, pod: PodState, *, cause: str) -> None:
        """Lets the load balancers take the pod out before it stops."""
        fields = {field: getattr(pod, field) for field in pod.__struct_fields__ if field != "meta"}
        await self.bus.say(PodShutdown(**fields), cause=(cause,))
        await asyncio.sleep(self.settings.drain_s)

    async def _tell_deleted(self, decision: ScaleSchedule, name: str, uid: str) -> None:
        namespace = decision.pod_creation_request.namespace
        await self.bus.say(
            PodDeleted(pod=name, namespace=namespace, fn=decision.fn, uid=uid, zone=decision.dest_zone),
            cause=(_id(decision),),
        )

    async def _fail(self, decision: ScaleSchedule, refusal: Refusal) -> None:
        request = decision.pod_creation_request
        self.log.warning("%s of %s: %s: %s", decision.fn, request.pod_name, refusal.reason, refusal.message)
        await self.bus.say(
            PodFailed(
                pod=request.pod_name,
                namespace=request.namespace,
                fn=decision.fn,
                reason=refusal.reason,
                message=refusal.message,
            ),
            cause=(_id(decision),),
        )


def _id(decision: ScaleSchedule) -> str:
    return decision.meta.id if decision.meta else ""
