"""A live state fed with a small edge cloud, and words for saying what goes on there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from galileo_cli.view.live_state import LiveState
from galileo_cli.view.shown_run import ShownRun
from galileo_context.testing import World
from galileo_schemas.event import Event, Meta
from galileo_schemas.events import (
    PodCreationRequest,
    PodRunning,
    ScaleSchedule,
    ServiceStatus,
    TelemetryWindow,
    TraceWindow,
    Weights,
    WeightUpdate,
)
from galileo_schemas.labels import FUNCTION, ROLE_PREFIX

START = 1000.0


class Scene(World):
    """`live` is fed at `now`, which a test moves on as it likes; `run` began at 1000 and is to take 120 s."""

    def __init__(self) -> None:
        super().__init__(now=START)
        self.live = LiveState()
        self.cluster = self.live.cluster
        self.run = ShownRun("people-move, seed 1", start=START, duration_s=120)
        self._ids = itertools.count(1)

    def tell(self, event: Event, *, cause: Sequence[str] = (), source: str = "service/1") -> str:
        """Says any event now, as a service would; returns its id."""
        identity = f"id-{next(self._ids)}"
        event.meta = Meta(id=identity, source=source, cause=tuple(cause))
        self.live.note(event, self.now, self.now)
        return identity

    def by_hand(self, event: Event) -> None:
        """Says an event as somebody with redis-cli would."""
        self.live.note(event, self.now, self.now)

    # ------------------------------------------------------------ the cluster

    def edge_cloud(self) -> None:
        """zone-a with three workers, zone-b with one; in each a gateway and a node of clients; one resnet in zone-a."""
        for zone, workers in (("zone-a", ("edge-1", "edge-2", "edge-10")), ("zone-b", ("cloudlet-1",))):
            for worker in workers:
                self.node(worker, zone, labels={f"{ROLE_PREFIX}worker": ""})
            for role in ("gateway", "client"):
                self.node(f"{role}-{zone}", zone, labels={f"{ROLE_PREFIX}{role}": ""})
            self.gateway(f"galileo-gateway-{zone}", f"gateway-{zone}")
            self.say(self.state(f"worker-{zone}", node=f"client-{zone}", labels={FUNCTION: "client"}, requests={}))
        self.pod("resnet-1", "resnet", "edge-1")

    def cpu(self, node: str, percent: float) -> None:
        """What a node has used in the second that ends now."""
        self.tell(TelemetryWindow(node=node, start=self.now - 1, end=self.now, metrics={"cpu": percent}))

    def answers(self, zone: str, *, count: int, rtt_ms: float) -> None:
        """Requests from a zone that were answered in the second that ends now."""
        row = self.ask(
            "resnet", self.cluster.pod_named("resnet-1"), f"worker-{zone}:resnet:0", count=count, rtt_ms=rtt_ms
        )
        self.tell(TraceWindow(start=self.now - 1, end=self.now, rows=[row]))

    # ------------------------------------------------------------ decisions

    def scale_up(self, pod: str = "resnet-2", *, cause: Sequence[str] = (), value: float | None = 0.35) -> str:
        return self.tell(scale_up(pod, value=value), cause=cause, source="pressure_calculator/1")

    def scale_down(self, pod: str = "resnet-1", *, value: float | None = 0.001) -> str:
        request = PodCreationRequest(pod_name=pod)
        event = ScaleSchedule(
            fn="resnet",
            origin_zone="zone-a",
            dest_zone="zone-a",
            pod_creation_request=request,
            value=value,
            threshold=0.01,
            delete=True,
        )
        return self.tell(event, source="pressure_calculator/1")

    def running(self, pod: str, *, cause: Sequence[str] = (), ready: bool = True) -> str:
        event = PodRunning(
            pod_uid=f"uid-{pod}",
            name=pod,
            status="Running",
            ready=ready,
            labels={FUNCTION: "resnet"},
            node_name="edge-2",
        )
        return self.tell(event, cause=cause, source="cluster_observer/1")

    def weights(self, zone: str, *, cause: Sequence[str], fn: str = "resnet") -> None:
        self.tell(WeightUpdate(fn=fn, zone=zone, weights=Weights(ips=["a:1"], weights=[1])), cause=cause)

    # ------------------------------------------------------------ services

    def status(self, service: str, *, figures: dict[str, float] | None = None, **more: object) -> None:
        """`more` are fields of the status."""
        event = ServiceStatus(
            service=service,
            instance=service,
            host="edge-1",
            pid=7,
            started=START,
            rates={"said": 1.0, "heard": 20.0},
            figures=figures or {},
        )
        for field, value in more.items():
            setattr(event, field, value)
        self.tell(event, source=f"{service}/1")


def scale_up(pod: str = "resnet-2", *, value: float | None = 0.35) -> ScaleSchedule:
    """One resnet more in zone-b."""
    request = PodCreationRequest(pod_name=pod)
    return ScaleSchedule(
        fn="resnet",
        origin_zone="zone-a",
        dest_zone="zone-b",
        pod_creation_request=request,
        value=value,
        threshold=0.11,
    )
