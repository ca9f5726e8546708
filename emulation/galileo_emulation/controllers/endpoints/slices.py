"""The endpoint slices that a service should have, and how those that it has are changed into them.

Pods with the same ports share slices of at most 100. Slices that fit already stay as they are; of the others as few as
possible are written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from galileo_emulation.controllers.endpoints.addresses import Address, Port, host_and_node, target_reference
from galileo_emulation.controllers.node_lifecycle.zones import ZONE
from galileo_emulation.controllers.ownership import controller_reference
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import SERVICES

SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
HEADLESS = "service.kubernetes.io/headless"
MOST = 100

Ports = list[JsonObject]


@dataclass(slots=True)
class SliceChanges:
    """Slices to create, to write anew, and to delete."""

    create: list[JsonObject] = field(default_factory=list)
    update: list[JsonObject] = field(default_factory=list)
    delete: list[JsonObject] = field(default_factory=list)


def slice_changes(
    service: JsonObject, addresses: Sequence[Address], present: Sequence[JsonObject], nodes: Mapping[str, JsonObject]
) -> SliceChanges:
    """Compare what should be with the slices that are present. `nodes` by name give the addresses their zones."""
    by_ports: dict[tuple[Port, ...], list[JsonObject]] = defaultdict(list)
    for address in addresses:
        by_ports[address.ports].append(_endpoint(service, address, nodes))
    if not by_ports:
        # A service without pods has one slice that says so.
        by_ports[()] = []
    changes, unused = SliceChanges(), list(present)
    for ports, endpoints in by_ports.items():
        _into_slices(service, _ports(ports) if endpoints else [], endpoints, unused, changes)
    changes.delete += unused
    return changes


def _into_slices(
    service: JsonObject, ports: Ports, endpoints: list[JsonObject], unused: list[JsonObject], changes: SliceChanges
) -> None:
    known = [found for found in unused if (found.get("ports") or []) == ports]
    chunks = _chunks(endpoints, known)
    for found, chunk in zip_longest(known, chunks):
        if found is None:
            changes.create.append(_new(service, ports, chunk))
            continue
        if chunk is None:
            continue  # left among the unused, and so deleted
        unused.remove(found)
        wanted = {**found, "endpoints": chunk, "metadata": _metadata(service, found["metadata"])}
        if (found.get("endpoints") or []) != chunk or wanted["metadata"] != found["metadata"]:
            changes.update.append(wanted)


def _chunks(endpoints: list[JsonObject], known: Sequence[JsonObject]) -> list[list[JsonObject]]:
    """The endpoints of each slice: kept where they are, the new ones where there is room."""
    place = {_target(found): index for index, slice_ in enumerate(known) for found in slice_.get("endpoints") or ()}
    chunks: list[list[JsonObject]] = [[] for _ in known]
    new = []
    for endpoint in endpoints:
        index = place.get(_target(endpoint))
        if index is None:
            new.append(endpoint)
        else:
            chunks[index].append(endpoint)
    for endpoint in new:
        chunk = next((chunk for chunk in chunks if len(chunk) < MOST), None)
        if chunk is None:
            chunk = []
            chunks.append(chunk)
        chunk.append(endpoint)
    return [chunk for chunk in chunks if chunk] or [[]]


def _target(endpoint: JsonObject) -> str:
    uid: str = endpoint["targetRef"]["uid"]
    return uid


def _endpoint(service: JsonObject, address: Address, nodes: Mapping[str, JsonObject]) -> JsonObject:
    endpoint = {
        "addresses": [address.ip],
        "conditions": {
            "ready": address.ready,
            "serving": address.serving,
            "terminating": address.terminating,
        },
        "targetRef": target_reference(address.pod),
        **host_and_node(service, address.pod),
    }
    node = nodes.get(endpoint.get("nodeName", ""))
    zone = (node["metadata"].get("labels") or {}).get(ZONE) if node is not None else None
    return {**endpoint, "zone": zone} if zone else endpoint


def _ports(ports: Sequence[Port]) -> Ports:
    return [
        {"name": name, "port": number, "protocol": protocol, **({"appProtocol": application} if application else {})}
        for name, protocol, number, application in ports
    ]


def _new(service: JsonObject, ports: Ports, endpoints: list[JsonObject]) -> JsonObject:
    name = service["metadata"]["name"]
    metadata = {
        "generateName": f"{name}-",
        "namespace": service["metadata"]["namespace"],
        "ownerReferences": [controller_reference(SERVICES, service)],
    }
    body: JsonObject = {"metadata": _metadata(service, metadata), "addressType": "IPv4"}
    body["endpoints"] = endpoints or None
    body["ports"] = ports or None
    return body


def _metadata(service: JsonObject, present: JsonObject) -> JsonObject:
    labels = {**(service["metadata"].get("labels") or {})}
    labels[SERVICE_NAME] = service["metadata"]["name"]
    labels[MANAGED_BY] = MANAGER
    if service["spec"].get("clusterIP") == "None":
        labels[HEADLESS] = ""
    return {**present, "labels": labels}
