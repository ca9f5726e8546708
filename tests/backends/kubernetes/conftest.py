"""The Kubernetes under test: the twin in memory, then the HTTP client against the emulated API server."""

import random
from collections.abc import AsyncIterator

import pytest
from galileo_backends.kubernetes import (
    NAMESPACES,
    PODS,
    Connection,
    HttpKubernetes,
    JsonObject,
    Kubernetes,
    MemoryKubernetes,
)
from galileo_emulation.kubernetes.http.server import ApiServer
from galileo_emulation.kubernetes.storage.store import Store

NOW_S = 1_700_000_000.0


def now() -> float:
    return NOW_S


@pytest.fixture(params=["memory", "http"])
async def kubernetes(request: pytest.FixtureRequest) -> AsyncIterator[Kubernetes]:
    """An API server with the namespace `default` and nothing else."""
    if request.param == "memory":
        yield MemoryKubernetes(now=now, rng=random.Random(1))
        return
    store = Store(now=now, rng=random.Random(1))
    async with (
        ApiServer(store, host="127.0.0.1", port=0) as server,
        HttpKubernetes(Connection(base_url=server.url), rng=random.Random(1)) as client,
    ):
        yield client


def pod(name: str, **labels: str) -> JsonObject:
    """A pod that any API server takes."""
    containers = [{"name": "main", "image": "registry.example/app:1.0"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {"containers": containers},
    }


async def create_pod(kubernetes: Kubernetes, name: str, **labels: str) -> JsonObject:
    return await kubernetes.create(PODS, pod(name, **labels), namespace="default")


async def create_namespace(kubernetes: Kubernetes, name: str) -> None:
    await kubernetes.create(NAMESPACES, {"metadata": {"name": name}})
