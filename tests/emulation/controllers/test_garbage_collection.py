"""What becomes of objects when their owners go: in the background, in the foreground, or let go."""

import pytest
from galileo_emulation.controllers.garbage.owner_graph import OwnerGraph
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import (
    CLUSTER_ROLES,
    CONFIG_MAPS,
    DEPLOYMENTS,
    JOBS,
    NODES,
    PODS,
    REPLICA_SETS,
    SECRETS,
)
from galileo_emulation.kubernetes.operations.deletion import FOREGROUND
from galileo_emulation.kubernetes.storage.history import Change, Stored

from tests.emulation.controllers.emulated_cluster import emulated_cluster, node, workload

pytestmark = pytest.mark.looptime


def reference(kind: Kind, owner: JsonObject, **more: object) -> JsonObject:
    metadata = owner["metadata"]
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": metadata["name"],
        "uid": metadata["uid"],
        **more,
    }


def owned(name: str, *owners: JsonObject, **metadata: object) -> JsonObject:
    return {"metadata": {"name": name, "ownerReferences": list(owners), **metadata}}


async def test_in_the_background_the_owner_goes_first_and_then_what_it_owned() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=2))
        await cluster.run(1)
        await cluster.delete(DEPLOYMENTS, "web")
        assert cluster.names(DEPLOYMENTS) == []
        assert len(cluster.names(PODS)) == 2
        await cluster.run(1)
        assert (cluster.names(REPLICA_SETS), cluster.names(PODS)) == ([], [])


async def test_in_the_foreground_the_owner_waits_for_what_blocks_it() -> None:
    async with emulated_cluster() as cluster:
        await cluster.create(DEPLOYMENTS, workload("web", replicas=1))
        await cluster.run(1)
        (name,) = cluster.names(PODS)
        await cluster.change(PODS, name, metadata={"finalizers": ["example.galileo/hold"]})
        await cluster.delete(DEPLOYMENTS, "web", propagation="Foreground")
        await cluster.run(1)
        assert cluster.get(DEPLOYMENTS, "web")["metadata"]["finalizers"] == [FOREGROUND]
        (replica_set,) = cluster.all(REPLICA_SETS)
        assert replica_set["metadata"]["finalizers"] == [FOREGROUND]
        assert "deletionTimestamp" in cluster.get(PODS, name)["metadata"]
        await cluster.change(PODS, name, metadata={"$deleteFromPrimitiveList/finalizers": ["example.galileo/hold"]})
        await cluster.run(1)
        assert (cluster.names(PODS), cluster.names(REPLICA_SETS), cluster.names(DEPLOYMENTS)) == ([], [], [])


async def test_an_owner_in_the_foreground_does_not_wait_for_dependents_that_do_not_block() -> None:
    async with emulated_cluster() as cluster:
        owner = await cluster.create(CONFIG_MAPS, owned("owner"))
        hold = {"finalizers": ["example.galileo/hold"]}
        await cluster.create(SECRETS, owned("lax", reference(CONFIG_MAPS, owner), **hold))
        await cluster.delete(CONFIG_MAPS, "owner", propagation="Foreground")
        await cluster.run(1)
        assert cluster.names(CONFIG_MAPS) == []
        assert "deletionTimestamp" in cluster.get(SECRETS, "lax")["metadata"]


async def test_orphans_lose_the_reference_and_stay() -> None:
    async with emulated_cluster() as cluster:
        owner = await cluster.create(CONFIG_MAPS, owned("owner"))
        other = await cluster.create(CONFIG_MAPS, owned("other"))
        references = (reference(CONFIG_MAPS, owner), reference(CONFIG_MAPS, other))
        await cluster.create(SECRETS, owned("both", *references))
        await cluster.delete(CONFIG_MAPS, "owner", propagation="Orphan")
        await cluster.run(1)
        assert cluster.names(CONFIG_MAPS) == ["other"]
        assert cluster.get(SECRETS, "both")["metadata"]["ownerReferences"] == [reference(CONFIG_MAPS, other)]


async def test_an_object_stays_while_one_of_its_owners_does() -> None:
    async with emulated_cluster() as cluster:
        first = await cluster.create(CONFIG_MAPS, owned("first"))
        second = await cluster.create(CONFIG_MAPS, owned("second"))
        await cluster.create(SECRETS, owned("both", *(reference(CONFIG_MAPS, each) for each in (first, second))))
        await cluster.delete(CONFIG_MAPS, "first")
        await cluster.run(1)
        assert cluster.get(SECRETS, "both")["metadata"]["ownerReferences"] == [reference(CONFIG_MAPS, second)]
        await cluster.delete(CONFIG_MAPS, "second")
        await cluster.run(1)
        assert cluster.names(SECRETS) == []


