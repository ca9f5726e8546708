"""What is remembered of a pod for as long as its object is there, also while its node is down: how its containers
ended, how often they were started, what they wrote, and what resources the pod was given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from galileo_emulation.functions.container_log import ContainerLog
from galileo_emulation.kubelets.container_exit import UNKNOWN, Exit
from galileo_emulation.kubelets.restart_backoff import NONE_YET, Backoff
from galileo_emulation.kubernetes.apiobjects import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Termination:
    """The end of one run of a container; times are unix seconds."""

    exit: Exit
    container_id: str
    started_at: float
    finished_at: float


@dataclass(slots=True)
class ContainerRecord:
    """`runs` counts the starts; `running` holds the present run's id and start (unix seconds) while it goes on."""

    runs: int = 0
    running: tuple[str, float] | None = None
    last: Termination | None = None
    before_last: Termination | None = None
    starts: Backoff = NONE_YET
    log: ContainerLog | None = None
    previous_log: ContainerLog | None = None

    @property
    def restarts(self) -> int:
        return max(0, self.runs - 1)

    def begin_run(self, container_id: str, *, now: float) -> None:
        """Another run has started."""
        self.runs += 1
        self.running = (container_id, now)

    def new_log(self, also: Callable[[float, bytes], None] | None = None) -> ContainerLog:
        """The log of a run that is about to start; the one before is kept as the previous one.

        `also` is given each line that is written.
        """
        if self.log is not None:
            self.previous_log = self.log
        self.log = ContainerLog(also=also)
        return self.log

    def end_run(self, end: Exit, *, now: float) -> None:
        """The present run has ended; nothing happens if there is none."""
        if self.running is None:
            return
        container_id, started_at = self.running
        self.before_last = self.last
        self.last = Termination(exit=end, container_id=container_id, started_at=started_at, finished_at=now)
        self.running = None
        if self.log is not None:
            self.log.close()


@dataclass(slots=True)
class PodRecord:
    """`started_at` is when a kubelet first took care of the pod (unix seconds). `allocated` is what the node gave to
    each container. `conditions` holds status and time of the last change by type, as they were said. `ended`: the pod
    has come to its end, and nobody is to begin with it again."""

    started_at: float
    containers: dict[str, ContainerRecord] = field(default_factory=dict)
    allocated: dict[str, JsonObject] = field(default_factory=dict)
    conditions: dict[str, tuple[bool, str]] = field(default_factory=dict)
    ended: bool = False

    def of(self, container: str) -> ContainerRecord:
        """What is known of a container."""
        return self.containers.setdefault(container, ContainerRecord())

    def node_failed(self, *, now: float) -> None:
        """Nobody saw how the containers ended that ran."""
        message = "the node failed while the container ran"
        for record in self.containers.values():
            record.end_run(Exit(UNKNOWN, "Unknown", message), now=now)
