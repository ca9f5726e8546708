"""An autoscaler of one's own: a function gets a pod in each zone from which people call it. It removes none.

cluster events → who calls what from where, and where its pods are → scale_schedule, which pod_creator acts on
"""

from __future__ import annotations

from galileo_bus.service import Service, every, watch
from galileo_context.cluster import Cluster
from galileo_context.feed import CLUSTER_EVENTS
from galileo_schemas.event import Event
from galileo_schemas.events import Resync, ScaleSchedule
from galileo_schemas.events.scaling import PodCreationRequest
from galileo_schemas.frame import RawFrame


def missing(cluster: Cluster, *, now: float) -> set[tuple[str, str]]:
    """Functions and zones: people there have called it in the last 5 s, and no pod there serves or starts."""
    calls = {(row.fn, cluster.zone_of_client(row.client)) for row in cluster.requests.merged(now, 5.0)}
    return {(fn, zone) for fn, zone in calls if zone and not (cluster.running(fn, zone) or cluster.pending(fn, zone))}


class OwnAutoscaler(Service):
    """Says `scale_schedule` where people call a function that has no pod in their zone."""

    name = "own_autoscaler"

    async def started(self) -> None:
        self._cluster = Cluster()
        self._asked: dict[tuple[str, str], float] = {}

    async def joined(self) -> None:
        await self.bus.say(Resync())  # asks for the facts that were told before

    @watch(*CLUSTER_EVENTS)
    async def learn(self, event: Event, frame: RawFrame) -> None:
        self._cluster.note(event, frame.ts)

    @every(1.0)
    async def reconcile(self) -> None:
        now = self.now()
        for fn, zone in sorted(missing(self._cluster, now=now)):
            if self._asked.get((fn, zone), 0.0) > now:
                continue  # counts as done until it has expired
            pod = PodCreationRequest(pod_name=f"{fn}-{self.bus.next_id()[-5:]}")
            wish = ScaleSchedule(fn=fn, origin_zone=zone, dest_zone=zone, pod_creation_request=pod)
            await self.bus.say(wish, key=f"{pod.namespace}/{pod.pod_name}", expires_in_s=20.0)
            self._asked[fn, zone] = now + 20.0
