"""The accounting of twenty random scenarios."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.scripts import LONG_RANDOM, Outcome
from tests.end_to_end.test_accounting import expect_accounts

SCRIPTED = LONG_RANDOM
pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_random_scenario_adds_up(outcome_of: Callable[[str], Outcome], name: str) -> None:
    expect_accounts(outcome_of(name))
