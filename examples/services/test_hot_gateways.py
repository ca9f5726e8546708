"""The decision with numbers, and the service on a bus in memory."""

from __future__ import annotations

from galileo_bus.testing import running, virtual_time
from galileo_schemas.events import ApiPressure, SettingChange
from hot_gateways import GatewayHot, HotGateways, rises


def pressure(value: float, node: str = "gateway-a") -> ApiPressure:
    return ApiPressure(node=node, zone="zone-a", value=value)


def test_a_gateway_rises_once_until_it_was_below_the_limit() -> None:
    hot: set[str] = set()
    values = [0.05, 0.2, 0.3, 0.1, 0.2]
    assert [rises(hot, "a", value=value, limit=0.1) for value in values] == [False, True, False, False, True]


@virtual_time
async def test_a_hot_gateway_is_told_with_its_cause() -> None:
    async with running(HotGateways, environ={"hot_gateways_limit": "0.5"}) as bench:
        await bench.say(pressure(0.4))
        cause = await bench.say(pressure(0.6))
        await bench.say(pressure(0.7))
        await bench.pass_time(1)
        (hot,) = bench.said(GatewayHot)
        assert (hot.node, hot.value, hot.limit) == ("gateway-a", 0.6, 0.5)
        assert hot.meta is not None
        assert hot.meta.cause == (cause,)


@virtual_time
async def test_the_limit_can_be_changed_while_it_runs() -> None:
    async with running(HotGateways) as bench:
        await bench.say(SettingChange(service="hot_gateways", variable="hot_gateways_limit", value="0.9"))
        await bench.say(pressure(0.6))
        await bench.say(pressure(0.95, node="gateway-b"))
        await bench.pass_time(1)
        assert [hot.node for hot in bench.said(GatewayHot)] == ["gateway-b"]
