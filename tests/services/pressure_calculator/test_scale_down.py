"""One pod less: only from what is known, only after a while, never the last one."""

import pytest
from galileo_context.pod import Pod
from galileo_context.testing import World, numbered_ids
from galileo_schemas.events import PodFailed, ScaleSchedule
from galileo_services.pressure_calculator.decide import DeciderState, decide
from galileo_services.pressure_calculator.parameters import Parameters


class Scaler:
    """A world with a quiet pod in zone-a and a busy one in zone-b, and a calculator that runs when told."""

    def __init__(self, **parameters: object) -> None:
        self.world = World()
        self.state = DeciderState()
        self.parameters = Parameters(**{"max_threshold": 2.0, **parameters})  # type: ignore[arg-type]
        self.new_id = numbered_ids()
        for zone in ("zone-a", "zone-b"):
            self.world.zone(zone)
        self.quiet = self.world.pod("quiet", "fn", "zone-a-1")
        self.busy = self.world.pod("busy", "fn", "zone-b-1")
        self.world.now += 100

    def tick(
        self, *, rtt_ms: float = 200.0, quiet_count: int = 0, quiet_rtt_ms: float = 1.0, cpu: bool = True
    ) -> list[ScaleSchedule]:
        """A second later: traffic to the busy pod, a little to the quiet one, and a run."""
        self.world.now += 1
        if cpu:
            for pod in self.pods():
                self.world.use(pod, 900.0 if pod == self.busy else 50.0)
        rows = [self.world.ask("fn", self.busy, "worker-zone-b", count=10, rtt_ms=rtt_ms)]
        if quiet_count:
            rows.append(self.world.ask("fn", self.quiet, "worker-zone-a", count=quiet_count, rtt_ms=quiet_rtt_ms))
        self.world.trace(*rows)
        return self.run()

    def pods(self) -> list[Pod]:
        return self.world.cluster.running("fn")

    def run(self) -> list[ScaleSchedule]:
        return decide(self.world.cluster, self.state, self.parameters, now=self.world.now, new_id=self.new_id).decisions

    def ticks(self, count: int, **traffic: float) -> list[ScaleSchedule]:
        return [decision for _ in range(count) for decision in self.tick(**traffic)]  # type: ignore[arg-type]


def doomed(decisions: list[ScaleSchedule]) -> list[str]:
    assert all(decision.delete for decision in decisions)
    return [decision.pod_creation_request.pod_name for decision in decisions]


def test_a_zone_that_nobody_asks_loses_its_pod_after_a_while() -> None:
    scaler = Scaler()
    assert scaler.ticks(30) == []
    (decision,) = scaler.tick()
    assert (decision.delete, decision.fn, decision.dest_zone, decision.gateway) == (True, "fn", "zone-a", "zone-a-1")
    assert (decision.value, decision.threshold) == (None, 0.1)
    assert doomed([decision]) == ["quiet"]


def test_little_pressure_is_enough_and_is_said() -> None:
    scaler = Scaler()
    assert scaler.ticks(30, quiet_count=1) == []
    (decision,) = scaler.tick(quiet_count=1)
    assert decision.value == pytest.approx(0.05 * 0.0049, rel=0.2)


def test_pressure_in_between_starts_the_wait_anew() -> None:
    scaler = Scaler(min_threshold=0.01)
    assert scaler.ticks(25, quiet_count=1) == []
    assert scaler.ticks(1, quiet_count=10, quiet_rtt_ms=200) == []
    # The slow requests count until they leave the lookback of 15 s; then 30 s must pass.
    assert scaler.ticks(44, quiet_count=1) == []
    assert len(scaler.ticks(1, quiet_count=1)) == 1


def test_when_the_recorders_are_silent_nothing_goes() -> None:
    scaler = Scaler()
    for _ in range(60):
        scaler.world.now += 1
        for pod in scaler.pods():
            scaler.world.use(pod, 0.0)
        assert scaler.run() == []


def test_without_cpu_data_nothing_goes() -> None:
    scaler = Scaler()
    for _ in range(60):
        assert scaler.tick(cpu=False) == []


