"""Runs of the chosen seeds, begun together when the first is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from tests.robustness.launching import Launcher, Outcome


@pytest.fixture(scope="session")
def outcome_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], Outcome]]:
    """Gives the outcome of a seed's run."""
    launcher = Launcher(tmp_path_factory.mktemp)
    seeds = [item.callspec.params["seed"] for item in request.session.items if _has_seed(item)]
    runs: dict[int, Future[Outcome]] = {seed: launcher.start(seed) for seed in dict.fromkeys(seeds)}
    yield lambda seed: runs[seed].result()
    launcher.close()


def _has_seed(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "outcome_of" in item.fixturenames and hasattr(item, "callspec")
