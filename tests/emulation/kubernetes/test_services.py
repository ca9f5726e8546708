"""Services get addresses and ports of nodes, keep them across changes, and give back what their type does not have."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import SERVICES

INVALID, REQUIRED = "FieldValueInvalid", "FieldValueRequired"
FORBIDDEN, UNSUPPORTED = "FieldValueForbidden", "FieldValueNotSupported"


def service(name: str = "s", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], "selector": {"app": "x"}, **spec}}


async def test_each_service_has_an_address_of_its_own(calls: Calls) -> None:
    first = await calls.create(SERVICES, service("a"))
    asked = str(ip_address(first["spec"]["clusterIP"]) + 1)
    second = await calls.create(SERVICES, service("b", clusterIP=asked))
    third = await calls.create(SERVICES, service("c", clusterIP=""))
    addresses = [made["spec"]["clusterIP"] for made in (first, second, third)]
    assert addresses[1] == asked
    assert len(set(addresses)) == 3
    assert all(ip_address(address) in ip_network("10.96.0.0/12") for address in addresses)
    assert await calls.refused(SERVICES, service("d", clusterIP=asked)) == [(INVALID, "spec.clusterIPs")]
    assert await calls.refused(SERVICES, service("d", clusterIP="192.168.0.1")) == [(INVALID, "spec.clusterIPs")]
    assert await calls.refused(SERVICES, service("d", clusterIP="nowhere")) == [(INVALID, "spec.clusterIPs[0]")]


async def test_ports_of_nodes_are_given_out_once(calls: Calls) -> None:
    made = await calls.create(SERVICES, service("a", type="NodePort"))
    (port,) = made["spec"]["ports"]
    assert 30000 <= port["nodePort"] <= 32767
    assert made["spec"]["externalTrafficPolicy"] == "Cluster"
    taken = [{"port": 80, "nodePort": port["nodePort"]}]
    where = "spec.ports[0].nodePort"
    assert await calls.refused(SERVICES, service("b", type="NodePort", ports=taken)) == [(INVALID, where)]
    out_of_range = [{"port": 80, "nodePort": 80}]
    assert await calls.refused(SERVICES, service("b", type="NodePort", ports=out_of_range)) == [(INVALID, where)]
    over_udp = [{"port": 80, "protocol": "UDP", "nodePort": port["nodePort"]}]
    await calls.create(SERVICES, service("c", type="NodePort", ports=over_udp))


async def test_what_was_given_out_is_kept_by_those_who_leave_it_out(calls: Calls) -> None:
    made = await calls.create(SERVICES, service("a", type="NodePort"))
    status, put = await calls.send("PUT", f"{SERVICES}/a", service("a", type="NodePort"))
    assert (status, put["spec"]) == (200, made["spec"])
    assert put["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def test_an_address_does_not_change_once_it_was_given_out(calls: Calls) -> None:
    await calls.create(SERVICES, service("a"))
    change = {"spec": {"clusterIP": "10.99.0.1"}}
    assert await calls.refused_change(f"{SERVICES}/a", change) == [(INVALID, "spec.clusterIPs[0]")]


async def test_a_service_that_becomes_another_gives_back_what_it_does_not_have(calls: Calls) -> None:
    await calls.create(SERVICES, service("a", type="NodePort"))
    _, plain = await calls.patch(f"{SERVICES}/a", {"spec": {"type": "ClusterIP"}})
    assert "nodePort" not in plain["spec"]["ports"][0]
    assert "externalTrafficPolicy" not in plain["spec"]
    _, outside = await calls.patch(f"{SERVICES}/a", {"spec": {"type": "ExternalName", "externalName": "db.example"}})
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & set(outside["spec"])
    _, inside = await calls.patch(f"{SERVICES}/a", {"spec": {"type": "ClusterIP", "externalName": None}})
    assert inside["spec"]["clusterIP"].startswith("10.")


async def test_an_external_name_has_no_address(calls: Calls) -> None:
    made = await calls.create(SERVICES, service("a", type="ExternalName", externalName="db.example", ports=[]))
    assert "clusterIP" not in made["spec"]
    assert await calls.refused(SERVICES, service("b", type="ExternalName")) == [(REQUIRED, "spec.externalName")]


async def test_endpoints_of_a_headless_service_without_selector_may_be_of_any_family(calls: Calls) -> None:
    made = await calls.create(SERVICES, service("a", clusterIP="None", selector={}))
    assert made["spec"]["clusterIPs"] == ["None"]
    assert (made["spec"]["ipFamilies"], made["spec"]["ipFamilyPolicy"]) == (["IPv4", "IPv6"], "RequireDualStack")


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"ports": []}, [(REQUIRED, "spec.ports")]),
        ({"ports": [{"port": 80}, {"port": 81, "name": "b"}]}, [(REQUIRED, "spec.ports[0].name")]),
        ({"ports": [{"port": 0}]}, [(INVALID, "spec.ports[0].port"), (INVALID, "spec.ports[0].targetPort")]),
        ({"ports": [{"port": 80, "targetPort": "TOO_LONG"}]}, [(INVALID, "spec.ports[0].targetPort")] * 2),
        ({"ports": [{"port": 80, "protocol": "ICMP"}]}, [(UNSUPPORTED, "spec.ports[0].protocol")]),
        ({"ports": [{"port": 80, "nodePort": 30000}]}, [(FORBIDDEN, "spec.ports[0].nodePort")]),
        ({"type": "NodePort", "clusterIP": "None"}, [(INVALID, "spec.clusterIPs[0]")]),
        ({"type": "Elsewhere"}, [(UNSUPPORTED, "spec.type")]),
        ({"sessionAffinity": "Sometimes"}, [(UNSUPPORTED, "spec.sessionAffinity")]),
        ({"externalIPs": ["here"]}, [(INVALID, "spec.externalIPs[0]")]),
        ({"selector": {"a b": "c"}}, [(INVALID, "spec.selector")]),
    ],
)
async def test_a_service_that_reaches_nothing_is_refused(
    calls: Calls, spec: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(SERVICES, service(**spec)) == causes
