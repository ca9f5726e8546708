"""The bus keeps its promises under faults: seeded runs, whose histories must not show a broken one.

`ROBUSTNESS_SEEDS="17 18" pytest tests/robustness -k seed` runs those alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import pytest

from tests.robustness.launching import Outcome

CHOSEN = [int(word) for word in os.environ.get("ROBUSTNESS_SEEDS", "").split()]
FEW = CHOSEN or range(1, 21)
ALL = range(1, 201)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="participants are forked by a server of processes")


@pytest.mark.parametrize("seed", FEW)
def test_every_promise_is_kept_under_the_faults_of_seed(seed: int, outcome_of_seed: Callable[[int], Outcome]) -> None:
    outcome = outcome_of_seed(seed)
    assert not outcome.violations, str(outcome)


@pytest.mark.soak
@pytest.mark.parametrize("seed", ALL)
def test_every_promise_is_kept_in_the_long_suite_under_the_faults_of_seed(
    seed: int, outcome_of_seed: Callable[[int], Outcome]
) -> None:
    outcome = outcome_of_seed(seed)
    assert not outcome.violations, str(outcome)
