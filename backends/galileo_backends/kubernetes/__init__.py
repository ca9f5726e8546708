"""Kubernetes: nodes, pods and what else the API server keeps.

`Kubernetes` is what a service asks for; objects are plain JSON, as the API server writes them. `HttpKubernetes` speaks
to a real (or emulated) API server, `MemoryKubernetes` is its twin for tests and simulations. Both pass
tests/backends/kubernetes/.
"""

from galileo_backends.kubernetes.client import HttpKubernetes
from galileo_backends.kubernetes.connection import Connection, connect
from galileo_backends.kubernetes.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    ServerUnavailable,
    TooManyRequests,
    Unauthorized,
)
from galileo_backends.kubernetes.interface import (
    JsonObject,
    Kubernetes,
    ListSnapshot,
    Patch,
    PatchKind,
    WatchEvent,
    WatchType,
)
from galileo_backends.kubernetes.memory import MemoryKubernetes
from galileo_backends.kubernetes.objects import event_about
from galileo_backends.kubernetes.resources import DEPLOYMENTS, EVENTS, LEASES, NAMESPACES, NODES, PODS, Resource

__all__ = [
    "DEPLOYMENTS",
    "EVENTS",
    "LEASES",
    "NAMESPACES",
    "NODES",
    "PODS",
    "AlreadyExists",
    "ApiError",
    "Conflict",
    "Connection",
    "Forbidden",
    "Gone",
    "HttpKubernetes",
    "Invalid",
    "JsonObject",
    "Kubernetes",
    "ListSnapshot",
    "MemoryKubernetes",
    "NotFound",
    "Patch",
    "PatchKind",
    "Resource",
    "ServerUnavailable",
    "TooManyRequests",
    "Unauthorized",
    "WatchEvent",
    "WatchType",
    "connect",
    "event_about",
]
