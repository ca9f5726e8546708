"""The shell: remembers the newest recommendations, chooses pods, resizes them, says how that went.

A pod is read anew before it is changed, and the change holds for that version of it only. The API server's word is
taken as it is: where it refuses, `vpa_update` says `failed` with its reason, and the pod is left alone for a while.
"""

from __future__ import annotations

from dataclasses import dataclass

from galileo_backends.kubernetes.errors import ApiError, Conflict, NotFound, ServerUnavailable
from galileo_backends.kubernetes.interface import Kubernetes
from galileo_backends.kubernetes.pod_state import pod_state
from galileo_backends.kubernetes.resources import PODS
from galileo_bus.service import Service, Settings, every, on, setting, watch
from galileo_context.cluster import Cluster
from galileo_context.feed import POD_EVENTS
from galileo_context.pod import Pod, read_pod
from galileo_schemas.event import Event
from galileo_schemas.events import ClusterInventory, PodState, Resync, VpaRecommendation, VpaUpdate
from galileo_schemas.frame import RawFrame

from galileo_services.vpa_updater.choice import Choice, UpdateParameters, choose, judge, urgency
from galileo_services.vpa_updater.open_resizes import OpenResize, OpenResizes
from galileo_services.vpa_updater.resize_plan import ResizePlan, resize_plan

_PREFIX = "vpa_updater"


@dataclass(frozen=True)
class VpaUpdaterSettings(Settings):
    updater_interval: float = setting(60.0, f"{_PREFIX}_updater_interval", doc="s between looking at pods", above=0)
    update_mode: str = setting(
        "in_place",
        f"{_PREFIX}_update_mode",
        doc="in_place: pods are resized while they run; off: none is touched; evicting them is not built",
        choices=("in_place", "off"),
    )
    namespaces: tuple[str, ...] = setting(
        ("default",), f"{_PREFIX}_namespaces", doc="namespaces where pods may be changed; * for all"
    )
    min_replicas: int = setting(
        2, f"{_PREFIX}_min_replicas", doc="running pods that a function must have for one to be changed", above=0
    )
    pod_update_threshold: float = setting(
        0.1,
        f"{_PREFIX}_pod_update_threshold",
        doc="share by which requests within their bounds must change",
        at_least=0,
    )
    lifetime_threshold: float = setting(
        43_200.0,
        f"{_PREFIX}_in_recommendation_bounds_eviction_lifetime_threshold",
        doc="s that a pod lives before requests within their bounds are changed",
        at_least=0,
    )
    oom_threshold: float = setting(
        600.0,
        f"{_PREFIX}_evict_after_oom_threshold",
        doc="s after its start within which a kill for want of memory calls for a change",
        at_least=0,
    )
    deferred_resize_timeout: float = setting(
        300.0, f"{_PREFIX}_deferred_resize_timeout", doc="s that a deferred resize is left alone", at_least=0
    )
    in_progress_resize_timeout: float = setting(
        3600.0, f"{_PREFIX}_in_progress_resize_timeout", doc="s after which a resize counts as failed", above=0
    )
    retry_after: float = setting(
        300.0, f"{_PREFIX}_retry_after", doc="s that a pod whose change failed is left alone", at_least=0
    )


