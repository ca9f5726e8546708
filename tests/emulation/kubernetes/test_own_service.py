"""The service `kubernetes`, by which programs in a cluster find its API server."""

from galileo_emulation.kubernetes import ApiServer, Store
from galileo_emulation.kubernetes.own_service import announce_api_server

from tests.emulation.kubernetes.calls import Calls

DEFAULT = "/api/v1/namespaces/default"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


async def test_it_leads_to_where_the_server_listens(store: Store, server: ApiServer, calls: Calls) -> None:
    announce_api_server(store, host=server.host, port=server.port)
    service = await calls.get(f"{DEFAULT}/services/kubernetes")
    assert service["spec"]["clusterIP"] == "10.96.0.1"
    assert service["spec"]["ports"] == [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": server.port}]
    assert service["metadata"]["labels"] == {"component": "apiserver", "provider": "kubernetes"}
    (found,) = (await calls.get(f"{SLICES}?labelSelector=kubernetes.io/service-name=kubernetes"))["items"]
    assert found["endpoints"] == [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}]
    assert found["ports"] == [{"name": "https", "port": server.port, "protocol": "TCP"}]
    endpoints = await calls.get(f"{DEFAULT}/endpoints/kubernetes")
    assert endpoints["subsets"][0]["addresses"] == [{"ip": "127.0.0.1"}]


async def test_a_world_that_goes_on_tells_its_new_port_and_keeps_the_address(store: Store, calls: Calls) -> None:
    announce_api_server(store, host="127.0.0.1", port=1111)
    before = await calls.get(f"{DEFAULT}/services/kubernetes")
    announce_api_server(store, host="127.0.0.1", port=2222)
    after = await calls.get(f"{DEFAULT}/services/kubernetes")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["spec"]["clusterIP"] == before["spec"]["clusterIP"]
    assert after["spec"]["ports"][0]["targetPort"] == 2222
    (found,) = (await calls.get(SLICES))["items"]
    assert found["ports"][0]["port"] == 2222
