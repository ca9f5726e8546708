"""How much CPU time one request costs, and how much memory a replica occupies.

The cost is log-normal, because service times are positive with a long tail. For mean m and coefficient of variation c,
the logarithm has the variance ln(1 + c^2) and the mean ln(m) - variance / 2.
"""

from __future__ import annotations

import math
import random

from galileo_emulation.specification import FunctionSpec


def request_work_s(function: FunctionSpec, rng: random.Random) -> float:
    """CPU seconds of one request on a reference core."""
    mean_s = function.cpu_ms_per_request / 1000.0
    if function.cpu_variation == 0.0 or mean_s == 0.0:
        return mean_s
    variance = math.log1p(function.cpu_variation**2)
    return rng.lognormvariate(math.log(mean_s) - variance / 2.0, math.sqrt(variance))


def memory_bytes(function: FunctionSpec, *, in_flight: int) -> int:
    """Bytes that a replica occupies while it works on `in_flight` requests."""
    return function.memory_bytes + function.memory_bytes_per_request * in_flight


def most_in_flight(function: FunctionSpec, *, limit_bytes: int | None) -> float:
    """How many requests a replica can work on without occupying more than `limit_bytes`.

    Infinite where nothing limits it, negative when the replica is too large even without a request.
    """
    if limit_bytes is None:
        return math.inf
    room_bytes = limit_bytes - function.memory_bytes
    if room_bytes < 0:
        return -1
    return room_bytes // function.memory_bytes_per_request if function.memory_bytes_per_request else math.inf
