"""What gateways and clients use: their processes are real and of all zones at once, their containers are emulated.

    a process tells its id -> measured each second -> shared among the containers that stand for it -> node's account

A gateway's share follows the pieces of data that passed its relay, a client's the rate at which its zone calls. Where
neither says anything, shares are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from galileo_emulation.functions.process_use import ProcessUse
from galileo_emulation.network.relay_delay import Delay

GATEWAYS, CLIENTS = "gateway", "load client"
"""What such processes are."""


class CountingDelay:
    """The network's delay for a relay, and how many pieces of data have asked for it."""

    def __init__(self, delay: Delay) -> None:
        self._delay = delay
        self.pieces = 0

    def sender(self, address: str) -> str | None:
        return self._delay.sender(address)

    def one_way_s(self, from_node: str | None, to_node: str) -> float:
        self.pieces += 1
        return self._delay.one_way_s(from_node, to_node)


@dataclass(eq=False)
class ExternalShare:
    """One container of `what` in a zone. `charge` is told the CPU seconds that are its part."""

    what: str
    zone: str
    traffic: CountingDelay
    charge: Callable[[float], None]
    memory_bytes: int = 0
    counted: int = 0

    def new_pieces(self) -> int:
        """Those since it was last asked."""
        new, self.counted = self.traffic.pieces - self.counted, self.traffic.pieces
        return new


@dataclass
class ExternalUse:
    """The processes by what they are, and the containers that stand for them."""

    _processes: dict[str, ProcessUse] = field(default_factory=dict)
    _rates: dict[str, Mapping[str, float]] = field(default_factory=dict)
    _shares: list[ExternalShare] = field(default_factory=list)

    def process(self, what: str, pid: int) -> None:
        """`pid` is now the process of all containers of `what`. It may be told again."""
        known = self._processes.get(what)
        if known is None or known.pid != pid:
            self._processes[what] = use = ProcessUse(pid)
            use.measure()  # what it has used before counts for nobody

    def rates(self, what: str, by_zone: Mapping[str, float]) -> None:
        """How the work of `what` is spread over zones at present."""
        self._rates[what] = by_zone

    def begin(self, share: ExternalShare) -> None:
        """A container runs from now on."""
        self._shares.append(share)

    def end(self, share: ExternalShare) -> None:
        """A container has ended; it may be told again."""
        self._shares = [other for other in self._shares if other is not share]

    def measure(self) -> None:
        """Look at the processes, and share out what they have used since the last time."""
        for what, use in self._processes.items():
            used_s = use.measure()
            shares = [share for share in self._shares if share.what == what]
            if not shares:
                continue
            for share, part in zip(shares, parts(self._weights(what, shares)), strict=True):
                share.charge(used_s * part)
                share.memory_bytes = use.memory_bytes // len(shares)

    def _weights(self, what: str, shares: list[ExternalShare]) -> list[float]:
        pieces = [share.new_pieces() for share in shares]
        if what in self._rates:
            return [self._rates[what].get(share.zone, 0.0) for share in shares]
        return [float(count) for count in pieces]


def parts(weights: list[float]) -> list[float]:
    """Parts of 1 in the ratio of the weights; equal ones where all weights are 0."""
    total = sum(weights)
    return [weight / total if total > 0.0 else 1.0 / len(weights) for weight in weights]
