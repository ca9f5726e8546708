"""One container's samples on their way into the aggregate of its function.

CPU samples go in one by one. Of memory, only the largest amount of each interval does: what a container must have is
its peak, not its mean. A peak is corrected while its interval lasts (the old one is taken out, the new one put in, both
stamped with the interval's end). A container that was killed for want of memory counts as having used more than it
had. Source: kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/model/container.go.
"""

from __future__ import annotations

import math

from galileo_services.vpa_recommender.aggregate_state import AggregateState, AggregationParameters
from galileo_services.vpa_recommender.resource_amounts import memory_amount_from_bytes, scaled


class ContainerState:
    """Plain state of one container of one pod, over its restarts. Times are unix seconds."""

    def __init__(self, aggregate: AggregateState, parameters: AggregationParameters) -> None:
        self.aggregate = aggregate
        self._parameters = parameters
        self._last_cpu_s = -math.inf
        self._last_memory_s = -math.inf
        self._memory_peak = 0
        self._oom_peak = 0
        self.window_end_s: float | None = None
        """When the memory interval ends that is being filled; None before the first sample."""

    def add_cpu_sample(self, millicores: int, *, at_s: float, request_millicores: int = 0) -> bool:
        """Takes a sample; False for one that is negative, doubled or older than the last."""
        if millicores < 0 or at_s <= self._last_cpu_s:
            return False
        self.aggregate.add_cpu(millicores, at_s=at_s, request_millicores=request_millicores)
        self._last_cpu_s = at_s
        return True

    def add_memory_sample(self, amount_bytes: int, *, at_s: float) -> bool:
        """Takes a sample; False for one that is negative or older than the last."""
        if amount_bytes < 0 or at_s < self._last_memory_s:
            return False
        if self._is_peak(amount_bytes, at_s):
            self._memory_peak = amount_bytes
        return True

    def record_oom(self, request_bytes: int, *, at_s: float) -> bool:
        """The container was killed while it requested that much memory; False when that is too long ago to count.

        It needs more than it used, by a share or by a fixed amount, whichever is more. What an earlier kill in the
        interval made of it does not count as used, or each kill would raise the next one's guess.
        """
        if at_s < self._last_memory_s - self._parameters.memory_interval_s:
            return False
        used = max(request_bytes, self._memory_peak)
        needed = max(
            used + memory_amount_from_bytes(self._parameters.oom_min_bump_up_bytes),
            scaled(used, self._parameters.oom_bump_up_ratio),
        )
        if self._is_peak(needed, at_s):
            self._oom_peak = needed
        return True

    def _is_peak(self, amount_bytes: int, at_s: float) -> bool:
        """Puts a new peak of the current interval into the aggregate; begins the next interval when it is time.

        An interval whose first sample is 0 keeps that, whatever follows: upstream's rule.
        """
        self._last_memory_s = at_s
        if self.window_end_s is None:
            self.window_end_s = at_s
        if at_s < self.window_end_s:
            old = max(self._memory_peak, self._oom_peak)
            if old == 0 or amount_bytes <= old:
                return False
            self.aggregate.subtract_memory_peak(old, at_s=self.window_end_s)
        else:
            interval_s = self._parameters.memory_interval_s
            # Ends stay on the grid that the first sample began, however long nothing was heard.
            self.window_end_s += (math.floor((at_s - self.window_end_s) / interval_s) + 1) * interval_s
            self._memory_peak = 0
            self._oom_peak = 0
        self.aggregate.add_memory_peak(amount_bytes, at_s=self.window_end_s)
        return True
