"""A person works on the cluster of a whole running world with kubectl alone.

The transcripts in `kubectl/` say what they type and what they are answered; each has a namespace of its own. What goes
on while something else happens (a watch, a log, a drain that has to wait) is below.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from galileo_experiments.scenario_file import load_scenario

from tests.end_to_end.conversation import KUBECTL
from tests.end_to_end.harness import EmulatedRun, emulated_run, plain_environment
from tests.end_to_end.kubectl.transcript import follow, read_transcript
from tests.end_to_end.kubectl.typing_on import Typing

pytestmark = pytest.mark.timeout(300)
HERE = Path(__file__).parent / "kubectl"
TRANSCRIPTS = sorted(HERE.glob("*.txt"))


@dataclass(frozen=True)
class Desk:
    """Where a person types: a folder with the files that the transcripts use, and kubectl on the path."""

    folder: Path
    environ: dict[str, str]

    def type(self, command: str) -> Typing:
        """Starts a command that goes on."""
        return Typing(command, folder=self.folder, environ=self.environ)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedRun]:
    """A small world that goes on for longer than the tests."""
    folder = tmp_path_factory.mktemp("kubectl")
    (folder / "small.yaml").write_text((HERE / "files" / "small-world.yaml").read_text())
    with emulated_run(folder / "run", load_scenario(str(folder / "small.yaml"))) as run:
        run.until_load()
        yield run


@pytest.fixture
def desk(run: EmulatedRun, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """In a namespace of its own, named after the transcript or the test."""
    assert KUBECTL is not None, "no kubectl: install the extra dev"
    folder = tmp_path / "desk"
    shutil.copytree(HERE / "files", folder)
    namespace = str(getattr(request, "param", "") or request.node.name.removeprefix("test_").replace("_", "-"))
    config = Path(run.env["KUBECONFIG"]).read_text()
    (folder / "kubeconfig").write_text(config.replace("namespace: default", f"namespace: {namespace}"))
    path = f"{Path(KUBECTL).parent}{os.pathsep}{os.environ['PATH']}"
    desk = Desk(
        folder, {**plain_environment(), "KUBECONFIG": str(folder / "kubeconfig"), "HOME": str(folder), "PATH": path}
    )
    assert desk.type(f"kubectl create namespace {namespace}").ends() == 0
    return desk


@pytest.mark.parametrize(
    ("transcript", "desk"),
    [pytest.param(path, path.stem, id=path.stem) for path in TRANSCRIPTS],
    indirect=["desk"],
)
def test_kubectl_answers_as_written(transcript: Path, desk: Desk) -> None:
    steps = read_transcript(transcript)
    assert steps, f"{transcript} holds no command"
    for step in steps:
        wrong = follow(step, folder=desk.folder, environ=desk.environ)
        assert wrong is None, f"{transcript.name}, {wrong}"


def test_a_watch_shows_a_pod_come_and_go(desk: Desk) -> None:
    with desk.type("kubectl get pods --watch") as watch:
        assert desk.type("kubectl run guest --image busybox").ends() == 0
        watch.until_line("guest 0/1 Pending 0 *")
        watch.until_line("guest 1/1 Running 0 *")
        assert desk.type("kubectl delete pod guest --grace-period 1").ends() == 0
        watch.until_line("guest 1/1 Terminating 0 *")


def test_a_functions_log_goes_on_with_its_requests(desk: Desk) -> None:
    with desk.type("kubectl logs --namespace default --selector type=fn --follow --tail 2") as log:
        for _ in range(6):  # two that were there, and some that came while it was read
            log.until_line("20*Z POST / 200 *ms 127.*")


def test_a_drain_waits_for_the_disruption_budget_and_then_goes_on(desk: Desk) -> None:
    for command in (
        "kubectl apply -f web.yaml",
        "kubectl rollout status deployment/web --timeout 30s",
        "kubectl create poddisruptionbudget web --selector app=web --min-available 2",
        "kubectl wait --for=jsonpath='{.status.currentHealthy}'=2 poddisruptionbudget/web --timeout 20s",
    ):
        assert desk.type(command).ends() == 0
    try:
        drain = "kubectl drain cloudlet-1 --ignore-daemonsets --delete-emptydir-data --force --timeout 60s"
        with desk.type(drain) as draining:
            draining.until_line(
                'error when evicting pods/"web-*" -n "*" (will retry after 5s): '
                "Cannot evict pod as it would violate the pod's disruption budget."
            )
            assert desk.type("kubectl delete poddisruptionbudget web").ends() == 0
            draining.until_line("node/cloudlet-1 drained")
            assert draining.ends() == 0
    finally:
        assert desk.type("kubectl uncordon cloudlet-1").ends() == 0
    # They demand this node, so that new ones had to wait for it.
    assert desk.type("kubectl rollout status deployment/web --timeout 30s").ends() == 0


def test_no_controller_of_the_cluster_was_refused_anything(run: EmulatedRun) -> None:
    log = (run.out / "logs" / "world.log").read_text()
    assert [line for line in log.splitlines() if "level=warning" in line or "level=error" in line] == []
