"""What a run's history must not show: pure functions from happenings to violations, one file a promise."""

from __future__ import annotations

from collections.abc import Sequence

from tests.robustness.checks.decisions import decisions
from tests.robustness.checks.observations import observations
from tests.robustness.checks.processes import processes
from tests.robustness.checks.records import records
from tests.robustness.checks.service_again import service_again
from tests.robustness.checks.violation import Violation
from tests.robustness.checks.watching import watching
from tests.robustness.histories import Happening

__all__ = ["Violation", "violations"]


def violations(history: Sequence[Happening]) -> list[Violation]:
    """All that is wrong with a run."""
    checks = (processes, decisions, records, observations, watching, service_again)
    return [violation for check in checks for violation in check(history)]
