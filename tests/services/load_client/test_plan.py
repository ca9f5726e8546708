"""What load clients are to do, read from a file."""

from __future__ import annotations

from pathlib import Path
from random import Random

import msgspec
import pytest
from galileo_bus.service import SettingError
from galileo_cli.emulate.load_plan import load_plan
from galileo_cli.emulate.own_pods import OwnPod
from galileo_experiments.random_scenario import random_scenario
from galileo_experiments.scenario_file import load_scenario
from galileo_services.load_client.plan import Caller, Crowd, LoadPlan, Phase, read_plan

CALLERS = {zone: Caller(worker=f"w-{zone}", gateway_host="h", gateway_port=1) for zone in ("zone-a", "zone-b")}
MOVING = Crowd(
    function="resnet",
    arrivals="constant",
    phases=[
        Phase(start_s=0.0, end_s=5.0, zone="zone-a", rps=2.0),
        Phase(start_s=5.0, end_s=8.0, zone="zone-b", rps=4.0),
        Phase(start_s=8.0, end_s=10.0, zone="zone-a", rps=1.0),
    ],
)


def pod(zone: str, kind: str) -> OwnPod:
    return OwnPod(name=f"{kind}-{zone}", zone=zone, node=f"n-{zone}", node_address="127.0.0.1", ip="127.0.0.2", port=80)


def test_requests_are_due_in_the_phases_of_their_zone() -> None:
    assert MOVING.zones() == ["zone-a", "zone-b"]
    in_a, in_b = (MOVING.due_offsets_s(zone, Random(1)) for zone in MOVING.zones())
    assert in_a == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 9.0, 10.0])
    assert in_b == pytest.approx([5.25 + 0.25 * number for number in range(12)])


def test_the_rate_at_a_time_is_that_of_its_phase() -> None:
    assert [MOVING.rate_at("zone-a", at_s) for at_s in (0.0, 4.9, 5.0, 8.0, 10.0)] == [2.0, 2.0, 0.0, 1.0, 0.0]


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    plan = LoadPlan(seed=3, callers=CALLERS, crowds=[MOVING])
    path = tmp_path / "plan.json"
    path.write_bytes(msgspec.json.encode(plan))
    assert read_plan(str(path)) == plan


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"{", "is no plan: Input data was truncated"),
        (b"[]", "is no plan: Expected `object`, got `array`"),
        (b'{"seed": 1, "callers": {}, "crowd": []}', "unknown field `crowd`"),
        (
            b'{"seed":1,"callers":{},"crowds":[{"function":"f","phases":[{"start_s":0,"end_s":1,"zone":"z","rps":1}]}]}',
            "expected callers for the zone 'z', too",
        ),
    ],
)
def test_what_is_no_plan_is_one_line_with_its_file(tmp_path: Path, text: bytes, what: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(text)
    with pytest.raises(SettingError) as raised:
        read_plan(str(path))
    assert str(raised.value).startswith(f"load_client_plan={path}: ")
    assert what in str(raised.value)


def test_a_plan_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"nowhere\.json: cannot be read \(No such file"):
        read_plan(str(tmp_path / "nowhere.json"))
    with pytest.raises(SettingError, match="load_client_plan=: expected the JSON file"):
        read_plan("")


@pytest.mark.parametrize("seed", range(5))
def test_a_scenarios_plan_asks_for_what_the_scenario_says(seed: int) -> None:
    scenario = random_scenario(seed)
    zones = [zone.name for zone in scenario.zones]
    plan = load_plan(scenario, {z: pod(z, "gateway") for z in zones}, {z: pod(z, "worker") for z in zones})
    assert set(plan.callers) == set(zones)
    assert {zone: caller.worker for zone, caller in plan.callers.items()} == {zone: f"worker-{zone}" for zone in zones}
    for group, crowd in zip(scenario.clients, plan.crowds, strict=True):
        assert crowd.function == group.function
        assert [(p.start_s, p.end_s, p.zone, p.rps) for p in crowd.phases] == [
            (p.start_s, p.end_s, p.zone, p.rps) for p in group.phases
        ]
    assert [(m.at_s, m.fn, m.origin_zone, m.dest_zone) for m in plan.moves] == [
        (m.at_s, m.function, m.from_zone, m.to_zone) for m in scenario.moves
    ]


def test_no_request_is_due_after_the_end() -> None:
    scenario = load_scenario("default", duration_s=10.0)
    zones = [zone.name for zone in scenario.zones]
    plan = load_plan(scenario, {z: pod(z, "gateway") for z in zones}, {z: pod(z, "worker") for z in zones})
    offsets = [o for crowd in plan.crowds for zone in crowd.zones() for o in crowd.due_offsets_s(zone, Random(1))]
    assert 300 < len(offsets) < 500
    assert min(offsets) >= 0
    assert max(offsets) <= 10.0
