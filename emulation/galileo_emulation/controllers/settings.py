"""What of the controllers can be chosen: which run, and how long they wait. Defaults are those of Kubernetes 1.36."""

from __future__ import annotations

from dataclasses import dataclass

ALL = (
    "garbage-collector",
    "namespace",
    "replica-set",
    "deployment",
    "daemon-set",
    "stateful-set",
    "job",
    "job-orphans",
    "ttl-after-finished",
    "cron-job",
    "disruption",
    "horizontal-pod-autoscaler",
    "endpoint-slice",
    "endpoints",
    "service-account",
    "node-lifecycle",
    "taint-eviction",
    "pod-gc",
    "event-expiry",
)


@dataclass(frozen=True, kw_only=True)
class ControllerSettings:
    """Which controllers run, and their times in seconds.

    `request_s` is how far the namespace controller and the garbage collector stay behind the others, as they would if
    each object took them a request to a server: controllers then see an object's end before that of its owner.
    `batch_s` is how long changes of pods are gathered before endpoints and budgets are counted anew.
    `node_grace_s`: a node that did not report for so long counts as lost; `node_startup_grace_s` is the same for one
    that never did. `node_eviction_rate` is how many nodes of a zone a second are tainted so that their pods go;
    `secondary_eviction_rate` holds in a zone of more than `large_zone` nodes of which `unhealthy_share` or more are
    lost (smaller zones then lose no pods at all). `orphaned_pod_s` is how long pods stay whose node's object is gone,
    `event_ttl_s` how long events are kept.
    Horizontal autoscalers look at their targets every `autoscaler_period_s`, do nothing while use is within
    `autoscaler_tolerance` (a share) of the target, and do not scale below what they recommended within
    `autoscaler_down_window_s`. A pod's use of CPU is taken with care for `cpu_initialization_s` after its start, and
    not at all if it was ready at most within its first `readiness_delay_s` and is not now.
    """

    controllers: tuple[str, ...] = ALL
    request_s: float = 0.005
    batch_s: float = 0.02
    events: bool = True
    workers: int = 4
    node_grace_s: float = 50.0
    node_startup_grace_s: float = 60.0
    node_eviction_rate: float = 0.1
    secondary_eviction_rate: float = 0.01
    large_zone: int = 50
    unhealthy_share: float = 0.55
    orphaned_pod_s: float = 40.0
    event_ttl_s: float = 3600.0
    autoscaler_period_s: float = 15.0
    autoscaler_tolerance: float = 0.1
    autoscaler_down_window_s: float = 300.0
    cpu_initialization_s: float = 300.0
    readiness_delay_s: float = 30.0

    def __post_init__(self) -> None:
        """Raises ValueError for a controller that there is none of."""
        unknown = [name for name in self.controllers if name not in ALL]
        if unknown:
            raise ValueError(f"controllers: there is no {', '.join(unknown)}; there are {', '.join(ALL)}")
