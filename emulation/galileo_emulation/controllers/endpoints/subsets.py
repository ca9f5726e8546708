"""The Endpoints object of a service: the older form of its endpoint slices, one object for all pods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from galileo_emulation.controllers.endpoints.addresses import Address, Port, host_and_node, target_reference
from galileo_emulation.controllers.endpoints.slices import HEADLESS
from galileo_emulation.kubernetes.apiobjects import JsonObject

MANAGED_BY = "endpoints.kubernetes.io/managed-by"
MANAGER = "endpoint-controller"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
# More addresses than this are left out, and an annotation says so.
MOST = 1000


def endpoints_of(service: JsonObject, addresses: Sequence[Address]) -> JsonObject:
    """The Endpoints object that a service should have. Pods in deletion are not in it."""
    staying = [address for address in addresses if not address.terminating]
    shown = sorted(staying, key=lambda address: not address.ready)[:MOST]
    by_ports: dict[tuple[Port, ...], list[Address]] = defaultdict(list)
    for address in shown:
        by_ports[address.ports].append(address)
    labels = {**(service["metadata"].get("labels") or {}), MANAGED_BY: MANAGER}
    if service["spec"].get("clusterIP") == "None":
        labels[HEADLESS] = ""
    metadata: JsonObject = {
        "name": service["metadata"]["name"],
        "namespace": service["metadata"]["namespace"],
        "labels": labels,
    }
    if len(staying) > MOST:
        metadata["annotations"] = {OVER_CAPACITY: "truncated"}
    body: JsonObject = {"metadata": metadata}
    subsets = [_subset(service, ports, found) for ports, found in by_ports.items()]
    return {**body, "subsets": subsets} if subsets else body


def _subset(service: JsonObject, ports: Sequence[Port], addresses: Sequence[Address]) -> JsonObject:
    subset: JsonObject = {}
    for name, ready in (("addresses", True), ("notReadyAddresses", False)):
        found = [_address(service, address) for address in addresses if address.ready is ready]
        if found:
            subset[name] = found
    if ports:
        subset["ports"] = [
            {
                **({"name": name} if name else {}),
                "port": number,
                "protocol": protocol,
                **({"appProtocol": application} if application else {}),
            }
            for name, protocol, number, application in ports
        ]
    return subset


def _address(service: JsonObject, address: Address) -> JsonObject:
    return {
        "ip": address.ip,
        **host_and_node(service, address.pod),
        "targetRef": target_reference(address.pod),
    }
