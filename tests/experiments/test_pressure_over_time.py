"""Pressure over time, put together from the factors that were said."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from galileo_schemas import events

if TYPE_CHECKING:
    from tests.experiments.conftest import MadeUpRun


def say_round(run: MadeUpRun, t_s: float, factors: dict[str, tuple[float, float]], *, cpu: float = 0.5) -> None:
    """A round on zone-a's gateway: request and response-time pressure by client, and CPU use."""
    for client, (request, rtt) in factors.items():
        run.say(
            t_s,
            events.PressureReq(
                value=request, weight=1, utilization=1, client=client, gateway="g", zone="zone-a", fn="resnet"
            ),
        )
        run.say(
            t_s + 0.01,
            events.PressureRttLog(value=rtt, distance=1, client=client, gateway="g", zone="zone-a", fn="resnet"),
        )
    run.say(t_s + 0.02, events.CpuUsagePressure(fn="resnet", running_pods=1, cpu_mean=cpu, zone="zone-a"))


def test_a_round_is_the_product_of_its_factors_highest_and_mean_over_clients(made_up_run: MadeUpRun) -> None:
    say_round(made_up_run, 5, {"gateway-zone-a": (1.0, 0.2), "gateway-zone-b": (0.5, 0.8)})
    (row,) = made_up_run.report().pressure
    assert (row.t_s, row.gateway, row.zone, row.fn) == (5, "g", "zone-a", "resnet")
    assert row.value == pytest.approx(0.2)
    assert row.mean == pytest.approx(0.15)


@pytest.mark.parametrize("interval_s", [0.1, 5.0])
def test_rounds_are_told_apart_by_repetition_as_well_as_by_pauses(made_up_run: MadeUpRun, interval_s: float) -> None:
    for index in range(3):
        say_round(made_up_run, 5 + index * interval_s, {"c": (1.0, 0.1 * (index + 1))})
    assert [row.value for row in made_up_run.report().pressure] == pytest.approx([0.05, 0.1, 0.15])


def test_factors_of_different_rounds_are_not_multiplied(made_up_run: MadeUpRun) -> None:
    say_round(made_up_run, 5, {"c": (1.0, 1.0)})
    made_up_run.frames.pop(1)  # this round said no response-time pressure
    say_round(made_up_run, 10, {"c": (1.0, 1.0)})
    made_up_run.frames.pop(2)  # and this one no share of requests
    assert made_up_run.report().pressure == []


def test_only_the_pressures_of_the_settings_are_multiplied(made_up_run: MadeUpRun) -> None:
    settings = {"schedule_scale_opt_pressures": "request, rtt_log"}
    made_up_run.scenario = dataclasses.replace(made_up_run.scenario, settings=settings)
    say_round(made_up_run, 5, {"c": (0.5, 0.5)}, cpu=0.0)
    assert made_up_run.report().pressure[0].value == pytest.approx(0.25)


def test_a_round_without_all_factors_has_no_row_and_that_is_noted(made_up_run: MadeUpRun) -> None:
    made_up_run.say(5, events.CpuUsagePressure(fn="resnet", running_pods=1, cpu_mean=0.5, zone="zone-a"))
    report = made_up_run.report()
    assert report.pressure == []
    assert report.notes == ["no pressure per function: no round said all of request, rtt_log, cpu_usage"]


def test_a_pressure_that_no_event_says_is_noted(made_up_run: MadeUpRun) -> None:
    settings = {"schedule_scale_opt_pressures": "request,mood"}
    made_up_run.scenario = dataclasses.replace(made_up_run.scenario, settings=settings)
    assert made_up_run.report().notes == ["no pressure per function: no event says the pressure mood"]


def test_gateways_have_a_pressure_over_all_functions(made_up_run: MadeUpRun) -> None:
    made_up_run.say(7, events.ApiPressure(node="g", zone="zone-a", value=0.4))
    assert [(row.t_s, row.gateway, row.value) for row in made_up_run.report().gateway_pressure] == [(7, "g", 0.4)]


def test_thresholds_are_those_of_the_settings_when_nothing_was_decided(made_up_run: MadeUpRun) -> None:
    settings = {"schedule_scale_opt_max_threshold": "0.9"}
    made_up_run.scenario = dataclasses.replace(made_up_run.scenario, settings=settings)
    limits = made_up_run.report().thresholds
    assert (limits.max, limits.min) == (0.9, None)


def test_thresholds_that_decisions_name_win(moved_run: MadeUpRun) -> None:
    moved_run.scenario = dataclasses.replace(
        moved_run.scenario,
        settings={"schedule_scale_opt_max_threshold": "0.9", "schedule_scale_opt_min_threshold": "0.8"},
    )
    limits = moved_run.report().thresholds
    assert (limits.max, limits.min) == (0.25, 0.05)
