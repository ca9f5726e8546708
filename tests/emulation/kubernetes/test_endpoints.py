"""Endpoints, in their older form and as slices."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls

ENDPOINTS = "/api/v1/namespaces/default/endpoints"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
INVALID, REQUIRED, UNSUPPORTED = "FieldValueInvalid", "FieldValueRequired", "FieldValueNotSupported"


def endpoints(**subset: Any) -> dict[str, Any]:
    return {"metadata": {"name": "e"}, "subsets": [{"addresses": [{"ip": "10.0.0.1"}], **subset}]}


def slice_of(**fields: Any) -> dict[str, Any]:
    own = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}], "ports": [{"port": 80}]}
    return {"metadata": {"name": "e"}, **own, **fields}


async def test_ports_are_of_tcp_and_slices_name_them(calls: Calls) -> None:
    made = await calls.create(ENDPOINTS, endpoints(ports=[{"port": 80}]))
    assert made["subsets"][0]["ports"] == [{"port": 80, "protocol": "TCP"}]
    made = await calls.create(SLICES, slice_of())
    assert made["ports"] == [{"name": "", "port": 80, "protocol": "TCP"}]
    assert made["endpoints"] == [{"addresses": ["10.0.0.1"], "conditions": {}}]
    bare = await calls.create(SLICES, {"metadata": {"name": "bare"}, "addressType": "IPv4"})
    assert (bare["endpoints"], bare["ports"]) == (None, None)


async def test_the_generation_of_a_slice_follows_its_content_and_its_labels(calls: Calls) -> None:
    await calls.create(SLICES, slice_of())
    generations = []
    for patch in (
        {"metadata": {"annotations": {"a": "b"}}},
        {"metadata": {"labels": {"a": "b"}}},
        {"endpoints": [{"addresses": ["10.0.0.2"]}]},
        {"endpoints": [{"addresses": ["10.0.0.2"]}]},
    ):
        _, changed = await calls.patch(f"{SLICES}/e", patch)
        generations.append(changed["metadata"]["generation"])
    assert generations == [1, 2, 3, 3]


async def test_a_slice_keeps_its_type_of_addresses(calls: Calls) -> None:
    await calls.create(SLICES, slice_of())
    change = {"addressType": "FQDN", "endpoints": [{"addresses": ["a.example"]}]}
    assert await calls.refused_change(f"{SLICES}/e", change) == [(INVALID, "addressType")]


@pytest.mark.parametrize(
    ("place", "body", "causes"),
    [
        (ENDPOINTS, endpoints(addresses=[]), [(REQUIRED, "subsets[0]")]),
        (ENDPOINTS, endpoints(addresses=[{"ip": "169.254.0.1"}]), [(INVALID, "subsets[0].addresses[0].ip")]),
        (ENDPOINTS, endpoints(ports=[{"port": 0}]), [(INVALID, "subsets[0].ports[0].port")]),
        (SLICES, slice_of(addressType=""), [(REQUIRED, "addressType")]),
        (SLICES, slice_of(addressType="MAC"), [(UNSUPPORTED, "addressType")]),
        (SLICES, slice_of(addressType="IPv6"), [(INVALID, "endpoints[0].addresses[0]")]),
        (SLICES, slice_of(endpoints=[{}]), [(REQUIRED, "endpoints[0].addresses")]),
        (SLICES, slice_of(ports=[{"port": 1}, {"port": 2}]), [("FieldValueDuplicate", "ports[1].name")]),
    ],
)
async def test_what_nobody_could_reach_is_refused(
    calls: Calls, place: str, body: dict[str, Any], causes: list[tuple[str, str]]
) -> None:
    assert await calls.refused(place, body) == causes


async def test_the_older_form_is_answered_with_a_warning(calls: Calls) -> None:
    assert await calls.warnings("GET", ENDPOINTS) == [
        '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
    ]
