"""A function whose image is a file: found beside the scenario, written back with its whole path."""

from __future__ import annotations

from pathlib import Path

from galileo_experiments.scenario import Function
from galileo_experiments.scenario_file import load_scenario, parse_scenario
from galileo_experiments.scenario_writer import write_scenario

from tests.experiments.test_scenario_mistakes import GOOD


def function_of(tmp_path: Path, *lines: str) -> Function:
    (tmp_path / "app.py").write_text("")
    keys = "\n    ".join(("image: local:./app.py", *lines))
    (tmp_path / "s.yaml").write_text(GOOD.replace("image: example/resnet:1\n    cpu_ms: 10", keys))
    scenario = load_scenario(tmp_path / "s.yaml")
    assert parse_scenario(write_scenario(scenario)).functions == scenario.functions
    return scenario.functions[0]


def test_its_path_is_relative_to_the_scenario_and_cpu_ms_is_not_needed(tmp_path: Path) -> None:
    function = function_of(tmp_path)
    assert function.image == f"local:{tmp_path}/app.py"
    assert function.is_local
    assert function.unused == ()


def test_numbers_that_mean_nothing_for_a_process_are_noted(tmp_path: Path) -> None:
    function = function_of(tmp_path, "cpu_ms: 5", "start_s: 2")
    assert [line.split(" ")[0] for line in function.unused] == ["functions.resnet.cpu_ms", "functions.resnet.start_s"]


def test_limits_are_read_and_written(tmp_path: Path) -> None:
    function = function_of(tmp_path, "limit_cpu: 500m", "limit_memory: 256Mi")
    assert (function.limit_cpu_millicores, function.limit_memory_bytes) == (500.0, 256 * 1024**2)
