"""How long a relay keeps what it got: half of the round-trip time between the nodes of two addresses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from galileo_emulation.network.latency import LatencyGraph, MissingLatencyError

log = logging.getLogger(__name__)


class Delay(Protocol):
    """What a relay asks."""

    def sender(self, address: str) -> str | None:
        """The node that a peer's source address belongs to."""

    def one_way_s(self, from_node: str | None, to_node: str) -> float:
        """Seconds that bytes travel between the nodes; asked for with every chunk of data."""


class RelayDelay:
    """One-way delays for the relays. `node_of` tells the node of an address, None for a stranger's.

    A stranger's connection is not delayed. Neither is one between two nodes that the graph says nothing about: that is
    logged once a pair and counted in `missing` (chunks of data, by pair).
    """

    def __init__(self, graph: LatencyGraph, node_of: Callable[[str], str | None]) -> None:
        self._graph = graph
        self._node_of = node_of
        self.missing: dict[tuple[str, str], int] = {}

    def sender(self, address: str) -> str | None:
        """The node that a peer's source address belongs to."""
        return self._node_of(address)

    def one_way_s(self, from_node: str | None, to_node: str) -> float:
        """Seconds that bytes travel between the nodes, now."""
        if from_node is None:
            return 0.0
        try:
            return self._graph.rtt_ms(from_node, to_node) / 2000.0
        except MissingLatencyError as error:
            pair = (from_node, to_node)
            if pair not in self.missing:
                log.warning("%s; until then there is no delay", error)
            self.missing[pair] = self.missing.get(pair, 0) + 1
            return 0.0
