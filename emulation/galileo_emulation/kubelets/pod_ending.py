"""When the containers of a pod that is being deleted are stopped.

    deletion -> preStop sleeps -> requests in hand are finished, and those that still come are served,
                                  until none came for a while -> stop
              at the latest when the grace period is over     -> stop, and what is in hand breaks

Serving on while the deletion becomes known is what a preStop hook is for in real clusters; here every pod does it, so
that load balancers can learn of its end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from galileo_emulation.kubelets.due import is_due


@dataclass(frozen=True, slots=True)
class Ending:
    """Since when the pod ends, until when its preStop hooks sleep, and when its grace period is over."""

    since: float
    hooks_until: float
    deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Requests in hand, and when one last came or ended."""

    in_flight: int = 0
    last_request_at: float = -math.inf


def begin_ending(*, now: float, grace_s: float, pre_stop_s: float) -> Ending:
    """The ending of a pod that was deleted at `now`; hooks sleep within the grace period."""
    return Ending(now, now + min(pre_stop_s, grace_s), now + grace_s)


def shortened(ending: Ending, *, now: float, grace_s: float) -> Ending:
    """The ending after another deletion, which may shorten the grace period but not prolong it."""
    deadline = min(ending.deadline, now + grace_s)
    return Ending(ending.since, min(ending.hooks_until, deadline), deadline)


def is_over(ending: Ending, traffic: Traffic, *, now: float, quiet_s: float) -> bool:
    """Whether to stop the containers now."""
    quiet_at = _quiet_at(ending, traffic, quiet_s)
    return is_due(ending.deadline, now=now) or (traffic.in_flight == 0 and is_due(quiet_at, now=now))


def wake_at(ending: Ending, traffic: Traffic, *, quiet_s: float) -> float:
    """When to ask again if nothing happens before."""
    if traffic.in_flight > 0:
        return ending.deadline
    return min(ending.deadline, _quiet_at(ending, traffic, quiet_s))


def _quiet_at(ending: Ending, traffic: Traffic, quiet_s: float) -> float:
    return max(ending.hooks_until, traffic.last_request_at) + quiet_s
