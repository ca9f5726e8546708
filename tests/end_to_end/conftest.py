"""Starts the scripted runs that the chosen tests look at, in the background, and puts the tests in order.

First come those that measure how quickly something is done (`ALONE` in their module), then those that do something
themselves while the scripted runs go on beside them, then those that look at the outcome of such runs (`SCRIPTED`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.end_to_end.harness import AT_ONCE
from tests.end_to_end.scripts import SCRIPTS, Outcome

HERE = Path(__file__).parent
LATE_OUTCOME_S = 600.0

collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]  # processes are found by /proc


def scripts_of(item: pytest.Item) -> tuple[str, ...]:
    """The scripts whose outcomes a test looks at: its module's `SCRIPTED`."""
    module = getattr(item, "module", None)
    return tuple(getattr(module, "SCRIPTED", ()))


def goes_alone(item: pytest.Item) -> bool:
    """Whether nothing else of ours may go on beside a test."""
    return bool(getattr(getattr(item, "module", None), "ALONE", False))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = [place for place, item in enumerate(items) if HERE in item.path.parents]
    ordered = sorted(
        (items[place] for place in places), key=lambda item: (not goes_alone(item), bool(scripts_of(item)))
    )
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def _started_runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Outcome]]]:
    wanted = {name for item in request.session.items for name in scripts_of(item)}
    folder = tmp_path_factory.mktemp("runs")
    executor = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="scripted run")
    try:
        yield {name: executor.submit(script, folder / name) for name, script in SCRIPTS.items() if name in wanted}
    finally:
        executor.shutdown(cancel_futures=True)


@pytest.fixture(autouse=True)
def _runs_begin(request: pytest.FixtureRequest) -> None:
    """The first test that does not go alone begins them all."""
    if not goes_alone(request.node):
        request.getfixturevalue("_started_runs")


@pytest.fixture
def outcome_of(_started_runs: dict[str, Future[Outcome]]) -> Callable[[str], Outcome]:
    """Gives a scripted run's outcome, waiting for its end; raises what went wrong in its script."""
    return lambda name: _started_runs[name].result(LATE_OUTCOME_S)
