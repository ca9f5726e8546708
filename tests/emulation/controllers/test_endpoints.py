"""Services have endpoints, in both forms, for the pods that they select."""

from typing import Any

import pytest
from galileo_emulation.controllers.endpoints.addresses import addresses_of
from galileo_emulation.controllers.endpoints.slices import slice_changes
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import ENDPOINT_SLICES, ENDPOINTS, NODES, PODS, SERVICES

from tests.emulation.controllers.emulated_cluster import EmulatedCluster, emulated_cluster, pod, ready


def service(**spec: Any) -> JsonObject:
    wanted = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}], **spec}
    return {"metadata": {"name": "web", "namespace": "default", "uid": "s", "labels": {"team": "x"}}, "spec": wanted}


def slices(cluster: EmulatedCluster) -> list[JsonObject]:
    return cluster.all(ENDPOINT_SLICES)


@pytest.mark.looptime
async def test_ready_pods_are_addresses_and_others_are_told_apart() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.change(NODES, "node-0", metadata={"labels": {"topology.kubernetes.io/zone": "zone-a"}})
        await cluster.create(SERVICES, service())
        for name in ("a", "b"):
            await cluster.create(PODS, pod(name, app="web"))
        await cluster.create(PODS, pod("other", app="db"))
        await cluster.run(1)
        await cluster.change_status(PODS, "b", {"conditions": [ready(cluster.now, "False")]})
        await cluster.run(1)
        (found,) = slices(cluster)
        assert found["metadata"]["labels"]["kubernetes.io/service-name"] == "web"
        assert found["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
        by_pod = {endpoint["targetRef"]["name"]: endpoint for endpoint in found["endpoints"]}
        assert {name: endpoint["conditions"]["ready"] for name, endpoint in by_pod.items()} == {"a": True, "b": False}
        assert (by_pod["a"]["nodeName"], by_pod["a"]["zone"]) == ("node-0", "zone-a")
        assert by_pod["a"]["addresses"] == [cluster.get(PODS, "a")["status"]["podIP"]]
        (subset,) = cluster.get(ENDPOINTS, "web")["subsets"]
        assert [address["targetRef"]["name"] for address in subset["addresses"]] == ["a"]
        assert [address["targetRef"]["name"] for address in subset["notReadyAddresses"]] == ["b"]
        assert cluster.get(ENDPOINTS, "web")["metadata"]["labels"]["team"] == "x"


@pytest.mark.looptime
async def test_a_pod_that_goes_is_taken_out() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(SERVICES, service())
        await cluster.create(PODS, pod("a", app="web"))
        await cluster.run(1)
        await cluster.delete(PODS, "a")
        await cluster.run(1)
        assert slices(cluster)[0]["endpoints"] is None
        assert "subsets" not in cluster.get(ENDPOINTS, "web")


@pytest.mark.looptime
async def test_endpoints_go_with_their_service_and_are_left_alone_without_a_selector() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(SERVICES, service())
        await cluster.run(1)
        await cluster.delete(SERVICES, "web")
        await cluster.run(1)
        assert (slices(cluster), cluster.names(ENDPOINTS)) == ([], [])
        await cluster.create(SERVICES, service(selector={}))
        await cluster.create(ENDPOINTS, {"metadata": {"name": "web"}, "subsets": [{"addresses": [{"ip": "10.1.2.3"}]}]})
        await cluster.run(1)
        assert cluster.get(ENDPOINTS, "web")["subsets"] == [{"addresses": [{"ip": "10.1.2.3"}]}]


@pytest.mark.looptime
async def test_a_slice_that_somebody_changed_is_put_right() -> None:
    async with emulated_cluster(nodes=1) as cluster:
        await cluster.create(SERVICES, service())
        await cluster.create(PODS, pod("a", app="web"))
        await cluster.run(1)
        (found,) = slices(cluster)
        await cluster.api.update(ENDPOINT_SLICES, {**found, "endpoints": []})
        await cluster.run(1)
        assert len(slices(cluster)[0]["endpoints"]) == 1


def running(number: int, **port: object) -> JsonObject:
    metadata = {"name": f"p{number}", "namespace": "default", "uid": f"u{number}", "labels": {"app": "web"}}
    container = {"name": "c", "ports": [{"name": "http", "containerPort": 8000, **port}]}
    status = {"podIP": f"10.0.{number // 250}.{number % 250 + 1}", "conditions": [ready(0)]}
    return {"metadata": metadata, "spec": {"containers": [container]}, "status": status}


def test_a_named_target_port_is_that_of_each_pod() -> None:
    named = service(ports=[{"name": "http", "port": 80, "targetPort": "http"}])
    pods = [running(0), running(1, containerPort=9000)]
    changes = slice_changes(named, addresses_of(named, pods), [], {})
    assert sorted(body["ports"][0]["port"] for body in changes.create) == [8000, 9000]


def test_slices_hold_at_most_a_hundred_and_few_are_written_anew() -> None:
    web = service()
    pods = [running(number) for number in range(250)]
    made = slice_changes(web, addresses_of(web, pods), [], {}).create
    assert [len(body["endpoints"]) for body in made] == [100, 100, 50]
    again = slice_changes(web, addresses_of(web, pods), made, {})
    assert (again.create, again.update, again.delete) == ([], [], [])
    without_one = slice_changes(web, addresses_of(web, pods[:130] + pods[131:]), made, {})
    assert [len(body["endpoints"]) for body in without_one.update] == [99]
    assert (without_one.create, without_one.delete) == ([], [])


def test_of_pods_that_are_not_ready_some_services_want_to_know_all_the_same() -> None:
    unready = running(0)
    unready["status"]["conditions"] = [ready(0, "False")]
    assert [address.ready for address in addresses_of(service(), [unready])] == [False]
    assert [address.ready for address in addresses_of(service(publishNotReadyAddresses=True), [unready])] == [True]
