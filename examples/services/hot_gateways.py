"""Says `gateway_hot` when a gateway's pressure rises above a limit, and again only after it was below it.

api_pressure → is that gateway hot, was it? → gateway_hot
"""

from __future__ import annotations

from dataclasses import dataclass

from galileo_bus.service import Service, Settings, on, setting
from galileo_schemas.event import Delivery, Event, event
from galileo_schemas.events import ApiPressure


@event("gateway_hot", Delivery.OBSERVATION)
class GatewayHot(Event, kw_only=True):
    """The pressure on the gateway at `node` has risen to `value`, which is above `limit`."""

    node: str
    zone: str
    value: float
    limit: float


@dataclass(frozen=True)
class HotGatewaysSettings(Settings):
    limit: float = setting(0.1, "hot_gateways_limit", doc="pressure above which a gateway is hot", above=0, live=True)


def rises(hot: set[str], node: str, *, value: float, limit: float) -> bool:
    """The decision: whether the gateway is hot now and was not before. Keeps `hot`, the gateways that are."""
    was_hot = node in hot
    if value > limit:
        hot.add(node)
        return not was_hot
    hot.discard(node)
    return False


class HotGateways(Service):
    """Says `gateway_hot` when a gateway's pressure rises above a limit."""

    name = "hot_gateways"
    settings: HotGatewaysSettings

    async def started(self) -> None:
        self._hot: set[str] = set()

    @on(ApiPressure)
    async def note(self, pressure: ApiPressure) -> None:
        limit = self.settings.limit
        if rises(self._hot, pressure.node, value=pressure.value, limit=limit):
            cause = [pressure.meta.id] if pressure.meta else []
            hot = GatewayHot(node=pressure.node, zone=pressure.zone, value=pressure.value, limit=limit)
            await self.bus.say(hot, cause=cause)