class VpaUpdater(Service):
    """Says `vpa_update`; acts on the resize subresource of Kubernetes pods."""

    name = "vpa_updater"
    elected = True
    settings: VpaUpdaterSettings

    def requires(self) -> tuple[type[object], ...]:
        return (Kubernetes,)

    async def started(self) -> None:
        self._kubernetes = self.backend(Kubernetes)
        self._cluster = Cluster()
        self._recommendations: dict[tuple[str, str], VpaRecommendation] = {}
        self._open = OpenResizes()
        self._held: dict[str, float] = {}
        self._parameters = _parameters(self.settings)
        self._results: dict[str, int] = {}

    async def joined(self) -> None:
        await self.bus.say(Resync(wants=["pods"]))

    async def leading(self) -> None:
        """Resizes of an earlier leadership are another's to follow; the pods tell how far they are."""
        self._open = OpenResizes()

    def figures(self) -> dict[str, float]:
        said = {f"updates_{result}": float(count) for result, count in self._results.items()}
        return {"open_resizes": float(len(self._open.pods)), **said}

    @on(VpaRecommendation)
    async def remember(self, event: VpaRecommendation) -> None:
        allowed = self.settings.namespaces
        if not event.shadow and (event.namespace in allowed or "*" in allowed):
            self._recommendations[event.namespace, event.fn] = event

    @watch(*POD_EVENTS, ClusterInventory)
    async def learn(self, event: Event, frame: RawFrame) -> None:
        self._cluster.note(event, frame.ts)
        if isinstance(event, PodState):
            await self._follow(event.name, event.namespace)

    async def _follow(self, name: str, namespace: str) -> None:
        pod = self._cluster.pod_named(name, namespace)
        if pod is not None and self._cluster.is_present(pod) and (news := self._open.note(pod)):
            await self._tell(news)

    @every("updater_interval")
    async def update(self) -> None:
        await self._end_what_came_to_nothing()
        if self.settings.update_mode == "off":
            return
        for choice in sorted(self._choices(), key=urgency):
            await self._resize(choice)

    async def _end_what_came_to_nothing(self) -> None:
        now = self.now()
        self._held = {uid: until for uid, until in self._held.items() if until > now}
        for uid, resize in list(self._open.pods.items()):
            if not self._cluster.is_present(resize.pod) and (news := self._open.gone(uid)):
                await self._tell(news)
        for news in self._open.overdue(now, self.settings.in_progress_resize_timeout):
            await self._tell(news)

    def _choices(self) -> list[Choice]:
        choices = []
        for (namespace, fn), recommendation in self._recommendations.items():
            pods = [*self._cluster.running(fn), *self._cluster.pending(fn)]
            choice = choose(
                [pod for pod in pods if pod.namespace == namespace],
                recommendation,
                now=self.now(),
                parameters=self._parameters,
                under_way=self._open.under_way,
                held=self._held,
            )
            if choice is not None:
                choices.append(choice)
        return choices

    async def _resize(self, choice: Choice) -> None:
        name, namespace = choice.pod.name, choice.pod.namespace
        try:
            pod = await self._read(name, namespace)
        except NotFound:
            return  # gone since; its event is on the way
        plan = self._plan(pod, choice)
        if plan is None:
            return  # somebody else was faster
        try:
            answer = await self._kubernetes.patch_resize(
                name, plan.patch(pod.resource_version), namespace=namespace, kind="strategic"
            )
        except Conflict as error:
            self.log.info("pod %s/%s changed meanwhile and is looked at anew: %s", namespace, name, error)
            return
        except ServerUnavailable:
            raise  # whether it happened shows in the pod, at which the next run looks
        except ApiError as error:
            self._held[pod.uid] = self.now() + self.settings.retry_after
            await self._tell(self._resize_of(pod, choice, plan, failure=f"{error.reason}: {error.message}"))
            return
        resize = self._resize_of(pod, choice, plan)
        self._open.begin(resize)
        self._cluster.note(pod_state(answer), self.now())  # so that what was said before it is known to be older
        await self._tell(resize)
        await self._follow(name, namespace)  # a quick kubelet may have been told of before the answer came

    async def _read(self, name: str, namespace: str) -> Pod:
        found = pod_state(await self._kubernetes.get(PODS, name, namespace=namespace))
        return read_pod(found, self.now(), order=0, previous=None)

    def _plan(self, pod: Pod, choice: Choice) -> ResizePlan | None:
        recommendation = choice.recommendation
        if pod.uid != choice.pod.uid:
            return None
        if judge(pod, recommendation, now=self.now(), parameters=self._parameters) is None:
            return None
        return resize_plan(pod, recommendation)

    def _resize_of(self, pod: Pod, choice: Choice, plan: ResizePlan, *, failure: str = "") -> OpenResize:
        recommendation = choice.recommendation
        cause = recommendation.meta.id if recommendation.meta is not None else ""
        return OpenResize(
            pod,
            recommendation.fn,
            plan,
            cause,
            self.now(),
            result="failed" if failure else "in_progress",
            message=failure,
        )

    async def _tell(self, resize: OpenResize) -> None:
        pod, plan = resize.pod, resize.plan
        self._results[resize.result] = self._results.get(resize.result, 0) + 1
        log = self.log.warning if resize.result in ("failed", "infeasible") else self.log.info
        log("pod %s/%s: %s %s", pod.namespace, pod.name, resize.result, resize.message)
        await self.bus.say(
            VpaUpdate(
                pod=pod.name,
                namespace=pod.namespace,
                fn=resize.fn,
                uid=pod.uid,
                node=pod.node,
                mode="in_place",
                result=resize.result,
                message=resize.message,
                before=plan.requests_before,
                after=plan.requests_after,
            ),
            cause=(resize.cause,) if resize.cause else (),
        )


def _parameters(settings: VpaUpdaterSettings) -> UpdateParameters:
    return UpdateParameters(
        change_threshold=settings.pod_update_threshold,
        lifetime_threshold_s=settings.lifetime_threshold,
        oom_threshold_s=settings.oom_threshold,
        min_replicas=settings.min_replicas,
        deferred_timeout_s=settings.deferred_resize_timeout,
        in_progress_timeout_s=settings.in_progress_resize_timeout,
    )
