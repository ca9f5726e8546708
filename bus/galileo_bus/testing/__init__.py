"""What a test of a service needs: a bus in memory with the service on it, an ear on what is said, time that jumps.

    @virtual_time
    async def test_it_says_so() -> None:
        async with running(HotGateways, environ={"hot_gateways_limit": "0.5"}) as bench:
            await bench.say(ApiPressure(node="gateway-a", zone="a", value=0.9))
            await bench.pass_time(10)
            assert bench.said(GatewayHot) == […]

Needs neither pytest nor a server. `virtual_time` may be left out where the loop is virtual already (looptime), or where
real time may pass.
"""

from galileo_bus.testing.bench import Bench, running
from galileo_bus.testing.said import Said
from galileo_bus.testing.unix_clock import UNIX_START, unix_now, until
from galileo_bus.testing.virtual_time import NothingWillHappenError, VirtualTimeLoop, virtual_time

__all__ = [
    "UNIX_START",
    "Bench",
    "NothingWillHappenError",
    "Said",
    "VirtualTimeLoop",
    "running",
    "unix_now",
    "until",
    "virtual_time",
]
