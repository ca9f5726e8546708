"""Pods and nodes as events describe them, with as few words as a test needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from galileo_schemas.events import NodeUpdate, PodContainer, PodPending, PodState


def _node(name: str, *, cpu: str = "4", memory: str = "8Gi", pods: str = "110", **fields: Any) -> NodeUpdate:
    return NodeUpdate(name=name, allocatable={"cpu": cpu, "memory": memory, "pods": pods}, **fields)


def _pod(
    name: str, *, kind: type[PodState] = PodPending, cpu: str = "100m", memory: str = "64Mi", **fields: Any
) -> PodState:
    container = PodContainer(name="main", resource_requests={"cpu": cpu, "memory": memory})
    shown = {"status": "Pending", "scheduler_name": "custom-scheduler", "containers": {"main": container}}
    return kind(pod_uid=f"uid-{name}", name=name, **{**shown, **fields})


@pytest.fixture(scope="session")
def node() -> Callable[..., NodeUpdate]:
    """`node(name, cpu=…, memory=…, pods=…, **fields of NodeUpdate)`."""
    return _node


@pytest.fixture(scope="session")
def pod() -> Callable[..., PodState]:
    """`pod(name, cpu=…, memory=…, kind=…, **fields of PodState)`."""
    return _pod
