"""Random scenarios are the same for a seed, valid, varied, and light enough to be served."""

from __future__ import annotations

from galileo_experiments.random_scenario import random_scenario
from galileo_experiments.scenario_file import load_scenario, parse_scenario
from galileo_experiments.scenario_writer import write_scenario

SEEDS = range(60)


def test_a_seed_gives_the_same_scenario_each_time() -> None:
    assert random_scenario(5) == random_scenario(5)
    assert random_scenario(5) != random_scenario(6)


def test_a_random_scenario_written_as_a_file_is_read_back_as_it_was() -> None:
    for seed in SEEDS[:20]:
        scenario = random_scenario(seed, duration_s=13.0)
        assert parse_scenario(write_scenario(scenario)) == scenario


def test_the_default_scenario_written_as_a_file_is_read_back_as_it_was() -> None:
    assert parse_scenario(write_scenario(load_scenario())) == load_scenario()


def test_random_scenarios_vary_in_zones_functions_and_moves() -> None:
    scenarios = [random_scenario(seed) for seed in SEEDS]
    assert {len(scenario.zones) for scenario in scenarios} == {1, 2, 3, 4, 5}
    assert {len(scenario.functions) for scenario in scenarios} == {1, 2, 3, 4}
    assert any(scenario.moves for scenario in scenarios)
    assert not all(scenario.moves for scenario in scenarios)


def test_no_random_scenario_drowns_its_first_replicas() -> None:
    for scenario in map(random_scenario, SEEDS):
        for zone in scenario.zones:
            slowest = min(node.cores * node.speed for node in zone.workers)
            busy_cores = sum(
                max(phase.rps for phase in group.phases) * function.cpu_ms / 1000.0
                for group in scenario.clients
                for function in scenario.functions
                if function.name == group.function and zone.name in function.initial_replicas
            )
            assert busy_cores <= 0.51 * slowest
        assert sum(max(phase.rps for phase in group.phases) for group in scenario.clients) <= 40.01
