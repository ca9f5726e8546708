"""Ways to reach a bus: Redis or Valkey, and an in-memory twin. One behaviour suite runs on all of them."""

from galileo_bus.transport.interface import (
    Fence,
    FencedError,
    Receive,
    StreamEntry,
    Subscription,
    Transport,
    TransportRefusedError,
    TransportUnavailableError,
)
from galileo_bus.transport.retention import DEFAULT_BUS_RETENTION, DEFAULT_RETENTION, BusRetention, Retention

__all__ = [
    "DEFAULT_BUS_RETENTION",
    "DEFAULT_RETENTION",
    "BusRetention",
    "Fence",
    "FencedError",
    "Receive",
    "Retention",
    "StreamEntry",
    "Subscription",
    "Transport",
    "TransportRefusedError",
    "TransportUnavailableError",
]
