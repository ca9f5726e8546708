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

__all__ = [
    "Fence",
    "FencedError",
    "Receive",
    "StreamEntry",
    "Subscription",
    "Transport",
    "TransportRefusedError",
    "TransportUnavailableError",
]
