"""A bus with a fault put into it is found out: at least one of a few seeds shows the violation that belongs to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from tests.mutations.mutations import MUTATIONS
from tests.robustness.launching import Launcher, Outcome

# Which promise a mutation breaks, and seeds whose faults show it.
EXPECTED = {
    "acknowledge_before_the_handler": ("an accepted decision is lost", (5, 8, 9)),
    "no_deduplication": ("is in the journal twice|is in the stream twice", (7, 11, 12)),
    "no_expiry": ("an expired decision was acted on", (5, 8)),
    "seq_ignored": ("a lost observation was not counted", (5, 8)),
    "adoption_without_the_script": ("a decision is in the journal twice", (1, 2)),
}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="participants are forked by a server of processes")

Runs = dict[str, list[Future[Outcome]]]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """The runs of the chosen mutations, begun together."""
    launcher = Launcher(tmp_path_factory.mktemp)
    chosen = [name for name in EXPECTED if any(f"[{name}]" in item.name for item in request.session.items)]
    yield {name: [launcher.start(seed, mutation=name) for seed in EXPECTED[name][1]] for name in chosen}
    launcher.close()


def test_every_mutation_is_tried() -> None:
    assert EXPECTED.keys() == MUTATIONS.keys()


@pytest.mark.parametrize("mutation", EXPECTED)
def test_the_suite_goes_red_for(mutation: str, runs: Runs) -> None:
    wanted = EXPECTED[mutation][0].split("|")
    found = {violation.kind for run in runs[mutation] for violation in run.result().violations}
    assert any(kind.endswith(part) for kind in found for part in wanted), f"{mutation} shows as {sorted(found)} only"
