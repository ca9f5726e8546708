"""Where a webhook's service is: the address of one of its pods, since nothing here forwards from a service's address.

The service's endpoint slices are asked first, then its endpoints, then the pods that its selector chooses.
"""

from collections.abc import Iterator

from ..apiobjects import JsonObject
from ..kinds import ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES
from ..storage.store import Store

Address = tuple[str, int]
SERVICE_LABEL = "kubernetes.io/service-name"


class NoAddressError(LookupError):
    """The service cannot be reached; the message says why."""


def address_of(store: Store, reference: JsonObject) -> Address:
    """Host and port of a service reference {namespace, name, port}. Raises NoAddressError."""
    namespace, name, number = reference["namespace"], reference["name"], reference["port"]
    service = store.get(SERVICES, namespace, name)
    if service is None:
        raise NoAddressError(f'service "{name}" not found')
    spec = service.body["spec"]
    if spec.get("type") == "ExternalName":
        return spec["externalName"], number
    port = next((entry for entry in spec.get("ports", []) if entry.get("port") == number), None)
    if port is None:
        raise NoAddressError(f'no service port {number} found for service "{name}"')
    found = next(_addresses(store, namespace, name, spec, port), None)
    if found is None:
        raise NoAddressError(f'no endpoints available for service "{name}"')
    return found


def _addresses(store: Store, namespace: str, name: str, spec: JsonObject, port: JsonObject) -> Iterator[Address]:
    for stored in store.objects(ENDPOINT_SLICES, namespace).values():
        if stored.body["metadata"].get("labels", {}).get(SERVICE_LABEL) == name:
            yield from _of_slice(stored.body, port)
    endpoints = store.get(ENDPOINTS, namespace, name)
    for subset in endpoints.body.get("subsets", []) if endpoints is not None else []:
        for address in subset.get("addresses", []):
            yield from ((address["ip"], entry["port"]) for entry in subset.get("ports", []) if _same_port(entry, port))
    if spec.get("selector"):
        for stored in store.objects(PODS, namespace).values():
            yield from _of_pod(stored.body, spec["selector"], port)


def _same_port(entry: JsonObject, port: JsonObject) -> bool:
    return bool(entry.get("name", "") == port.get("name", ""))


def _of_slice(body: JsonObject, port: JsonObject) -> Iterator[Address]:
    for endpoint in body.get("endpoints", []):
        if endpoint.get("conditions", {}).get("ready", True) and endpoint.get("addresses"):
            for entry in body.get("ports", []):
                if _same_port(entry, port):
                    yield endpoint["addresses"][0], entry["port"]


def _of_pod(body: JsonObject, selector: dict[str, str], port: JsonObject) -> Iterator[Address]:
    labels, status = body["metadata"].get("labels", {}), body.get("status", {})
    chosen = all(labels.get(key) == text for key, text in selector.items())
    running = status.get("phase") == "Running" and "deletionTimestamp" not in body["metadata"]
    if not chosen or not running or not status.get("podIP"):
        return
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        yield status["podIP"], target
    else:
        for container in body["spec"]["containers"]:
            for entry in container.get("ports", []):
                if entry.get("name") == target:
                    yield status["podIP"], entry["containerPort"]
