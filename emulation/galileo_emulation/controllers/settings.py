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

    def __post_init__(self) -> None:
        """Raises ValueError for a controller that there is none of."""
        unknown = [name for name in self.controllers if name not in ALL]
        if unknown:
            raise ValueError(f"controllers: there is no {', '.join(unknown)}; there are {', '.join(ALL)}")
