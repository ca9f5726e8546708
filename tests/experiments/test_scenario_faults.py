"""What is to be broken in a scenario: read, written, and named where it is wrong."""

from __future__ import annotations

import pytest
from galileo_experiments.scenario import Scenario, ScenarioError
from galileo_experiments.scenario_file import load_scenario, parse_scenario, shipped_scenarios
from galileo_experiments.scenario_writer import write_scenario
from galileo_schemas.events import Fault

GOOD = """\
name: small
duration_s: 100
zones:
  here:
    nodes: [{prefix: box, count: 2, cores: 2, memory: 2Gi}]
  there:
    nodes: [{name: big, cores: 8, memory: 16Gi}]
network:
  round_trip_ms: {here: {there: 40}}
functions:
  resnet: {image: "example/resnet:1", cpu_ms: 10, initial_replicas: {here: 1}}
clients:
  - {function: resnet, phases: [{at_s: 0, zone: here, rps: 5}]}
without: [vpa_updater]
faults:
  - {at: 40%, kind: kill_node, node: box-2, for_s: 30}
  - {at_s: 10, kind: add_latency, origin: here, destination: big, latency_ms: 150, for_s: 5}
  - {at_s: 20, kind: burn_cpu, node: big, cores: 1.5}
  - {at_s: 30, kind: cut_bus, service: gateway-here, half_open: true, for_s: 8}
"""


def parsed(text: str = GOOD, **overrides: float) -> Scenario:
    return parse_scenario(text, file="s.yaml", **overrides)  # type: ignore[arg-type]


def mistake(old: str, new: str, **overrides: float) -> str:
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        parsed(GOOD.replace(old, new), **overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_faults_are_read_in_the_order_of_their_times() -> None:
    assert [(fault.at_s, fault.end_s, fault.fault) for fault in parsed().faults] == [
        (
            10.0,
            15.0,
            Fault(kind="add_latency", origin="here", destination="big", latency_ms=150.0, duration_s=5.0),
        ),
        (20.0, float("inf"), Fault(kind="burn_cpu", node="big", cores=1.5)),
        (30.0, 38.0, Fault(kind="cut_bus", service="gateway-here", half_open=True, duration_s=8.0)),
        (40.0, 70.0, Fault(kind="kill_node", node="box-2", duration_s=30.0)),
    ]


def test_faults_given_in_percent_follow_the_duration() -> None:
    assert [fault.at_s for fault in parsed(duration_s=50).faults] == [10.0, 20.0, 20.0, 30.0]


def test_without_the_section_nothing_breaks() -> None:
    assert parsed(GOOD.partition("faults:")[0]).faults == ()


def test_what_is_written_is_read_again() -> None:
    scenario = parsed()
    assert parse_scenario(write_scenario(scenario)) == scenario


@pytest.mark.parametrize("name", shipped_scenarios())
def test_shipped_scenarios_are_written_and_read_again(name: str) -> None:
    scenario = load_scenario(name)
    assert parse_scenario(write_scenario(scenario)) == scenario


@pytest.mark.parametrize("service", ["load_client", "trace_recorder", "gateway-there"])
def test_everybody_on_the_bus_may_be_cut_off(service: str) -> None:
    assert parsed(GOOD.replace("gateway-here", service)).faults[2].fault.service == service


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("kind: kill_node, node: box-2", "kind: kill_nod, node: box-2", "s.yaml:16: faults[0].kind", "kill_node?"),
        ("node: box-2", "node: box-3", "s.yaml:16: faults[0].node", "there is no node 'box-3'; did you mean box-"),
        (", node: box-2", "", "s.yaml:16: faults[0]", "a fault needs 'node'"),
        ("kind: kill_node, ", "", "s.yaml:16: faults[0]", "a fault needs 'kind'"),
        ("node: box-2", "node: box-2, cores: 1", "s.yaml:16: faults[0].cores", "kill_node takes node, not cores"),
        ("node: box-2", "node: box-2, nod: 1", "s.yaml:16: faults[0].nod", "unknown key"),
        ("node: box-2", "node: box-2, half_open: true", "s.yaml:16: faults[0].half_open", "not half_open"),
        ("for_s: 30", "for_s: -1", "s.yaml:16: faults[0].for_s", "0 or more"),
        ("at: 40%", "at: 140%", "s.yaml:16: faults[0].at", "below 100%"),
        ("at: 40%, ", "", "s.yaml:16: faults[0]", "when the fault starts"),
        ("at: 40%", "at_s: 100", "s.yaml:16: faults[0]", "this fault starts at 100 s, not before the end"),
        ("origin: here", "origin: elsewhere", "s.yaml:17: faults[1].origin", "there is no zone or node 'elsewhere'"),
        ("latency_ms: 150", "latency_ms: 0", "s.yaml:17: faults[1].latency_ms", "more than 0"),
        ("cores: 1.5", "cores: all", "s.yaml:18: faults[2].cores", "got 'all'"),
        ("gateway-here", "gateway", "s.yaml:19: faults[3].service", "did you mean gateway-"),
        ("gateway-here", "vpa_updater", "s.yaml:19: faults[3].service", "there is no service on the bus 'vpa_updater'"),
        ("half_open: true", "half_open: half", "s.yaml:19: faults[3].half_open", "true or false"),
        (
            "cores: 1.5}",
            "cores: 1.5}\n  - {at_s: 45, kind: kill_node, node: box-2}",
            "s.yaml:19: faults[3]",
            "at 45 s, node box-2 is down already, until 70 s",
        ),
        (
            "cores: 1.5}",
            "cores: 1.5}\n  - {at_s: 90, kind: burn_cpu, node: big, cores: 1}",
            "s.yaml:19: faults[3]",
            "already, to the end, as it has no for_s",
        ),
        ("faults:", "faults: []\nx:", "s.yaml:15: faults", "at least one entry"),
    ],
)
def test_a_mistake_is_named_where_it_stands(old: str, new: str, where: str, what: str) -> None:
    line = mistake(old, new)
    if new.startswith("faults: []"):
        assert "unknown key" in line or what in line
        return
    assert line.startswith(where + ":"), line
    assert what in line


def test_the_same_may_break_again_when_it_has_been_mended() -> None:
    again = GOOD + "  - {at_s: 70, kind: kill_node, node: box-2, for_s: 5}\n"
    assert [fault.at_s for fault in parsed(again).faults][-2:] == [40.0, 70.0]
