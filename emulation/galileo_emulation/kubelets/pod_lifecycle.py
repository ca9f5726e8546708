"""When a pod goes from one stage of its life to the next: a state machine without a clock.

    PULLING -> STARTING -> RUNNING -> STOPPING -> GONE
       |           ^          |
       |           +---- START_FAILED (tried again)
    PULL_FAILED <-> PULL_BACKOFF    (an image that does not exist)

A deletion leads from any stage to GONE, from RUNNING by way of STOPPING: requests in hand are finished, and requests
that still come are served until none came for a while, at most for the grace period.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum


class Stage(Enum):
    """Where a pod is in its life."""

    PULLING = "pulling"
    PULL_FAILED = "pull failed"
    PULL_BACKOFF = "pull backoff"
    STARTING = "starting"
    START_FAILED = "start failed"
    RUNNING = "running"
    STOPPING = "stopping"
    GONE = "gone"


@dataclass(frozen=True)
class Lifecycle:
    """A stage, when it began, and when it ends by itself (seconds of one monotonic clock)."""

    stage: Stage
    since: float
    until: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What the next stage depends on, as seen at `now`.

    `image_ready_at`: when the node has all images, None if one does not exist. `start_error`: the containers could not
    be started. `last_request_at`: when the last request came or ended.
    """

    now: float
    image_ready_at: float | None
    start_s: float = 0.0
    start_error: bool = False
    deleting: bool = False
    grace_s: float = 30.0
    in_flight: int = 0
    last_request_at: float = -math.inf
    retry_s: float = 10.0
    quiet_s: float = 1.0


def first_stage(seen: Circumstances) -> Lifecycle:
    """Where a pod begins that has just been bound."""
    if seen.image_ready_at is None:
        return Lifecycle(Stage.PULL_FAILED, seen.now, seen.now + seen.retry_s)
    return Lifecycle(Stage.PULLING, seen.now, seen.image_ready_at)


def next_stage(life: Lifecycle, seen: Circumstances) -> Lifecycle:
    """The stage that follows `life` now; `life` itself if it goes on."""
    now, over = seen.now, seen.now >= life.until
    if seen.deleting:
        return _next_when_deleting(life, seen)
    match life.stage:
        case Stage.PULLING if over:
            return Lifecycle(Stage.STARTING, now, now + seen.start_s)
        case Stage.PULL_FAILED if over:
            return Lifecycle(Stage.PULL_BACKOFF, now, now + seen.retry_s)
        case Stage.PULL_BACKOFF if over:
            return Lifecycle(Stage.PULL_FAILED, now, now + seen.retry_s)
        case Stage.STARTING if over:
            return Lifecycle(Stage.RUNNING, now)
        case Stage.RUNNING if seen.start_error:
            return Lifecycle(Stage.START_FAILED, now, now + seen.retry_s)
        case Stage.START_FAILED if over:
            return Lifecycle(Stage.STARTING, now, now + seen.start_s)
        case _:
            return life


def wake_at(life: Lifecycle, seen: Circumstances) -> float:
    """When to ask for the next stage again if nothing happens before; may be infinite."""
    if life.stage is Stage.STOPPING and seen.in_flight == 0:
        return min(life.until, _quiet_at(life, seen))
    return life.until


def _next_when_deleting(life: Lifecycle, seen: Circumstances) -> Lifecycle:
    now = seen.now
    if life.stage is Stage.RUNNING and not seen.start_error and seen.grace_s > 0.0:
        return Lifecycle(Stage.STOPPING, now, now + seen.grace_s)
    if life.stage is Stage.STOPPING:
        until = min(life.until, now + seen.grace_s)  # a second deletion may shorten the grace period
        finished = seen.in_flight == 0 and now >= _quiet_at(life, seen)
        if now < until and not finished:
            return Lifecycle(Stage.STOPPING, life.since, until)
    return life if life.stage is Stage.GONE else Lifecycle(Stage.GONE, now)


def _quiet_at(life: Lifecycle, seen: Circumstances) -> float:
    return max(life.since, seen.last_request_at) + seen.quiet_s
