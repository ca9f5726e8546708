"""A scenario's settings are looked at before anything starts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from galileo_bus.service import SettingError
from galileo_cli.emulate.settings_check import check_values, unread_names
from galileo_experiments.scenario import Scenario
from galileo_experiments.scenario_file import load_scenario, shipped_scenarios

SMALL = """\
name: small
duration_s: 10
zones:
  here: {nodes: [{name: box, cores: 2, memory: 2Gi}]}
functions:
  resnet: {image: "edgerun/resnet:1.0", cpu_ms: 5, initial_replicas: {here: 1}}
clients:
  - function: resnet
    phases: [{at: 0%, zone: here, rps: 5}]
settings:
  osmotic_lb_opt_reconcile_interval: 2
  schedule_scale_opt_lookback: ten
  my_own: x
"""


def with_settings(**settings: str) -> Scenario:
    return dataclasses.replace(load_scenario(), settings=settings)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_the_shipped_scenarios_set_what_is_read_and_can_be(name: str) -> None:
    scenario = load_scenario(name)
    check_values(scenario, {})
    assert unread_names(scenario) == []


def test_a_wrong_value_is_refused_with_the_variable_and_what_was_expected() -> None:
    with pytest.raises(SettingError, match="schedule_scale_opt_lookback=ten: expected a number"):
        check_values(with_settings(schedule_scale_opt_lookback="ten"), {})


def test_a_wrong_value_in_a_file_is_refused_with_file_and_line(tmp_path: Path) -> None:
    lines = SMALL.splitlines()
    (tmp_path / "mine.yaml").write_text(SMALL)
    scenario = load_scenario(tmp_path / "mine.yaml")
    place = f"{tmp_path / 'mine.yaml'}:{lines.index('  schedule_scale_opt_lookback: ten') + 1}"
    with pytest.raises(SettingError) as refused:
        check_values(scenario, {})
    assert str(refused.value).startswith(f"{place}: settings: schedule_scale_opt_lookback=ten: expected a number")
    (note,) = unread_names(scenario)
    assert note == f"{tmp_path / 'mine.yaml'}:{len(lines)}: settings.my_own: no service of Galileo reads this"


def test_a_wrong_value_of_the_shell_is_none_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SMALL.replace(": ten", ": 10"))
    with pytest.raises(SettingError, match=r"^osmotic_lb_opt_lookback=no: expected a number"):
        check_values(load_scenario(tmp_path / "mine.yaml"), {"osmotic_lb_opt_lookback": "no"})


def test_the_scenario_goes_before_the_shell() -> None:
    with pytest.raises(SettingError, match="ten"):
        check_values(with_settings(schedule_scale_opt_lookback="ten"), {"schedule_scale_opt_lookback": "10"})
    check_values(with_settings(schedule_scale_opt_lookback="10"), {"schedule_scale_opt_lookback": "ten"})


def test_a_name_that_nobody_reads_is_noted_with_the_nearest_that_is() -> None:
    settings = {"schedule_scale_opt_lookbak": "1", "my_own": "x", "schedule_scale_opt_latency_requirement_f": "5"}
    typo, own = unread_names(with_settings(**settings))
    assert typo.endswith("did you mean schedule_scale_opt_lookback?")
    assert own == "settings.my_own: no service of Galileo reads this"
