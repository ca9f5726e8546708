"""A mistake in a scenario file gives one line: file, line, place, what was found, what is possible."""

from __future__ import annotations

from pathlib import Path

import pytest
from galileo_experiments.scenario import ScenarioError
from galileo_experiments.scenario_file import load_scenario, parse_scenario

GOOD = """\
name: small
duration_s: 100
zones:
  here:
    nodes: [{name: box, cores: 2, memory: 2Gi}]
  there:
    nodes: [{name: big, cores: 8, memory: 16Gi}]
network:
  round_trip_ms: {here: {there: 40}}
functions:
  resnet:
    image: example/resnet:1
    cpu_ms: 10
    initial_replicas: {here: 1}
clients:
  - function: resnet
    phases:
      - {at_s: 0, zone: here, rps: 5}
"""


def mistake(old: str, new: str, **overrides: float) -> str:
    assert old in GOOD
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(GOOD.replace(old, new), file="s.yaml", **overrides)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_example_without_a_mistake_is_read() -> None:
    assert parse_scenario(GOOD).name == "small"


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("cpu_ms: 10", "cpu_mss: 10", "s.yaml:13: functions.resnet.cpu_mss", "did you mean cpu_ms"),
        ("cpu_ms: 10", "cpu_ms: fast", "s.yaml:13: functions.resnet.cpu_ms", "got 'fast'"),
        ("cpu_ms: 10", "cpu_ms: true", "s.yaml:13: functions.resnet.cpu_ms", "got True"),
        ("cpu_ms: 10", "cpu_ms: .nan", "s.yaml:13: functions.resnet.cpu_ms", "got nan"),
        ("    cpu_ms: 10\n", "", "s.yaml:11: functions.resnet", "needs 'cpu_ms'"),
        ("cpu_ms: 10", "cpu_ms: 10\n    memory: 3Hi", "s.yaml:14: functions.resnet.memory", "such as 256Mi, got '3Hi'"),
        ("image: example/resnet:1", "image: 3", "s.yaml:12: functions.resnet.image", "got 3"),
        ("example/resnet:1", "local:./a.py:1", "s.yaml:12: functions.resnet.image", "local:PATH:ATTRIBUTE"),
        ("example/resnet:1", "local:./gone.py", "s.yaml:12: functions.resnet.image", "there is no file /"),
        ("cpu_ms: 10", "cpu_ms: 10\n    limit_memory: 1Mi", "s.yaml:14: functions.resnet.limit_memory", "got '1Mi'"),
        ("cpu_ms: 10", "cpu_ms: 10\n    limit_cpu: 100m", "s.yaml:14: functions.resnet.limit_cpu", "at least what"),
        ("  resnet:", "  ResNet:", "s.yaml:11: functions.ResNet", "lower-case"),
        ("{here: 1}", "{hree: 1}", "s.yaml:14: functions.resnet.initial_replicas.hree", "did you mean here or there?"),
        ("{here: 1}", "{here: 0}", "s.yaml:14: functions.resnet.initial_replicas", "nobody would answer"),
        ("{here: 1}", "{here: 1.5}", "s.yaml:14: functions.resnet.initial_replicas.here", "whole number"),
        ("{here: 1}", "{here: 9}", "s.yaml:10: functions", "request 2.25 cores, it has 2"),
        ("function: resnet", "function: resnte", "s.yaml:16: clients[0].function", "did you mean resnet?"),
        ("zone: here", "zone: somewhere", "s.yaml:18: clients[0].phases[0].zone", "possible: here, there"),
        ("rps: 5", "rps: -5", "s.yaml:18: clients[0].phases[0].rps", "0 or more"),
        ("at_s: 0", "at_s: 100", "s.yaml:18: clients[0].phases[0]", "not before the end of the 100 s of duration_s"),
        ("at_s: 0", "at: half", "s.yaml:18: clients[0].phases[0].at", "such as 50%"),
        ("at_s: 0", "at: 100%", "s.yaml:18: clients[0].phases[0].at", "below 100%"),
        ("at_s: 0", "at_s: 0, at: 0%", "s.yaml:18: clients[0].phases[0]", "found both"),
        ("rps: 5}", "rps: 5}\n      - {at_s: 0, zone: here, rps: 1}", "s.yaml:19: clients[0].phases[1]", "follow one"),
        ("  - function: resnet", "  - arrivals: bursts", "s.yaml:16: clients[0]", "needs 'function'"),
        ("function: resnet", "function: resnet\n    arrivals: poison", "s.yaml:17: clients[0].arrivals", "poisson"),
        ("there: 40", "there: far", "s.yaml:9: network.round_trip_ms.here.there", "milliseconds, got 'far'"),
        ("there: 40", "their: 40", "s.yaml:9: network.round_trip_ms.here.their", "did you mean there"),
        ("there: 40", "here: 40", "s.yaml:9: network.round_trip_ms.here.here", "within_zone_ms"),
        (
            "round_trip_ms: {here: {there: 40}}",
            "latency_graph: no.json",
            "s.yaml:9: network.latency_graph",
            "cannot read",
        ),
        ("name: big", "name: box", "s.yaml:6: zones.there", "the name of a node in here"),
        ("cores: 8", "cores: 0", "s.yaml:7: zones.there.nodes[0].cores", "more than 0"),
        ("name: big", "name: big, count: 2", "s.yaml:7: zones.there.nodes[0].count", "prefix"),
        ("name: big", "prefix: big", "s.yaml:7: zones.there.nodes[0]", "needs 'count'"),
        ("  here:\n", "  here:\n    cloud: maybe\n", "s.yaml:5: zones.here.cloud", "true or false"),
        ("duration_s: 100", "duration_s: 0", "s.yaml:2: duration_s", "more than 0"),
        ("duration_s: 100", "duration_s: 100\nduration_s: 9", "s.yaml:3: duration_s", "first in line 2"),
        (
            "duration_s: 100",
            "duration_s: 100\nwithout: [pod-creator]",
            "s.yaml:3: without[0]",
            "did you mean pod_creator",
        ),
        ("duration_s: 100", "duration_s: 100\nsettings: {a b: 1}", "s.yaml:3: settings.a b", "environment variable"),
        ("duration_s: 100", "duration_s: 100\nsettings: {a: [1]}", "s.yaml:3: settings.a", "got a list"),
        ("duration_s: 100", "duration_s: [1", "s.yaml:3", "this is no YAML"),
        ("duration_s: 100", "duration_s: !!int many", "s.yaml:2: duration_s", "'many'"),
        ("network:", "network: &n\n  within_zone_ms: *n\nx:", "s.yaml:9: network.within_zone_ms", "alias"),
    ],
)
def test_a_mistake_is_named_where_it_stands(old: str, new: str, where: str, what: str) -> None:
    line = mistake(old, new)
    assert line.startswith(where + ":")
    assert what in line


def test_a_phase_after_a_duration_of_the_command_line_says_so() -> None:
    line = mistake("at_s: 0", "at_s: 50", duration_s=30)
    assert "the 30 s asked for on the command line" in line
    assert "50%" in line


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_duration_that_cannot_be_is_refused(duration_s: float) -> None:
    with pytest.raises(ScenarioError, match="duration: expected seconds"):
        parse_scenario(GOOD, duration_s=duration_s)


@pytest.mark.parametrize("text", ["", "# nothing\n", "- 1\n", "just words\n", "\t\n"])
def test_what_is_no_scenario_at_all_is_one_line(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"^s\.yaml:1: "):
        parse_scenario(text, file="s.yaml")


def test_a_scenario_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="one of: default"):
        load_scenario(tmp_path / "nowhere.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match="UTF-8"):
        load_scenario(path)
