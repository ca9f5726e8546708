"""From requests to rows: who is counted where, and who is left out."""

import pytest
from galileo_context.testing import World
from galileo_schemas.events import ApiPressure, CpuUsagePressure, PressureReq, PressureRttLog
from galileo_services.pressure_calculator.decide import DeciderState, Outcome, decide
from galileo_services.pressure_calculator.parameters import Parameters, Strategy
from galileo_services.pressure_calculator.said import gateway_events, row_events


@pytest.fixture
def world() -> World:
    world = World()
    world.zone("zone-a", nodes=3)
    world.zone("zone-b")
    world.latencies({"zone-a": {"zone-a": 10.0, "zone-b": 60.0}})
    return world


def table(world: World) -> Outcome:
    parameters = Parameters(strategy=Strategy.STATIC)
    return decide(world.cluster, DeciderState(), parameters, now=world.now, new_id=lambda: "id")


def test_the_reference_case(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.use(pod, 800.0)
    world.trace(
        world.ask("fn", pod, "worker-zone-a-1", count=10, rtt_ms=30),
        world.ask("fn", pod, "worker-zone-b-1", count=30, rtt_ms=80),
    )
    near, far = table(world).rows
    assert (near.gateway_node, near.gateway_zone, near.client_zone) == ("zone-a-1", "zone-a", "zone-a")
    # The sketch answers within one percent of 30 ms, where the curve moves by 6 %.
    assert near.values["rtt_log"] == pytest.approx(0.271866, rel=0.06)
    assert near.values == pytest.approx(
        {
            "request": 1 / 3,
            "rtt_log": near.values["rtt_log"],
            "cpu_usage": 0.8,
            "network_distance": 0.026667,
            "latency_req_unbound": 0.095238,
            "latency_req_log": 0.004003,
        },
        abs=5e-7,
    )
    assert near.product == pytest.approx(0.072498, rel=0.06)
    assert far.values["request"] == 1.0
    assert far.values["network_distance"] == pytest.approx(60 / 250)


def test_a_function_without_traffic_has_no_row(world: World) -> None:
    world.pod("p", "fn", "zone-a-2")
    world.trace()
    assert table(world).rows == []


def test_clients_without_a_zone_are_left_out_and_counted(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.trace(world.ask("fn", pod, "nobody", count=4), world.ask("fn", pod, "worker-zone-b", count=1))
    outcome = table(world)
    assert [row.client_zone for row in outcome.rows] == ["zone-b"]
    assert outcome.traffic.zoneless == {("fn", "zone-a"): 4}


def test_requests_that_no_pod_answered_count_for_the_clients_zone_and_make_no_row(world: World) -> None:
    gateway = world.cluster.pod_named("gateway-zone-a")
    world.trace(world.ask("fn", None, "worker-zone-b", count=7), world.ask("fn", gateway, "worker-zone-b", count=2))
    outcome = table(world)
    assert outcome.rows == []
    assert outcome.traffic.unanswered == {"zone-b": 9}


def test_a_pod_that_nobody_knows_makes_no_row(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    row = world.ask("fn", pod, "worker-zone-b", count=7)
    row.pod = "10.99.99.99:8080"
    world.trace(row)
    outcome = table(world)
    assert outcome.rows == []
    assert outcome.traffic.strangers == {"fn": 7}


def test_a_pod_that_has_gone_still_says_where_it_answered(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.gone(pod)
    world.trace(world.ask("fn", pod, "worker-zone-b", count=7))
    (row,) = table(world).rows
    assert row.gateway_zone == "zone-a"
    assert row.product is None


def test_the_pods_label_names_the_function_unchanged(world: World) -> None:
    pod = world.pod("p", "my_fn-v2", "zone-a-2")
    world.trace(world.ask("whatever-the-client-says", pod, "worker-zone-b", count=7))
    assert [row.fn for row in table(world).rows] == ["my_fn-v2"]


def test_without_cpu_data_the_product_is_not_known(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.trace(world.ask("fn", pod, "worker-zone-b", count=7))
    (row,) = table(world).rows
    assert row.values["cpu_usage"] is None
    assert row.product is None
    assert table(world).gateways == []


def test_cpu_is_the_mean_over_the_pods_that_are_measured(world: World) -> None:
    first, second = (world.pod(name, "fn", "zone-a-2") for name in ("p1", "p2"))
    world.pod("p3", "fn", "zone-a-3")
    world.use(first, 200.0)
    world.use(second, 600.0)
    world.trace(world.ask("fn", first, "worker-zone-b", count=7))
    (row,) = table(world).rows
    assert row.values["cpu_usage"] == pytest.approx(0.4)


def test_what_is_older_than_the_lookback_does_not_count(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.trace(world.ask("fn", pod, "worker-zone-b", count=7))
    world.now += 15
    assert table(world).rows == []


def test_a_zone_with_two_gateways_has_its_rows_once_and_both_bear_them(world: World) -> None:
    world.gateway("second", "zone-a-2")
    pod = world.pod("p", "fn", "zone-a-3")
    world.use(pod, 500.0)
    world.trace(world.ask("fn", pod, "worker-zone-b", count=7, rtt_ms=100))
    outcome = table(world)
    assert len(outcome.rows) == 1
    assert [(gateway.node, gateway.rows) for gateway in outcome.gateways] == [("zone-a-1", 1), ("zone-a-2", 1)]


def test_a_gateways_pressure_is_the_mean_over_its_rows_with_their_spread(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.use(pod, 1000.0)
    world.trace(
        world.ask("fn", pod, "worker-zone-a", count=10, rtt_ms=500),
        world.ask("fn", pod, "worker-zone-b", count=20, rtt_ms=500),
    )
    (gateway,) = table(world).gateways
    assert (gateway.mean, gateway.median) == pytest.approx((0.75, 0.75))
    assert (gateway.min, gateway.max, gateway.std) == pytest.approx((0.5, 1.0, 0.353553), abs=1e-6)


def test_rows_are_said_under_the_documented_names(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.use(pod, 800.0)
    world.trace(world.ask("fn", pod, "worker-zone-a", count=10), world.ask("fn", pod, "worker-zone-b", count=30))
    outcome = table(world)
    said = row_events(outcome.rows)
    (request, *_) = [event for event in said if isinstance(event, PressureReq)]
    assert (request.weight, request.utilization, request.client) == (10, 20.0, "gateway-zone-a")
    assert (request.gateway, request.zone, request.fn) == ("zone-a-1", "zone-a", "fn")
    assert len([event for event in said if isinstance(event, CpuUsagePressure)]) == 1
    assert len([event for event in said if isinstance(event, PressureRttLog)]) == 2
    assert len(said) == 2 * 5 + 1
    (api,) = gateway_events(outcome.gateways)
    assert isinstance(api, ApiPressure)
    assert (api.node, api.zone, api.rows) == ("zone-a-1", "zone-a", 2)


def test_what_is_not_known_is_not_said(world: World) -> None:
    pod = world.pod("p", "fn", "zone-a-2")
    world.node("zone-c-1", "zone-c")
    world.trace(world.ask("fn", pod, "worker-zone-c", count=10))
    said = row_events(table(world).rows)
    assert [type(event) for event in said] == [PressureReq, PressureRttLog]
