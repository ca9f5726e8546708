"""When a watch may be opened again. Numbers in, seconds out.

An API server ends every watch after the time that was asked for; going on at once is right then. One that ends it at
once, again and again, must not be asked a thousand times a second.
"""

import random

BASE_S = 0.1
CAP_S = 5.0
HEALTHY_S = 5.0


class Retry:
    """Counts the failures since a stream last did well, and says how long to wait."""

    def __init__(self, *, rng: random.Random) -> None:
        self._rng = rng
        self._attempt = 0

    @property
    def failures(self) -> int:
        """How many failures there were since the last stream that did well."""
        return self._attempt

    def delay_s(self, *, lived_s: float, progressed: bool, at_least_s: float = 0.0) -> float:
        """Seconds to wait after a stream that ended.

        Args:
            lived_s: how long the stream was open.
            progressed: whether it delivered anything; then, as after five seconds of life, the count begins anew.
            at_least_s: what the API server asked for.

        Returns:
            0 after a healthy stream; else 0.1 s, doubled with each failure up to 5 s, less a random part of up to a
            half.
        """
        if progressed or lived_s >= HEALTHY_S:
            self._attempt = 0
        if lived_s >= HEALTHY_S:
            return at_least_s
        ceiling = min(CAP_S, BASE_S * 2.0 ** min(self._attempt, 10))
        self._attempt += 1
        return max(at_least_s, ceiling * self._rng.uniform(0.5, 1.0))