def test_pods_that_answer_clients_of_unknown_zones_are_not_idle() -> None:
    scaler = Scaler()
    for _ in range(60):
        scaler.world.now += 1
        for pod in scaler.pods():
            scaler.world.use(pod, 50.0)
        scaler.world.trace(
            scaler.world.ask("fn", scaler.busy, "worker-zone-b", count=10, rtt_ms=200),
            scaler.world.ask("fn", scaler.quiet, "nobody", count=1),
        )
        assert "quiet" not in doomed(scaler.run())


def test_requests_answered_by_a_pod_that_nobody_knows_leave_it_open_whose_they_were() -> None:
    scaler = Scaler()
    stranger = scaler.world.ask("fn", scaler.busy, "worker-zone-a", count=1)
    stranger.pod = "10.99.99.99:8080"
    for _ in range(60):
        scaler.world.now += 1
        scaler.world.use(scaler.quiet, 50.0)
        scaler.world.trace(stranger)
        assert scaler.run() == []


def test_the_last_replica_stays() -> None:
    scaler = Scaler()
    scaler.world.gone(scaler.busy)
    for _ in range(60):
        scaler.world.now += 1
        scaler.world.use(scaler.quiet, 0.0)
        scaler.world.trace()
        assert scaler.run() == []


def test_of_two_idle_zones_one_keeps_its_pod_even_while_the_deletion_is_awaited() -> None:
    scaler = Scaler(decision_expires_s=1000.0)
    found: list[str] = []
    for _ in range(60):
        scaler.world.now += 1
        for pod in scaler.pods():
            scaler.world.use(pod, 0.0)
        scaler.world.trace()
        found += doomed(scaler.run())
    assert found == ["quiet"]


def test_a_deletion_is_not_asked_for_twice_until_it_failed() -> None:
    scaler = Scaler()
    scaler.world.pod("spare", "fn", "zone-b-1", created=1000.0)
    assert doomed(scaler.ticks(36)) == ["quiet"]
    scaler.state.open.fail(PodFailed(pod="quiet", namespace="default", reason="Forbidden"))
    assert doomed(scaler.ticks(1)) == ["quiet"]


def test_a_deletion_is_closed_when_the_pod_is_leaving() -> None:
    scaler = Scaler()
    assert doomed(scaler.ticks(31)) == ["quiet"]
    assert len(scaler.state.open) == 1
    scaler.world.pod("quiet", "fn", "zone-a-1", deletion_timestamp=scaler.world.now)
    scaler.tick()
    assert len(scaler.state.open) == 0


def test_the_pod_that_uses_least_cpu_goes_one_at_a_time() -> None:
    scaler = Scaler()
    for name in ("least", "more"):
        scaler.world.pod(name, "fn", "zone-a-1")
    scaler.world.now += 40
    found: list[str] = []
    for _ in range(31):
        scaler.world.now += 1
        for pod in scaler.pods():
            scaler.world.use(pod, {"least": 10.0, "more": 60.0, "quiet": 50.0}.get(pod.name, 900.0))
        scaler.world.trace(scaler.world.ask("fn", scaler.busy, "worker-zone-b", count=10, rtt_ms=200))
        found += doomed(scaler.run())
    assert found == ["least"]


def test_a_young_pod_stays() -> None:
    scaler = Scaler(scale_down_delay_s=0.0)
    scaler.world.gone(scaler.quiet)
    young = scaler.world.pod("young", "fn", "zone-a-1")
    assert scaler.world.cluster.pod_named("young") == young
    assert scaler.ticks(29) == []
    assert doomed(scaler.ticks(1)) == ["young"]


def test_nothing_goes_where_a_pod_is_about_to_come() -> None:
    scaler = Scaler()
    scaler.world.waiting_pod("coming", "fn", "zone-a")
    assert scaler.ticks(40) == []


def test_nothing_goes_where_the_same_run_adds_a_pod() -> None:
    # Little is asked of zone-a, and yet it is the only one with room for what the clients of zone-b need.
    scaler = Scaler(max_threshold=0.5, max_replicas=20)
    scaler.world.pod("filler", "other", "zone-b-1", cpu="3500m")
    decisions = scaler.ticks(40, quiet_count=1)
    assert decisions
    assert not any(decision.delete for decision in decisions)
    assert {decision.dest_zone for decision in decisions} == {"zone-a"}


def test_a_larger_minimum_is_kept() -> None:
    scaler = Scaler(min_replicas=2)
    assert scaler.ticks(40) == []
