"""One service as the runtime runs it: its bus, its tasks, and what it answers when it is asked how it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from galileo_bus.bus import HEARTBEAT_S, Bus
from galileo_bus.delivery.decision_worker import DecisionWorker
from galileo_bus.election.candidate import Candidate
from galileo_bus.service.hung_handlers import HungHandlers, why_hung
from galileo_bus.service.live_settings import LiveSettings
from galileo_bus.service.service import Service

AWAY_S = 2 * HEARTBEAT_S
"""A bus that is away for longer makes a service not ready."""


@dataclass
class RunningService:
    service: Service
    bus: Bus
    label: str
    live_settings: LiveSettings
    hung: HungHandlers
    worker: DecisionWorker | None = None
    candidate: Candidate | None = None
    runs: int = 0
    failures: int = 0
    last_failure: dict[str, str] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def why_not_ready(self, *, started: bool) -> str | None:
        """None when it can do its work; `started` says whether its process has."""
        if not started:
            return "starting"
        away_s = self.bus.transport.away_s
        if away_s > AWAY_S:
            return f"the bus has been away for {away_s:.0f} s"
        if self.candidate is None or self.candidate.leads:
            return self.service.ready()
        trouble = self.candidate.trouble
        return None if trouble is None else f"cannot take part in the election: {trouble}"

    def why_hung(self) -> list[str]:
        """The handlers that have not returned for long, in words."""
        return why_hung(self.hung.hung, asyncio.get_running_loop().time())

    def figures(self) -> dict[str, float]:
        """What it said, heard, lost, refused and did, for /metrics."""
        bus, inbox, worker = self.bus, self.bus.inbox, self.worker
        return {
            "said": float(bus.said.total()),
            "heard": float(bus.heard.total()),
            "lost": float(bus.losses.lost),  # numbered ones, also those that the queue dropped
            "queue_dropped": float(inbox.queue_dropped + inbox.held_dropped),
            "interruptions": float(inbox.interruptions),
            "caught_up": float(inbox.caught_up),
            "adopted": float(bus.adopted),
            "hung": float(len(self.hung.hung)),
            "rejected": float(bus.rejections.counts.total()),
            "records_kept": float(bus.records.kept),
            "runs": float(self.runs),
            "failures": float(self.failures),
            "decisions_handled": float(worker.handled if worker else 0),
            "decisions_retried": float(worker.retried if worker else 0),
            **({} if self.candidate is None else self.candidate.figures()),
            **self.service.figures(),
        }
