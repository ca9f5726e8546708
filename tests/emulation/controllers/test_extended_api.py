"""Controllers and what extends the API: custom kinds are collected too, and webhooks see what controllers do."""

import random
import time
from collections.abc import AsyncIterator

import pytest
from galileo_emulation.controllers import Controllers
from galileo_emulation.kubernetes import InProcessClient, Store
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.custom.follow import follow
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import (
    CONFIG_MAPS,
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
    MUTATING_WEBHOOKS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    VALIDATING_WEBHOOKS,
)

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, workload
from tests.emulation.kubernetes.custom.definitions import definition, spec_schema
from tests.emulation.kubernetes.webhooks.webhook_server import (
    WebhookServer,
    configuration,
    deny,
    patch,
    serving,
    webhook,
)


async def define_lamps(cluster: EmulatedCluster) -> Kind:
    """Define the kind Lamp while the controllers run."""
    follow(cluster.store)
    await cluster.create(CUSTOM_RESOURCE_DEFINITIONS, definition(spec_schema(watts={"type": "integer"})))
    await cluster.run(1)
    lamps = cluster.store.catalog.find("example.org", "v1", "lamps")
    assert lamps is not None
    return lamps


def owned_by(kind: Kind, owner: JsonObject) -> JsonObject:
    metadata = owner["metadata"]
    return {"apiVersion": kind.api_version, "kind": kind.kind, "name": metadata["name"], "uid": metadata["uid"]}


async def make(cluster: EmulatedCluster, kind: Kind, name: str, **metadata: object) -> JsonObject:
    return await cluster.api.create(kind, {"metadata": {"name": name, "namespace": "default", **metadata}})


@pytest.mark.looptime
async def test_custom_objects_own_and_are_owned() -> None:
    async with emulated_cluster() as cluster:
        lamps = await define_lamps(cluster)
        room = await make(cluster, CONFIG_MAPS, "room")
        lamp = await make(cluster, lamps, "lamp", ownerReferences=[owned_by(CONFIG_MAPS, room)])
        await make(cluster, CONFIG_MAPS, "bulb", ownerReferences=[owned_by(lamps, lamp)])
        await cluster.run(1)
        assert (cluster.names(lamps), cluster.names(CONFIG_MAPS)) == (["lamp"], ["bulb", "room"])
        await cluster.delete(CONFIG_MAPS, "room", propagation="Foreground")
        await cluster.run(1)
        assert (cluster.names(lamps), cluster.names(CONFIG_MAPS)) == ([], [])


@pytest.mark.looptime
async def test_what_a_custom_object_owned_goes_with_its_definition() -> None:
    async with emulated_cluster() as cluster:
        lamps = await define_lamps(cluster)
        lamp = await make(cluster, lamps, "lamp")
        await make(cluster, CONFIG_MAPS, "bulb", ownerReferences=[owned_by(lamps, lamp)])
        await cluster.delete(CUSTOM_RESOURCE_DEFINITIONS, "lamps.example.org")
        await cluster.run(1)
        assert cluster.names(CONFIG_MAPS) == []


@pytest.mark.looptime
async def test_a_namespace_is_emptied_of_custom_objects() -> None:
    async with emulated_cluster() as cluster:
        lamps = await define_lamps(cluster)
        await cluster.create(NAMESPACES, {"metadata": {"name": "shop"}})
        await cluster.api.create(lamps, {"metadata": {"name": "lamp", "namespace": "shop"}})
        await cluster.delete(NAMESPACES, "shop")
        await cluster.run(1)
        assert cluster.names(lamps) == []
        assert "shop" not in cluster.names(NAMESPACES)


@pytest.fixture
async def hooks() -> AsyncIterator[WebhookServer]:
    async with serving() as server:
        yield server


@pytest.fixture
async def cluster() -> AsyncIterator[EmulatedCluster]:
    """A cluster in real time, as webhooks are real servers."""
    store = Store(now=time.time, rng=random.Random(1))
    async with Controllers(store) as controllers:
        yield EmulatedCluster(store, controllers)
        assert controllers.faults == []


async def test_webhooks_change_the_pods_that_controllers_create(cluster: EmulatedCluster, hooks: WebhookServer) -> None:
    _, body = configuration("Mutating", "changers", webhook(hooks.url, rule={"operations": ["CREATE"]}))
    hooks.replies["/"] = patch({"op": "add", "path": "/metadata/labels/seen", "value": "yes"})
    await cluster.create(MUTATING_WEBHOOKS, body)
    await cluster.create(DEPLOYMENTS, workload("web", replicas=3))
    await cluster.controllers.settled(within_s=0.2)
    assert [pod["metadata"]["labels"]["seen"] for pod in cluster.all(PODS)] == ["yes"] * 3


async def test_what_webhooks_refuse_is_told_and_tried_again(cluster: EmulatedCluster, hooks: WebhookServer) -> None:
    _, body = configuration("Validating", "judges", webhook(hooks.url, rule={"operations": ["CREATE"]}))
    hooks.replies["/"] = deny("not today")
    client = InProcessClient(cluster.store)
    judges = await client.create(VALIDATING_WEBHOOKS, body)
    await cluster.create(DEPLOYMENTS, workload("web"))
    await cluster.controllers.settled()
    (replica_set,) = cluster.all(REPLICA_SETS)
    (failure,) = replica_set["status"]["conditions"]
    assert "not today" in failure["message"]
    assert cluster.names(PODS) == []
    await client.delete(VALIDATING_WEBHOOKS, judges)
    await cluster.controllers.settled(within_s=2.0)
    assert len(cluster.names(PODS)) == 1
    await client.close()
