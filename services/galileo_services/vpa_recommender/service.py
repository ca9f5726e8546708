"""The shell: learns from telemetry windows and pods what containers use, says what they should request.

Nothing is stored: a recommender that starts anew begins without history, and its bounds are wide until it has one.
"""

from __future__ import annotations

from galileo_bus.service import Service, every, watch
from galileo_context.cluster import Cluster
from galileo_context.feed import POD_EVENTS
from galileo_schemas.event import Event
from galileo_schemas.events import ClusterInventory, PodState, Resync, TelemetryWindow, VpaRecommendation
from galileo_schemas.frame import RawFrame

from galileo_services.vpa_recommender.history import History
from galileo_services.vpa_recommender.recommendation import Recommender
from galileo_services.vpa_recommender.settings import (
    VpaRecommenderSettings,
    aggregation_parameters,
    recommendation_parameters,
)


class VpaRecommender(Service):
    """Says `vpa_recommendation` for each function with samples."""

    name = "vpa_recommender"
    elected = True
    settings: VpaRecommenderSettings

    async def started(self) -> None:
        self._cluster = Cluster()
        parameters = aggregation_parameters(self.settings)
        self._history = History(parameters, sample_interval_s=self.settings.sample_interval)
        self._recommender = Recommender(recommendation_parameters(self.settings))

    async def joined(self) -> None:
        await self.bus.say(Resync(wants=["pods"]))

    def figures(self) -> dict[str, float]:
        return {"containers": float(self._history.containers), "oom_kills": float(self._history.oom_kills)}

    @watch(*POD_EVENTS, ClusterInventory)
    async def learn(self, event: Event, frame: RawFrame) -> None:
        self._cluster.note(event, frame.ts)
        if isinstance(event, PodState):
            pod = self._cluster.pod_named(event.name, event.namespace)
            if pod is not None and self._cluster.is_present(pod):
                self._history.note_pod(pod, frame.ts)

    @watch(TelemetryWindow)
    async def take(self, window: TelemetryWindow) -> None:
        for container_id, usage in window.containers.items():
            pod = self._cluster.pod_with_container(container_id)
            if pod is None or not self._cluster.is_present(pod):
                continue  # told of too early or too late; the next window will do
            name = pod.container_named_by(container_id)
            if name is not None:
                self._history.note_usage(pod, name, usage, start_s=window.start, end_s=window.end)

    @every("recommender_interval")
    async def recommend(self) -> None:
        self._history.forget(self.now(), self._cluster.is_present)
        for function, containers in self._history.functions():
            recommended = self._recommender.recommend(containers)
            if recommended:
                await self.bus.say(
                    VpaRecommendation(
                        fn=function.fn,
                        namespace=function.namespace,
                        containers=recommended,
                        confidence_days=self._recommender.confidence(containers),
                    )
                )
