"""All controllers together: what is chosen, what goes wrong, and how long a large cluster takes."""

import asyncio
import random
import time
from typing import ClassVar

import pytest
from galileo_emulation.controllers import Controllers, ControllerSettings
from galileo_emulation.controllers.cluster import Cluster
from galileo_emulation.controllers.controller import Controller
from galileo_emulation.controllers.controllers import CONTROLLERS
from galileo_emulation.controllers.settings import ALL
from galileo_emulation.kubernetes import Store
from galileo_emulation.kubernetes.errors import conflict
from galileo_emulation.kubernetes.kinds import CONFIG_MAPS, DEPLOYMENTS, NODES, PODS
from galileo_emulation.kubernetes.operations.creation import admit_everything, create

from tests.emulation.controllers.emulated_cluster import emulated_cluster, node, workload


def test_the_settings_name_every_controller() -> None:
    assert tuple(kind.name for kind in CONTROLLERS) == ALL


def test_a_controller_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no scheduler; there are garbage-collector"):
        ControllerSettings(controllers=("scheduler",))


@pytest.mark.looptime
async def test_only_those_that_were_chosen_run() -> None:
    async with emulated_cluster(settings=ControllerSettings(controllers=("deployment",))) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2))
        await cluster.run(5)
        assert cluster.names(PODS) == []


@pytest.mark.looptime
async def test_what_was_there_before_the_start_is_taken_care_of() -> None:
    store = Store(now=time.time, rng=random.Random(1))
    body = workload("web", replicas=2)
    body["metadata"]["namespace"] = "default"
    create(store, DEPLOYMENTS, "default", body)
    async with Controllers(store) as controllers:
        await controllers.settled()
        assert store.count(PODS) == 2


class Clumsy(Controller):
    """Meets a conflict first, then makes a mistake, then does well."""

    name = "clumsy"
    seen: ClassVar[list[str]] = []

    def watch(self) -> None:
        self.cluster.informers.of(CONFIG_MAPS).on_change(lambda change: self.queue.add(change.key))

    async def reconcile(self, namespace: str, name: str) -> float | None:
        self.seen.append(name)
        if len(self.seen) == 1:
            raise conflict(CONFIG_MAPS, name, "it has changed")
        if len(self.seen) == 2:
            raise KeyError("a mistake")
        return None


@pytest.mark.looptime
async def test_conflicts_are_tried_again_silently_and_mistakes_are_told(caplog: pytest.LogCaptureFixture) -> None:
    store = Store(now=time.time, rng=random.Random(1))
    cluster = Cluster.over(store, ControllerSettings(), admit_everything)
    controller = Clumsy(cluster, lambda: None)
    running = asyncio.create_task(controller.run())
    with cluster.informers.running():
        create(store, CONFIG_MAPS, "default", {"metadata": {"name": "settings"}})
        await asyncio.sleep(10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert Clumsy.seen == ["settings"] * 3
    assert controller.faults == ["default/settings"]
    (told,) = caplog.records
    assert told.levelname == "ERROR"
    assert "clumsy controller: default/settings: failed" in told.getMessage()


async def test_ten_thousand_pods_settle_in_seconds() -> None:
    store = Store(now=time.time, rng=random.Random(1))
    for number in range(20):
        create(store, NODES, "", node(f"node-{number}"))
    async with Controllers(store) as controllers:
        began = time.process_time()
        for number in range(200):
            body = workload(f"web-{number}", replicas=50)
            body["metadata"]["namespace"] = "default"
            create(store, DEPLOYMENTS, "default", body)
        await controllers.settled(within_s=0.1)
        assert store.count(PODS) == 10_000
        # About 2 s of one core on the usual machine.
        assert time.process_time() - began < 10
        assert controllers.faults == []
