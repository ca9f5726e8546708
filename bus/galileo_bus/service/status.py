"""How a service is, as it says it itself: what `service_status` holds, from counts and answers that a runtime has.

    counts now, counts at the last status → rates;  reasons, lag, figures → ServiceStatus

A service that says nothing cannot say so: that shows by its last status being old.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from galileo_schemas.events import ServiceStatus

STATUS_EVERY_S = 2.0
LATE_S = 1.0
"""A loop that turns this much later than it should is not well: it computes, or the machine is too busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Where services run; `port` of the health page, 0 while there is none."""

    host: str
    pid: int
    port: int = 0


def this_process() -> Process:
    """The process that asks."""
    return Process(host=socket.gethostname(), pid=os.getpid())


@dataclass(frozen=True, slots=True)
class Counted:
    """What a service had said and heard `at` a moment (unix seconds), in events since it started."""

    at: float
    said: int
    heard: int


def rates(before: Counted, now: Counted) -> dict[str, float]:
    """Events a second between two moments; 0 when no time has passed."""
    passed_s = now.at - before.at
    if passed_s <= 0.0:
        return {"said": 0.0, "heard": 0.0}
    return {"said": (now.said - before.said) / passed_s, "heard": (now.heard - before.heard) / passed_s}


def why_unhealthy(failures: Mapping[str, str], late_s: float, *, hung: Sequence[str] = ()) -> str:
    """What fails, in words; empty when all is well. `failures`: by the name of what failed. `late_s`: of the loop.

    `hung`: handlers that do not return, in words.
    """
    reasons = [*hung]
    reasons += [f"{name} failed: {failure}" for name, failure in sorted(failures.items())]
    if late_s > LATE_S:
        reasons.insert(0, f"the process stood still for {late_s:.1f} s")
    return "; ".join(reasons)


def status_of(
    process: Process,
    *,
    service: str,
    instance: str,
    started: float,
    not_ready: str,
    unhealthy: str,
    before: Counted | None,
    now: Counted,
    lag: int,
    figures: Mapping[str, float],
) -> ServiceStatus:
    """The status of one service; `figures` are those of its /metrics page.

    `before` is None in its first status: there are no rates yet, which moments after the start would mean nothing.
    """
    return ServiceStatus(
        service=service,
        instance=instance,
        host=process.host,
        pid=process.pid,
        started=started,
        not_ready=not_ready,
        unhealthy=unhealthy,
        port=process.port,
        rates={} if before is None else rates(before, now),
        lag=lag,
        lost=int(figures.get("lost", 0.0)),
        figures=dict(figures),
    )
