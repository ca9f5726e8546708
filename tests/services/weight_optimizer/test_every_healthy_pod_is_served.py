"""Whatever the load and the latencies: weights are positive integers, for every healthy pod, and never for others."""

from galileo_context.testing import World
from galileo_services.weight_optimizer.settings import Strategy, WeightSettings
from galileo_services.weight_optimizer.weights import weights_for
from hypothesis import given, settings
from hypothesis import strategies as st

ZONES = ("za", "zb", "zc")
pods = st.lists(
    st.tuples(st.sampled_from(ZONES), st.booleans(), st.none() | st.floats(min_value=0, max_value=1e6)), max_size=8
)
latencies = st.dictionaries(st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)), st.floats(0, 1e5), max_size=6)


@settings(deadline=None)
@given(pods, latencies, st.sampled_from(Strategy), st.sets(st.sampled_from(ZONES)))
def test_weights_reach_the_healthy_and_only_them(
    described: list[tuple[str, bool, float | None]],
    known: dict[tuple[str, str], float],
    strategy: Strategy,
    gateways: set[str],
) -> None:
    world = World()
    for zone in ZONES:
        world.node(f"{zone}-1", zone)
    for zone in sorted(gateways):
        world.gateway(f"gateway-{zone}", f"{zone}-1")
    for (origin, destination), ms in known.items():
        world.latencies({origin: {destination: ms}})
    for number, (zone, ready, millicores) in enumerate(described):
        pod = world.pod(f"p{number}", "fn", f"{zone}-1", ready=ready)
        if millicores is not None:
            world.use(pod, millicores)
    found = weights_for(world.cluster, WeightSettings(strategy=strategy), world.now)
    for zone in ZONES if described else ():
        local = {pod.address for pod in world.cluster.running("fn", zone)}
        remote = {
            gateway.address
            for other in ZONES
            if other != zone and world.cluster.running("fn", other)
            for gateway in world.cluster.gateways(other)
        }
        weights = found[zone, "fn"]
        assert (weights is None) == (not local and not remote)
        if weights is not None:
            assert set(weights.ips) == local | remote
            assert len(weights.ips) == len(weights.weights)
            assert all(isinstance(weight, int) and weight >= 1 for weight in weights.weights)
