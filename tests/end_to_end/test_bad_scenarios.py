"""A mistake in a scenario or on the command line: one line that says where and what is possible."""

from __future__ import annotations

from pathlib import Path

import pytest
from galileo_experiments.scenario_writer import write_scenario

from tests.end_to_end.harness import galileo
from tests.end_to_end.variants import people_move

pytestmark = pytest.mark.timeout(60)

SMALL = """\
name: small
duration_s: 10
zones:
  here: {nodes: [{name: box, cores: 2, memory: 2Gi}]}
functions:
  resnet:
    image: edgerun/resnet:1.0
    cpu_ms: 5
    initial_replicas: {here: 1}
clients:
  - function: resnet
    phases:
      - {at: 0%, zone: here, rps: 5}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "place", "said"),
    [
        ("    cpu_ms: 5", "    cpu_mss: 5", 8, "functions.resnet", "did you mean cpu_ms?"),
        ("    cpu_ms: 5", "    cpu_ms: fast", 8, "functions.resnet.cpu_ms", "'fast'"),
        ("zone: here", "zone: hear", 13, "clients", "here"),
        ("function: resnet", "function: resnett", 11, "clients", "resnet"),
        ("duration_s: 10", "duration_s: -1", 2, "duration_s", "-1"),
        ("memory: 2Gi", "memory: lots", 4, "zones.here", "lots"),
        ("name: small", "name: small\nwithout: [pod_creater]", 2, "without", "pod_creator"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, right: str, wrong: str, line: int, place: str, said: str) -> None:
    assert right in SMALL
    (tmp_path / "bad.yaml").write_text(SMALL.replace(right, wrong, 1))
    told = galileo(tmp_path, "emulate", "bad.yaml")
    assert told.returncode == 2
    (only,) = told.stderr.splitlines()
    assert only.startswith(f"galileo: bad.yaml:{line}: ")
    assert place in only
    assert said in only
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "bad.yaml"), ("name: [", "bad.yaml:"), ("- 1\n- 2\n", "bad.yaml:1"), ("name: a\n\tb: c\n", "bad.yaml:2")],
    ids=["empty", "unfinished", "a list", "a tab"],
)
def test_a_file_that_is_no_scenario_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    told = galileo(tmp_path, "emulate", "bad.yaml")
    assert told.returncode == 2
    (only,) = told.stderr.splitlines()
    assert said in only


def test_a_scenario_that_is_not_there(tmp_path: Path) -> None:
    told = galileo(tmp_path, "emulate", "nowhere.yaml")
    assert told.returncode == 2
    (only,) = told.stderr.splitlines()
    assert "nowhere.yaml" in only
    assert "default" in only


@pytest.mark.parametrize("value", ["0", "-3", "soon", "nan", "inf"])
def test_a_duration_that_cannot_be(tmp_path: Path, value: str) -> None:
    told = galileo(tmp_path, "emulate", "--duration", value)
    assert told.returncode == 2
    assert "--duration: expected" in told.stderr.splitlines()[-1]
    assert repr(value) in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr


def test_an_option_that_is_not_there(tmp_path: Path) -> None:
    told = galileo(tmp_path, "emulate", "--sed", "3", "--frobnicate")
    assert told.returncode == 2
    assert "--frobnicate" in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr


def test_a_setting_that_cannot_be_stops_the_run_with_its_name(tmp_path: Path) -> None:
    scenario = people_move(duration_s=10.0, move_s=5.0, settings={"osmotic_lb_opt_reconcile_interval": "often"})
    (tmp_path / "bad.yaml").write_text(write_scenario(scenario))
    told = galileo(tmp_path, "emulate", "bad.yaml", "--no-ui")
    assert told.returncode != 0
    assert "osmotic_lb_opt_reconcile_interval" in told.stdout + told.stderr
    assert "often" in told.stdout + told.stderr
    assert "Traceback" not in told.stdout + told.stderr


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "env").write_text("export galileo_redis_port=1\n")
    told = galileo(tmp_path, "emulate", "--out", "mine")
    assert told.returncode == 2
    (only,) = told.stderr.splitlines()
    assert only == "galileo: mine holds a run already; choose another folder with --out"
    assert (tmp_path / "mine" / "env").read_text() == "export galileo_redis_port=1\n"