async def test_an_owner_is_its_uid_a_namesake_is_none() -> None:
    async with emulated_cluster() as cluster:
        owner = await cluster.create(CONFIG_MAPS, owned("owner"))
        await cluster.create(SECRETS, owned("dependent", reference(CONFIG_MAPS, owner)))
        await cluster.delete(CONFIG_MAPS, "owner")
        await cluster.create(CONFIG_MAPS, owned("owner"))
        await cluster.run(1)
        assert cluster.names(SECRETS) == []


async def test_a_reference_to_another_name_than_the_owners_is_to_nobody() -> None:
    async with emulated_cluster() as cluster:
        owner = await cluster.create(CONFIG_MAPS, owned("owner"))
        await cluster.create(SECRETS, owned("dependent", {**reference(CONFIG_MAPS, owner), "name": "other"}))
        await cluster.run(1)
        assert cluster.names(SECRETS) == []


async def test_cluster_wide_owners_have_dependents_in_namespaces_but_not_the_other_way_round() -> None:
    async with emulated_cluster() as cluster:
        machine = await cluster.create(NODES, node("edge"))
        inside = await cluster.create(CONFIG_MAPS, owned("inside", reference(NODES, machine)))
        await cluster.create(CLUSTER_ROLES, owned("outside", reference(CONFIG_MAPS, inside)))
        await cluster.delete(NODES, "edge")
        await cluster.run(1)
        assert cluster.names(CONFIG_MAPS) == []
        assert cluster.names(CLUSTER_ROLES) == ["outside"]


async def test_a_dependent_of_an_unknown_kind_is_left_alone() -> None:
    async with emulated_cluster() as cluster:
        stranger = {"apiVersion": "example.galileo/v1", "kind": "Stranger", "name": "x", "uid": "1"}
        await cluster.create(SECRETS, owned("dependent", stranger))
        await cluster.run(10)
        assert cluster.names(SECRETS) == ["dependent"]


async def test_a_circle_of_owners_in_the_foreground_is_broken() -> None:
    async with emulated_cluster() as cluster:
        first = await cluster.create(CONFIG_MAPS, owned("first"))
        block = {"blockOwnerDeletion": True}
        second = await cluster.create(SECRETS, owned("second", reference(CONFIG_MAPS, first, **block)))
        circle = [reference(SECRETS, second, **block)]
        await cluster.change(CONFIG_MAPS, "first", metadata={"ownerReferences": circle})
        await cluster.delete(CONFIG_MAPS, "first", propagation="Foreground")
        await cluster.run(1)
        assert (cluster.names(CONFIG_MAPS), cluster.names(SECRETS)) == ([], [])


async def test_a_job_lets_its_dependents_go_unless_told_otherwise() -> None:
    job = {"metadata": {"name": "work"}, "spec": {"template": workload("work")["spec"]["template"]}}
    job["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    async with emulated_cluster() as cluster:
        owner = await cluster.create(JOBS, job)
        await cluster.create(SECRETS, owned("result", reference(JOBS, owner)))
        await cluster.delete(JOBS, "work")
        await cluster.run(1)
        assert cluster.names(JOBS) == []
        assert "ownerReferences" not in cluster.get(SECRETS, "result")["metadata"]


async def test_a_deletion_under_way_can_be_changed_to_the_background() -> None:
    async with emulated_cluster() as cluster:
        owner = await cluster.create(CONFIG_MAPS, owned("owner"))
        hold = {"finalizers": ["example.galileo/hold"]}
        await cluster.create(SECRETS, owned("slow", reference(CONFIG_MAPS, owner, blockOwnerDeletion=True), **hold))
        await cluster.delete(CONFIG_MAPS, "owner", propagation="Foreground")
        await cluster.run(1)
        assert cluster.names(CONFIG_MAPS) == ["owner"]
        await cluster.delete(CONFIG_MAPS, "owner", propagation="Background")
        assert cluster.names(CONFIG_MAPS) == []


def test_nothing_is_looked_at_for_objects_whose_owners_are_well() -> None:
    def added(kind: Kind, uid: str, *owners: JsonObject) -> tuple[Kind, Change]:
        metadata = {"name": uid, "namespace": "default", "uid": uid, "ownerReferences": list(owners)}
        stored = Stored.of({"metadata": metadata}, 1)
        return kind, Change(f"default/{uid}", 1, None, stored, stored)

    graph, owner = OwnerGraph(), {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": "owner"}
    assert graph.observe(*added(CONFIG_MAPS, "owner")) == []
    assert graph.observe(*added(SECRETS, "well", owner)) == []
    assert graph.observe(*added(SECRETS, "orphan", {**owner, "uid": "other"})) == ["orphan"]
    assert graph.observe(*added(SECRETS, "misnamed", {**owner, "name": "other"})) == ["misnamed"]
