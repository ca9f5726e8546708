"""How a zone's requests are shared between its own pods and the other zones' gateways."""

import pytest
from galileo_context.logistic import Logistic
from galileo_context.pod import Pod
from galileo_context.testing import World
from galileo_schemas.events import Weights
from galileo_services.weight_optimizer.settings import Strategy, WeightSettings
from galileo_services.weight_optimizer.weights import changed, idleness, nearness, weights_for

NEAR = Logistic()


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("zone-a", nodes=2)
    world.zone("zone-b")
    world.latencies({"zone-a": {"zone-a": 2.0, "zone-b": 30.0}})
    return world


def weights(world: World, zone: str, **settings: object) -> dict[str, int] | None:
    found = weights_for(world.cluster, WeightSettings(**settings), world.now)[zone, "fn"]  # type: ignore[arg-type]
    return None if found is None else dict(zip(found.ips, found.weights, strict=True))


def gateway(world: World, zone: str) -> str:
    return world.cluster.gateways(zone)[0].address


def test_a_pod_weighs_by_its_nearness_when_nothing_is_known_of_its_cpu(world: World) -> None:
    near, far = world.pod("p", "fn", "zone-a-1"), world.pod("q", "fn", "zone-a-2")
    expected = {near.address: round(100 * nearness(0.0, NEAR)), far.address: round(100 * nearness(2.0, NEAR))}
    assert weights(world, "zone-a") == expected


def test_a_busy_pod_weighs_less_in_proportion_to_its_nodes_cores(world: World) -> None:
    busy, idle = world.pod("p", "fn", "zone-a-1"), world.pod("q", "fn", "zone-a-1")
    world.use(busy, 2000.0)
    world.use(idle, 0.0)
    assert weights(world, "zone-a") == {busy.address: 50, idle.address: 100}


def test_a_pod_that_uses_all_its_node_still_gets_some(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-1")
    world.use(pod, 9000.0)
    assert weights(world, "zone-a") == {pod.address: 1}


def test_another_zones_gateway_weighs_for_real(world: World) -> None:
    pod = world.pod("p", "fn", "zone-b-1")
    world.use(pod, 1000.0)
    attraction = 0.75 * nearness(0.0, NEAR)
    assert weights(world, "zone-a") == {gateway(world, "zone-b"): round(100 * attraction * nearness(30.0, NEAR))}
    assert weights(world, "zone-b") == {pod.address: round(100 * attraction)}


def test_a_far_zone_is_still_reached(world: World) -> None:
    world.latencies({"zone-a": {"zone-b": 500.0}})
    local = world.pod("p", "fn", "zone-a-1")
    world.pod("q", "fn", "zone-b-1")
    assert weights(world, "zone-a") == {local.address: 100, gateway(world, "zone-b"): 1}


def test_a_zone_without_pods_of_its_own_is_no_target(world: World) -> None:
    world.zone("zone-c")
    pod = world.pod("p", "fn", "zone-a-1")
    world.waiting_pod("w", "fn", "zone-c")
    assert weights(world, "zone-a") == {pod.address: 100}
    to_zone_a = weights(world, "zone-b")
    assert to_zone_a is not None
    assert list(to_zone_a) == [gateway(world, "zone-a")]


def test_a_zone_whose_gateway_does_not_run_is_no_target(world: World) -> None:
    world.pod("p", "fn", "zone-b-1")
    stopped = world.cluster.pod_named("gateway-zone-b")
    assert stopped is not None
    world.gone(stopped)
    assert weights(world, "zone-a") is None


def test_several_gateways_share_their_zones_weight(world: World) -> None:
    world.latencies({"zone-a": {"zone-b": 10.0}})
    world.gateway("second", "zone-b-1")
    world.pod("p", "fn", "zone-b-1")
    found = weights(world, "zone-a")
    assert found is not None
    assert list(found.values()) == [round(100 * nearness(0.0, NEAR) * nearness(10.0, NEAR) / 2)] * 2


@pytest.mark.parametrize("fields", [{"ready": False}, {"deletion_timestamp": 999.0}, {"status": "Pending"}])
def test_a_pod_that_does_not_serve_gets_nothing(world: World, fields: dict[str, object]) -> None:
    pod = world.pod("p", "fn", "zone-a-1")
    world.pod("q", "fn", "zone-a-1", **fields)  # type: ignore[arg-type]
    assert weights(world, "zone-a") == {pod.address: 100}


def test_when_the_last_pod_has_gone_the_key_goes_too(world: World) -> None:
    pod: Pod = world.pod("p", "fn", "zone-a-1")
    world.gone(pod)
    found = weights_for(world.cluster, WeightSettings(), world.now)
    assert found == {("zone-a", "fn"): None, ("zone-b", "fn"): None}


def test_an_unknown_latency_to_a_zone_counts_as_the_largest_known(world: World) -> None:
    world.zone("zone-c")
    pod = world.pod("p", "fn", "zone-c-1")
    found = weights(world, "zone-a")
    assert found == {gateway(world, "zone-c"): round(100 * nearness(0.0, NEAR) * nearness(30.0, NEAR))}
    assert weights(world, "zone-c") == {pod.address: 100}


def test_round_robin_gives_everybody_the_same(world: World) -> None:
    local = world.pod("p", "fn", "zone-a-1")
    world.use(local, 3000.0)
    world.pod("q", "fn", "zone-b-1")
    found = weights(world, "zone-a", strategy=Strategy.ROUND_ROBIN)
    assert found == {local.address: 1, gateway(world, "zone-b"): 1}


def test_a_function_keeps_its_name(world: World) -> None:
    world.pod("p", "my_fn-v2", "zone-a-1")
    assert ("zone-a", "my_fn-v2") in weights_for(world.cluster, WeightSettings(), world.now)


def test_idleness_is_between_none_and_all() -> None:
    assert idleness(None, 4000.0) == idleness(500.0, None) == idleness(0.0, 4000.0) == 1.0
    assert idleness(1000.0, 4000.0) == 0.75
    assert idleness(5000.0, 4000.0) == 0.0


def test_nearness_ends_at_one_hundredth() -> None:
    assert nearness(35.0, NEAR) == pytest.approx(0.498)
    assert nearness(1000.0, NEAR) == 0.01


def test_a_tolerance_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        WeightSettings(tolerance=2.0)


@pytest.mark.parametrize(
    ("old", "new", "worth"),
    [
        ({"a": 50, "b": 50}, {"a": 50, "b": 50}, False),
        ({"a": 50, "b": 50}, {"b": 50, "a": 50}, False),
        ({"a": 50, "b": 50}, {"a": 100, "b": 100}, False),
        ({"a": 50, "b": 50}, {"a": 51, "b": 49}, False),
        ({"a": 50, "b": 50}, {"a": 60, "b": 40}, True),
        ({"a": 50, "b": 50}, {"a": 50, "c": 50}, True),
        ({"a": 50}, {"a": 50, "b": 1}, True),
        ({"a": 50, "b": 1}, {"a": 50}, True),
        (None, {"a": 50}, True),
        ({"a": 50}, None, True),
        (None, None, False),
    ],
)
def test_an_update_goes_out_for_a_change_that_matters(
    old: dict[str, int] | None, new: dict[str, int] | None, worth: bool
) -> None:
    def read(described: dict[str, int] | None) -> Weights | None:
        return None if described is None else Weights(ips=list(described), weights=list(described.values()))

    assert changed(read(old), read(new), tolerance=0.02) is worth
