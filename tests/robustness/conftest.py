"""Runs of the chosen seeds, begun together when the first is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from tests.robustness.launching import Launcher, Outcome


@pytest.fixture(scope="session")
def outcome_of_seed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], Outcome]]:
    """Gives the outcome of a seed's run."""
    launcher = Launcher(tmp_path_factory.mktemp)
    seeds = [seed for item in request.session.items if (seed := _seed_of(item)) is not None]
    runs: dict[int, Future[Outcome]] = {seed: launcher.start(seed) for seed in dict.fromkeys(seeds)}
    yield lambda seed: runs[seed].result()
    launcher.close()


def _seed_of(item: pytest.Item) -> int | None:
    if "outcome_of_seed" not in getattr(item, "fixturenames", ()):
        return None
    seed: int = getattr(item, "callspec").params["seed"]  # noqa: B009  (pytest's types do not know it)
    return seed
