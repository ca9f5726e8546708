"""One pod more: where it goes, when it has to wait, and what is said when it cannot be."""

import pytest
from galileo_context.testing import World, numbered_ids
from galileo_schemas.events import PodFailed
from galileo_schemas.registry import encode_frame
from galileo_services.pressure_calculator.decide import DeciderState, Outcome, decide
from galileo_services.pressure_calculator.decision import pod_name
from galileo_services.pressure_calculator.parameters import Parameters, Strategy


class Scaler:
    """A world in which clients of zone-b press on a pod in zone-a, and a calculator that runs when told."""

    def __init__(self, **parameters: object) -> None:
        self.world = World()
        self.state = DeciderState()
        self.parameters = Parameters(**parameters)  # type: ignore[arg-type]
        self.new_id = numbered_ids()
        for zone in ("zone-a", "zone-b", "zone-c"):
            self.world.zone(zone, cpu="1")
        self.world.latencies({"zone-a": {"zone-b": 60.0, "zone-c": 90.0}, "zone-b": {"zone-c": 40.0}})
        self.pod = self.world.pod("p", "my_fn", "zone-a-1")

    def press(self, *zones: str) -> None:
        self.world.now += 1
        self.world.use(self.pod, 900.0)
        rows = [
            self.world.ask("my_fn", self.pod, f"worker-{zone}", count=10, rtt_ms=200) for zone in zones or ("zone-b",)
        ]
        self.world.trace(*rows)

    def run(self) -> Outcome:
        return decide(self.world.cluster, self.state, self.parameters, now=self.world.now, new_id=self.new_id)

    def destinations(self) -> list[str]:
        return [decision.dest_zone for decision in self.run().decisions]

    def fill(self, zone: str) -> None:
        self.world.pod(f"filler-{zone}", "other", f"{zone}-1", cpu="900m")


def test_the_pod_goes_to_the_clients_zone() -> None:
    scaler = Scaler()
    scaler.press()
    (decision,) = scaler.run().decisions
    assert (decision.fn, decision.gateway, decision.origin_zone) == ("my_fn", "zone-a-1", "zone-a")
    assert (decision.dest_zone, decision.threshold, decision.delete) == ("zone-b", 0.3, False)
    assert decision.value == pytest.approx(0.9)
    assert decision.meta is not None
    assert (decision.meta.id, decision.meta.key) == ("decision-1", "my_fn")
    assert decision.meta.expires == scaler.world.now + 30
    request = decision.pod_creation_request
    assert request.pod_name == pod_name("my_fn", "decision-1")
    assert request.labels == {
        "ether.edgerun.io/function": "my_fn",
        "ether.edgerun.io/zone": "zone-b",
        "type": "fn",
    }
    assert (request.image, request.container_name, request.namespace) == ("fn:1", "fn", "default")
    assert request.resource_requests == {"cpu": "500m"}
    assert encode_frame(scaler.world.now, decision)


def test_a_pods_name_is_legal_and_follows_from_the_decision() -> None:
    assert pod_name("My_fn", "one").startswith("my-fn-deployment-")
    assert len(pod_name("f", "one")) == len("f-deployment-") + 5
    assert pod_name("f", "one") == pod_name("f", "one")
    assert len({pod_name("f", str(number)) for number in range(1000)}) == 1000


def test_pressure_at_the_threshold_is_no_violation() -> None:
    scaler = Scaler(pressures=("request",), max_threshold=1.0)
    scaler.press()
    assert scaler.destinations() == []


def test_the_strategy_static_computes_and_does_nothing() -> None:
    scaler = Scaler(strategy=Strategy.STATIC)
    scaler.press()
    outcome = scaler.run()
    assert outcome.rows
    assert outcome.decisions == []


def test_a_full_zone_gives_way_to_the_nearest_one_with_room() -> None:
    scaler = Scaler()
    scaler.fill("zone-b")
    scaler.press()
    assert scaler.destinations() == ["zone-c"]


def test_a_zone_on_which_the_clients_press_already_comes_last() -> None:
    scaler = Scaler()
    scaler.fill("zone-b")
    scaler.world.zone("zone-d", cpu="1")
    scaler.world.latencies({"zone-b": {"zone-d": 80.0}})
    other = scaler.world.pod("q", "my_fn", "zone-c-1")
    scaler.world.now += 1
    scaler.world.use(other, 900.0)
    scaler.world.use(scaler.pod, 900.0)
    scaler.world.trace(
        scaler.world.ask("my_fn", scaler.pod, "worker-zone-b", count=10, rtt_ms=200),
        scaler.world.ask("my_fn", other, "worker-zone-b", count=10, rtt_ms=10),
        scaler.world.ask("my_fn", other, "worker-zone-c", count=1, rtt_ms=10),
    )
    pressed = Scaler(max_threshold=0.005, min_threshold=0.001)
    pressed.world, pressed.pod = scaler.world, scaler.pod
    assert scaler.destinations() == ["zone-c"]
    # With the lower threshold zone-c counts as pressed, and so does zone-a: the farthest is taken.
    assert pressed.destinations()[0] == "zone-d"
    scaler.fill("zone-d")
    pressed.state = DeciderState()
    assert pressed.destinations()[0] == "zone-c"


def test_a_zone_of_unknown_latency_is_the_last_choice() -> None:
    scaler = Scaler()
    scaler.world.zone("far", cpu="1")
    scaler.fill("zone-b")
    scaler.press()
    assert scaler.destinations() == ["zone-c"]
    scaler.fill("zone-c")
    scaler.state = DeciderState()
    scaler.fill("zone-a")
    assert scaler.destinations() == ["far"]


