"""When a container goes from one step of its life to the next: a state machine without a clock.

    WAITING -> PULLING -> RUNNING -> ENDED
                 ^  |      ^  |  \\
                 |  |      |  |   CRASH_BACKOFF -> PULLING -> RUNNING (started again)
                 |  |      START_FAILED (tried again)
        PULL_BACKOFF <- PULL_FAILED

WAITING lasts until it is the container's turn: init containers run one after the other, the others follow. A container
that ended is started again if its policy wants that, the first time at once, then after a back-off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from galileo_emulation.kubelets.due import is_due
from galileo_emulation.kubelets.restart_backoff import NONE_YET, Backoff, BackoffRule, attempted, next_attempt_at


class Step(Enum):
    """Where a container is in its life."""

    WAITING = "waiting"
    PULLING = "pulling"
    PULL_FAILED = "pull failed"
    PULL_BACKOFF = "pull backoff"
    START_FAILED = "start failed"
    RUNNING = "running"
    CRASH_BACKOFF = "crash backoff"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Life:
    """A step, when it began, when it ends by itself (seconds of one monotonic clock), and the back-offs so far."""

    step: Step
    since: float
    until: float = math.inf
    pulls: Backoff = NONE_YET
    starts: Backoff = NONE_YET


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the next step depends on, as seen at `now`.

    `turn`: the container may run. `image_at`: when its node has the image, None if that will never be. `start_failed`:
    it could not be started. `exited_at`: when it ended, None while it runs. `again`: it is to be started again.
    """

    now: float
    rule: BackoffRule
    turn: bool = True
    image_at: float | None = None
    start_failed: bool = False
    exited_at: float | None = None
    again: bool = True


def next_life(life: Life, seen: Seen) -> Life:
    """The life that follows `life` now; `life` itself if it goes on as it is."""
    now, over = seen.now, is_due(life.until, now=seen.now)
    match life.step:
        case Step.WAITING if seen.turn:
            return _pull(life, seen)
        case Step.PULLING if over:
            return replace(life, step=Step.RUNNING, since=now, until=math.inf, pulls=NONE_YET)
        case Step.PULL_FAILED if over:
            at = life.pulls.attempt_at + life.pulls.delay_s
            return replace(life, step=Step.PULL_BACKOFF, since=now, until=at)
        case Step.PULL_BACKOFF if over:
            return _pull(life, seen)
        case Step.START_FAILED if over:
            return replace(life, step=Step.RUNNING, since=now, until=math.inf)
        case Step.RUNNING if seen.start_failed:
            starts = attempted(life.starts, failed_at=life.since, now=now, rule=seen.rule)
            return replace(life, step=Step.START_FAILED, since=now, until=now + starts.delay_s, starts=starts)
        case Step.RUNNING if seen.exited_at is not None:
            return _after_exit(life, seen, exited_at=seen.exited_at)
        case Step.CRASH_BACKOFF if over:
            starts = attempted(life.starts, failed_at=life.since, now=now, rule=seen.rule)
            return _pull(replace(life, starts=starts), seen)
        case _:
            return life


def _pull(life: Life, seen: Seen) -> Life:
    now = seen.now
    if seen.image_at is not None:
        return replace(life, step=Step.PULLING, since=now, until=seen.image_at)
    pulls = attempted(life.pulls, failed_at=now, now=now, rule=seen.rule)
    # The error is shown for as long as the shortest back-off's half, then that the kubelet waits.
    return replace(life, step=Step.PULL_FAILED, since=now, until=now + seen.rule.first_s / 2.0, pulls=pulls)


def _after_exit(life: Life, seen: Seen, *, exited_at: float) -> Life:
    if not seen.again:
        return replace(life, step=Step.ENDED, since=exited_at, until=math.inf)
    at = next_attempt_at(life.starts, failed_at=exited_at, rule=seen.rule)
    return replace(life, step=Step.CRASH_BACKOFF, since=exited_at, until=at)
