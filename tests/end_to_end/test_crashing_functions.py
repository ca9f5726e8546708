"""A person's own function that crashes at its start: the run says so within seconds, and where to read more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.harness import emulated_run

pytestmark = pytest.mark.timeout(120)
ALONE = True

SCENARIO = """
name: crash
duration_s: 20
zones:
  town:
    nodes:
      - {name: rack, cores: 4, memory: 4Gi}
functions:
  mine: {image: "local:./app.py", latency_requirement_ms: 30, initial_replicas: {town: 1}}
clients:
  - function: mine
    phases: [{at: 0%, zone: town, rps: 1}]
"""
WITHIN_S = 20.0
"""It takes three seconds; on a machine that starts several runs at once it takes more."""


def test_the_run_ends_with_the_functions_last_words_and_names_the_file_with_its_output(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise RuntimeError('no model')\napp = None\n")
    (tmp_path / "crash.yaml").write_text(SCENARIO)
    with emulated_run(tmp_path / "run", str(tmp_path / "crash.yaml")) as run:
        status = run.wait(within_s=WITHIN_S)
        (line,) = [line for line in run.said.splitlines() if line.startswith("function mine's pod mine-deployment-")]
        assert status == 1
        assert " crashes: RuntimeError: no model (log: " in line
        log = run.folder / line.partition("(log: ")[2].removesuffix(")")
        assert log.parent == run.out / "logs" / "pods"
        assert "Traceback (most recent call last):" in log.read_text()
        assert "the run ended early: function mine crashes whenever it is started" in run.said
        assert run.told == ""
