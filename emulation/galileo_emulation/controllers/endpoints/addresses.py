"""Which pods are behind a service, how each is reached, and on which ports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from galileo_emulation.controllers.pod_facts import is_finished, is_leaving, is_ready, node_of
from galileo_emulation.kubernetes.apiobjects import JsonObject

Port = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Address:
    """A pod behind a service. `ready` is what clients go by; `serving` says the same of pods in deletion."""

    ip: str
    pod: JsonObject
    ports: tuple[Port, ...]
    ready: bool
    serving: bool
    terminating: bool


def addresses_of(service: JsonObject, pods: Iterable[JsonObject]) -> list[Address]:
    """The addresses of a service's pods, in the order of their IPs' names."""
    found = []
    for pod in pods:
        ip = pod.get("status", {}).get("podIP")
        if not ip or is_finished(pod):
            continue
        serving, terminating = is_ready(pod), is_leaving(pod)
        eager = bool(service["spec"].get("publishNotReadyAddresses"))
        found.append(
            Address(
                ip=ip,
                pod=pod,
                ports=_ports(service, pod),
                ready=eager or (serving and not terminating),
                serving=serving,
                terminating=terminating,
            )
        )
    return sorted(found, key=lambda address: (address.ip, address.pod["metadata"]["name"]))


def target_reference(pod: JsonObject) -> JsonObject:
    """The reference by which an address names its pod."""
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def host_and_node(service: JsonObject, pod: JsonObject) -> JsonObject:
    """The fields hostname and nodeName of an address, as far as there are such."""
    spec = pod["spec"]
    found = {"nodeName": node_of(pod)} if node_of(pod) else {}
    if spec.get("hostname") and spec.get("subdomain") == service["metadata"]["name"]:
        found["hostname"] = spec["hostname"]
    return found


def _ports(service: JsonObject, pod: JsonObject) -> tuple[Port, ...]:
    """The ports that a pod offers of the service's: (name, protocol, number, appProtocol)."""
    found = []
    for port in service["spec"].get("ports", ()):
        protocol = port.get("protocol", "TCP")
        number = _number(port.get("targetPort", port["port"]), protocol, pod)
        if number is not None:
            found.append((port.get("name", ""), protocol, number, port.get("appProtocol", "")))
    return tuple(found)


def _number(target: int | str, protocol: str, pod: JsonObject) -> int | None:
    """The number of a target port; a named one is looked up in the pod's containers."""
    if isinstance(target, int):
        return target
    for container in pod["spec"].get("containers", ()):
        for port in container.get("ports", ()):
            if port.get("name") == target and port.get("protocol", "TCP") == protocol:
                number: int = port["containerPort"]
                return number
    return None
