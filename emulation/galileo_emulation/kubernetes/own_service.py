"""The service `kubernetes` in namespace default, by which programs in a cluster find its API server.

The API server makes it itself, with its endpoints, and keeps them in step with where it listens: a world that goes on
listens at another port than before.
"""

from .apiobjects import JsonObject, copied
from .kind import Kind
from .kinds import ENDPOINT_SLICES, ENDPOINTS, SERVICES
from .operations.creation import create
from .operations.updates import update
from .storage.store import Store

_NAMESPACE, _NAME = "default", "kubernetes"
_MANAGER = "kube-apiserver"
_PORT_NAME, _PORT = "https", 443


def announce_api_server(store: Store, *, host: str, port: int) -> None:
    """Say where the API server listens; `host` is an IPv4 address.

    The port is called `https` as in every cluster, since that is the name that programs look for.
    """
    behind = {"name": _PORT_NAME, "port": port, "protocol": "TCP"}
    service = {
        "metadata": _metadata({"component": "apiserver", "provider": "kubernetes"}),
        "spec": {"ports": [{"name": _PORT_NAME, "port": _PORT, "protocol": "TCP", "targetPort": port}]},
    }
    endpoints = {
        "metadata": _metadata({"endpointslice.kubernetes.io/skip-mirror": "true"}),
        "subsets": [{"addresses": [{"ip": host}], "ports": [behind]}],
    }
    slice_ = {
        "metadata": _metadata({"kubernetes.io/service-name": _NAME}),
        "addressType": "IPv4",
        "endpoints": [{"addresses": [host], "conditions": {"ready": True}}],
        "ports": [behind],
    }
    for kind, body in ((SERVICES, service), (ENDPOINTS, endpoints), (ENDPOINT_SLICES, slice_)):
        _put(store, kind, body)


def _metadata(labels: dict[str, str]) -> JsonObject:
    return {"name": _NAME, "namespace": _NAMESPACE, "labels": labels}


def _put(store: Store, kind: Kind, body: JsonObject) -> None:
    present = store.get(kind, _NAMESPACE, _NAME)
    if present is None:
        create(store, kind, _NAMESPACE, body, manager=_MANAGER)
        return
    metadata = {**copied(present.body)["metadata"], "labels": body["metadata"]["labels"]}
    update(store, kind, present, {**body, "metadata": metadata}, manager=_MANAGER)
