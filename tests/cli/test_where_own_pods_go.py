"""Nodes of gateways and clients are theirs alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from galileo_backends.kubernetes.pod_state import pod_state
from galileo_cli.emulate.manifests import initial_pods
from galileo_cli.emulate.world_spec import world_spec
from galileo_emulation.kubelets.node_objects import node_object
from galileo_experiments.scenario import Scenario
from galileo_experiments.scenario_file import load_scenario
from galileo_schemas.events import NodeUpdate, PodState
from galileo_services.scheduler_binder.node_usage import NodeUsage
from galileo_services.scheduler_binder.placement import Placement, place

WORLD = Path(__file__).parents[1] / "end_to_end" / "kubectl" / "files" / "small-world.yaml"


@pytest.fixture
def scenario() -> Scenario:
    return load_scenario(str(WORLD))


def nodes_of(scenario: Scenario) -> list[NodeUpdate]:
    """The nodes as their kubelets register them, and as an observer tells of them."""
    found = [node_object(spec, ip="127.1.0.1", now=0.0) for spec in world_spec(scenario).nodes]
    return [
        NodeUpdate(
            name=node["metadata"]["name"],
            zone=node["metadata"]["labels"]["ether.edgerun.io/zone"],
            labels=node["metadata"]["labels"],
            allocatable=node["status"]["allocatable"],
            taints=node["spec"].get("taints", []),
        )
        for node in found
    ]


def placed(pod: PodState, scenario: Scenario) -> str:
    choice = place(pod, nodes_of(scenario), NodeUsage(), lambda origin, destination: None)
    assert isinstance(choice, Placement), choice
    return choice.node


def test_gateways_and_clients_get_the_nodes_that_are_kept_for_them(scenario: Scenario) -> None:
    own = [pod for pod in initial_pods(scenario, port=8080) if pod["metadata"]["name"].startswith("galileo-")]
    for number, pod in enumerate(own):
        pod["metadata"]["uid"] = str(number)
    where = {placed(pod_state(pod), scenario) for pod in own}
    assert where == {f"{role}-{zone.name}" for zone in scenario.zones for role in ("gateway", "client")}


def test_other_pods_go_to_workers(scenario: Scenario) -> None:
    assert placed(PodState(pod_uid="u", name="guest"), scenario) == "cloud-1"
