"""A scenario file is read into what it says."""

from __future__ import annotations

import json
from pathlib import Path

from galileo_experiments.scenario import SERVICES, Move
from galileo_experiments.scenario_file import load_scenario, parse_scenario

SMALL = """
name: small
duration_s: 100
zones:
  here:
    nodes:
      - {prefix: box, count: 3, cores: 500m, memory: 1Gi, speed: 0.5, labels: {disk: ssd}}
  there:
    cloud: true
    gateway: {name: entrance, cores: 1}
    nodes:
      - {name: big, cores: 8, memory: 16Gi}
network:
  round_trip_ms: {there: {here: 40}}
functions:
  look-at_me:
    image: example/look:1
    cpu_ms: 10
    initial_replicas: {there: 1}
clients:
  - function: look-at_me
    phases:
      - {at_s: 0, zone: here, rps: 5}
      - {at: 25%, zone: here, rps: 0}
      - {at: 50%, zone: there, rps: 8}
"""


def test_the_default_scenario_is_the_one_of_the_documentation() -> None:
    scenario = load_scenario()
    assert [zone.name for zone in scenario.zones] == ["zone-a", "zone-b", "zone-c"]
    assert "edge-1" in [node.name for node in scenario.nodes]
    assert scenario.duration_s == 120
    assert scenario.moves == (
        Move(at_s=60, function="mobilenet", from_zone="zone-a", to_zone="zone-b"),
        Move(at_s=60, function="resnet", from_zone="zone-a", to_zone="zone-b"),
    )
    assert sum(group.phases[0].rps for group in scenario.clients) == 40
    cloud = [node for node in scenario.nodes if node.labels.get("kubernetes.io/role") == "cloud"]
    assert {node.zone for node in cloud} == {"zone-c"}


def test_a_group_makes_numbered_nodes() -> None:
    boxes = parse_scenario(SMALL).zones[0].workers
    assert [box.name for box in boxes] == ["box-1", "box-2", "box-3"]
    assert {(box.cores, box.memory_bytes, box.speed) for box in boxes} == {(0.5, 1024**3, 0.5)}
    assert all(box.labels == {"disk": "ssd"} for box in boxes)


def test_every_zone_has_a_gateway_and_a_client_node_unless_the_file_names_them() -> None:
    here, there = parse_scenario(SMALL).zones
    assert (here.gateway.name, here.client.name) == ("gateway-here", "client-here")
    assert (there.gateway.name, there.gateway.cores) == ("entrance", 1)
    assert here.gateway.roles == {"controller"}
    assert here.client.roles == {"client"}


def test_a_duration_of_the_caller_moves_only_phases_in_percent() -> None:
    phases = parse_scenario(SMALL.replace("at: 25%", "at_s: 25"), duration_s=200).clients[0].phases
    assert [(phase.start_s, phase.end_s) for phase in phases] == [(0, 25), (25, 100), (100, 200)]


def test_a_pause_belongs_to_the_move() -> None:
    assert parse_scenario(SMALL).moves == (Move(at_s=50, function="look-at_me", from_zone="here", to_zone="there"),)


def test_a_seed_of_the_caller_replaces_the_files() -> None:
    assert parse_scenario(SMALL, seed=9).seed == 9


def test_settings_reach_the_services_as_texts_with_the_latency_requirements() -> None:
    scenario = parse_scenario(SMALL + "settings: {some_limit: 0.5, some_switch: true, some_list: 'a,b'}")
    assert scenario.environment == {
        "schedule_scale_opt_latency_requirement_look_at_me": "70",
        "some_limit": "0.5",
        "some_switch": "true",
        "some_list": "a,b",
    }


def test_services_can_be_switched_off() -> None:
    assert parse_scenario(SMALL).services == SERVICES
    assert "pod_creator" not in parse_scenario(SMALL + "without: [pod_creator]").services


def test_the_telemetry_agent_measures_this_machine_only_where_it_is_named() -> None:
    assert "telemetry_agent" not in parse_scenario(SMALL).services
    named = parse_scenario(SMALL + "services: [telemetry_ingester, telemetry_agent]")
    assert named.services == ("telemetry_ingester", "telemetry_agent")


def test_a_latency_graph_is_read_from_a_file_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "graph.json").write_text(json.dumps({"here": {"there": 12}, "box-1": {"big": 3}}))
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace("round_trip_ms: {there: {here: 40}}", "latency_graph: graph.json"))
    assert load_scenario(path).network.round_trip_ms == {"here": {"there": 12}, "box-1": {"big": 3}}


def test_latencies_between_all_nodes_serve_as_well_as_those_between_zones(tmp_path: Path) -> None:
    there = {"big": 3, "entrance": 3, "client-there": 3}
    nodes = ("box-1", "box-2", "box-3", "gateway-here", "client-here")
    (tmp_path / "graph.json").write_text(json.dumps(dict.fromkeys(nodes, there)))
    text = SMALL.replace("round_trip_ms: {there: {here: 40}}", "latency_graph: graph.json")
    assert parse_scenario(text, folder=tmp_path).network.round_trip_ms["box-2"]["big"] == 3

    (tmp_path / "graph.json").write_text(json.dumps(dict.fromkeys(nodes[1:], there)))
    [missing] = parse_scenario(text, folder=tmp_path).network.missing
    assert "from box-1 to big, say" in missing


def test_a_missing_pair_of_zones_is_noted_with_the_line_to_add_and_the_run_goes_on() -> None:
    [note] = parse_scenario(SMALL.replace("{there: {here: 40}}", "{}"), file="s.yaml").network.missing
    assert note.startswith("s.yaml:")
    assert "network.round_trip_ms" in note
    assert "here: {there: <milliseconds>}" in note
    assert parse_scenario(SMALL).network.missing == ()
