"""How long to wait before etcd is tried again."""

import random

BASE_S = 0.02
CAP_S = 1.0


def delay_s(attempt: int, *, rng: random.Random) -> float:
    """Seconds to wait before attempt number `attempt` (0 is the first retry).

    Doubles from 20 ms to a cap of one second; a random half of it is taken away, so that clients which lost the same
    server do not return in step.
    """
    ceiling = min(CAP_S, BASE_S * 2.0 ** min(attempt, 10))
    return ceiling * rng.uniform(0.5, 1.0)
