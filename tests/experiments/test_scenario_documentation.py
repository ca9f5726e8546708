"""The scenario in the documentation is one."""

from __future__ import annotations

import re
from pathlib import Path

from galileo_experiments.scenario_file import find_scenario, parse_scenario

ROOT = Path(__file__).parents[2]


def test_the_example_of_the_documentation_is_a_valid_scenario() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "scenarios.md").read_text(), re.DOTALL)
    scenario = parse_scenario(example, file="docs/scenarios.md")
    assert [(move.at_s, move.from_zone, move.to_zone) for move in scenario.moves] == [(45, "town", "field")]


def test_the_links_to_the_default_scenario_lead_to_it() -> None:
    for page in (ROOT / "docs" / "scenarios.md", ROOT / "examples" / "scenarios" / "README.md"):
        (link,) = set(re.findall(r"\((\S+default\.yaml)\)", page.read_text()))
        assert (page.parent / link).resolve() == find_scenario("default").resolve()
