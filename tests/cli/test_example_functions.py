"""The example of a local function runs as it is told, from its scenario file to its answer."""

import time
from pathlib import Path

import orjson
from galileo_backends.http import HttpClient
from galileo_cli.emulate.manifests import initial_pods
from galileo_cli.emulate.world_spec import world_spec
from galileo_emulation.kubernetes.kinds import PODS
from galileo_emulation.kubernetes.operations.creation import create
from galileo_experiments.scenario_file import load_scenario, parse_scenario
from galileo_experiments.scenario_writer import write_scenario

from tests.emulation.kubelets.cluster import Cluster
from tests.emulation.kubelets.until import until

EXAMPLE = Path(__file__).parents[2] / "examples" / "functions" / "primes.yaml"


async def test_a_replica_of_the_example_answers_with_what_its_code_computes() -> None:
    scenario = load_scenario(EXAMPLE)
    cluster, client = Cluster(now=time.time), HttpClient()
    async with cluster.world(world_spec(scenario)) as world:
        pods = initial_pods(scenario, port=world.function_port)
        (pod,) = [pod for pod in pods if pod["metadata"]["name"].startswith("primes-")]
        pod["spec"]["nodeName"] = "rack"
        name = pod["metadata"]["name"]
        create(cluster.store, PODS, "default", pod)
        await until(lambda: cluster.is_ready(name), timeout_s=20.0)
        response = await client.request("GET", cluster.status(name)["podIP"], world.function_port, "/")
        await client.close()
    assert orjson.loads(response.body) == {"primes": 2262, "pod": name, "node": "rack"}


def test_the_scenario_can_be_read_again_from_another_folder(tmp_path: Path) -> None:
    scenario = load_scenario(EXAMPLE)
    image = scenario.functions[0].image
    assert image == f"local:{EXAMPLE.parent}/primes.py"
    assert parse_scenario(write_scenario(scenario), folder=tmp_path).functions == scenario.functions