def test_without_room_anywhere_it_is_said_once() -> None:
    scaler = Scaler()
    for zone in ("zone-a", "zone-b", "zone-c"):
        scaler.fill(zone)
    scaler.press()
    outcome = scaler.run()
    assert outcome.decisions == []
    (impossible,) = outcome.impossible
    assert (impossible.fn, impossible.origin_zone, impossible.dest_zone) == ("my_fn", "zone-a", "zone-b")
    assert "room" in impossible.reason
    assert scaler.run().impossible == []
    scaler.world.now += 20
    assert scaler.run().impossible == []
    scaler.press()
    assert len(scaler.run().impossible) == 1


def test_a_zone_without_a_gateway_gets_no_pod() -> None:
    scaler = Scaler()
    gateway = scaler.world.cluster.pod_named("gateway-zone-b")
    assert gateway is not None
    scaler.world.gone(gateway)
    scaler.press()
    assert scaler.destinations() == ["zone-c"]


@pytest.mark.parametrize(
    "fields",
    [
        {"ready": False},
        {"unschedulable": True},
        {"taints": [{"key": "k", "effect": "NoSchedule"}]},
        {"labels": {"node-role.kubernetes.io/client": "true"}},
        {"allocatable": {}},
        {"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "1"}},
    ],
)
def test_a_node_that_takes_no_functions_has_no_room(fields: dict[str, object]) -> None:
    scaler = Scaler()
    scaler.world.now += 1
    scaler.world.node("zone-b-1", "zone-b", **fields)  # type: ignore[arg-type]
    scaler.press()
    assert scaler.destinations() == ["zone-c"]


def test_pods_that_have_ended_hold_no_room_and_those_that_are_leaving_do() -> None:
    scaler = Scaler()
    scaler.world.pod("leaving", "other", "zone-b-1", cpu="900m", deletion_timestamp=999.0)
    scaler.press()
    assert scaler.destinations() == ["zone-c"]
    scaler = Scaler()
    scaler.world.pod("ended", "other", "zone-b-1", cpu="900m", status="Succeeded", ready=False)
    scaler.press()
    assert scaler.destinations() == ["zone-b"]


def test_pods_on_their_way_hold_room() -> None:
    scaler = Scaler()
    scaler.world.waiting_pod("w", "other", "zone-b", cpu="900m")
    scaler.press()
    assert scaler.destinations() == ["zone-c"]


def test_a_decision_is_not_taken_twice_while_its_pod_is_awaited() -> None:
    scaler = Scaler()
    scaler.press()
    assert scaler.destinations() == ["zone-b"]
    scaler.press()
    assert scaler.destinations() == []


def test_a_pod_that_starts_is_awaited_too() -> None:
    scaler = Scaler()
    scaler.press()
    (decision,) = scaler.run().decisions
    scaler.world.waiting_pod(decision.pod_creation_request.pod_name, "my_fn", "zone-b")
    scaler.press()
    assert scaler.destinations() == []
    assert len(scaler.state.open) == 0


def test_a_decision_that_failed_is_taken_again() -> None:
    scaler = Scaler()
    scaler.press()
    (decision,) = scaler.run().decisions
    name = decision.pod_creation_request.pod_name
    scaler.state.open.fail(PodFailed(pod="another", namespace="default", reason="Invalid"))
    assert scaler.destinations() == []
    scaler.state.open.fail(PodFailed(pod=name, namespace="default", reason="Invalid"))
    assert scaler.destinations() == ["zone-b"]


def test_a_decision_that_nobody_acted_on_is_forgotten_after_it_expired() -> None:
    scaler = Scaler()
    scaler.press()
    scaler.run()
    scaler.world.now += 38
    scaler.press()
    assert scaler.destinations() == []
    scaler.press()
    assert scaler.destinations() == ["zone-b"]


def test_one_pod_goes_to_each_zone_whose_clients_press() -> None:
    scaler = Scaler()
    scaler.press("zone-b", "zone-c")
    assert scaler.destinations() == ["zone-b", "zone-c"]


def test_the_room_of_a_zone_is_promised_once() -> None:
    scaler = Scaler()
    scaler.fill("zone-a")
    scaler.fill("zone-c")
    scaler.world.node("zone-b-1", "zone-b", cpu="600m")
    scaler.press("zone-b", "zone-c")
    outcome = scaler.run()
    assert [decision.dest_zone for decision in outcome.decisions] == ["zone-b"]
    assert [event.dest_zone for event in outcome.impossible] == ["zone-c"]


def test_the_number_of_replicas_is_capped_counting_those_on_their_way() -> None:
    scaler = Scaler(max_replicas=2)
    scaler.press("zone-b", "zone-c")
    outcome = scaler.run()
    assert [decision.dest_zone for decision in outcome.decisions] == ["zone-b"]
    assert "max_replicas (2)" in outcome.impossible[0].reason


def test_another_functions_pods_do_not_count_towards_the_cap() -> None:
    scaler = Scaler(max_replicas=2)
    scaler.world.pod("q", "other", "zone-c-1", cpu="100m")
    scaler.press()
    assert scaler.destinations() == ["zone-b"]


def test_a_pod_that_has_just_begun_to_serve_is_given_time() -> None:
    scaler = Scaler(settle_s=10.0)
    scaler.world.pod("q", "my_fn", "zone-b-1", cpu="100m")
    scaler.press()
    assert scaler.destinations() == []
    scaler.world.now += 10
    scaler.press()
    assert scaler.destinations() == ["zone-b"]
