"""Whatever kind a definition gives a scale is scaled by the paths that it names."""

import pytest
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.custom.follow import follow
from galileo_emulation.kubernetes.kinds import (
    AUTOSCALERS,
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
)

from tests.emulation.controllers.autoscaling_scene import PERIOD_S, WARM_S, Load, Scene, autoscaler, loaded
from tests.emulation.controllers.emulated_cluster import emulated_cluster

pytestmark = pytest.mark.looptime


@pytest.mark.parametrize(
    ("largest", "size", "reason"), [(5, 2, "SucceededRescale"), (1, 1, "FailedUpdateScale")], ids=["scaled", "refused"]
)
async def test_a_custom_resource_is_scaled_by_the_paths_of_its_definition(largest: int, size: int, reason: str) -> None:
    load = Load(total_millicores=100.0)
    async with emulated_cluster(nodes=1, measures=load) as cluster:
        scene, catalog = Scene(cluster, load), cluster.store.catalog
        follow(cluster.store)
        await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, lamps_definition(largest))
        await cluster.run(1)
        lamps = catalog.find("example.org", "v1", "lamps")
        assert lamps is not None
        metadata = {"name": "web", "namespace": "default"}
        await cluster.api.create(lamps, {"metadata": metadata, "spec": {"size": 1}})
        status = {"size": 1, "selector": "app=web"}
        await cluster.api.patch(lamps, {"metadata": metadata, "status": status}, part="status")
        await cluster.create(DEPLOYMENTS, loaded(replicas=1))
        await cluster.run(WARM_S)
        await cluster.create(AUTOSCALERS, autoscaler("Lamp", "example.org/v1"))
        await cluster.run(PERIOD_S + 1)
        assert cluster.get(lamps, "web")["spec"]["size"] == size
        assert scene.reason("AbleToScale")[1] == reason
        assert len(scene.messages("FailedRescale" if size == 1 else "SuccessfulRescale")) == 1


def lamps_definition(largest: int) -> JsonObject:
    """Lamps that have a size, and a scale."""
    size = {"type": "object", "properties": {"size": {"type": "integer", "maximum": largest}}}
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    paths = {
        "specReplicasPath": ".spec.size",
        "statusReplicasPath": ".status.size",
        "labelSelectorPath": ".status.selector",
    }
    schema = {"type": "object", "properties": {"spec": size, "status": status}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    version["subresources"] = {"status": {}, "scale": paths}
    names = {"plural": "lamps", "kind": "Lamp"}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [version]}
    return {"metadata": {"name": "lamps.example.org"}, "spec": spec}
