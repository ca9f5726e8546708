"""What the kubelets need of a Kubernetes API: an interface, so that they neither know nor import who answers it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal, Protocol

from galileo_emulation.kubernetes.apiobjects import JsonObject

EventType = Literal["ADDED", "MODIFIED", "DELETED"]


class PodEvent(Protocol):
    """A pod came, changed or went; `pod` is the object as the API would send it, not to be changed."""

    @property
    def type(self) -> EventType: ...

    @property
    def pod(self) -> JsonObject: ...


class PodApi(Protocol):
    """The calls of kubelets. Those that answer a bool answer False if the object is gone."""

    def watch_pods(self) -> AsyncIterator[PodEvent]:
        """All pods: those that are there as ADDED, then every change; never ends."""

    async def patch_pod_status(self, *, namespace: str, name: str, uid: str, status: JsonObject) -> bool: ...

    async def remove_pod(self, *, namespace: str, name: str, uid: str) -> bool:
        """Say that a deleted pod has stopped, upon which its object goes."""

    async def put_node(self, node: JsonObject) -> None:
        """Create a node, or replace it if it is there."""

    async def patch_node_status(self, name: str, status: JsonObject) -> bool: ...

    async def renew_lease(self, node: str, *, duration_s: int) -> None:
        """Say that a node's kubelet lives: its lease in kube-node-lease is created, or renewed as of now."""

    async def record_event(
        self,
        *,
        regarding: JsonObject,
        reason: str,
        message: str,
        type: str = "Normal",  # noqa: A002 - the field's name in Kubernetes
        component: str,
        host: str = "",
    ) -> None:
        """`regarding` holds apiVersion, kind and metadata of the object; the same event again is counted.

        Raises ApiError if its namespace is gone.
        """
