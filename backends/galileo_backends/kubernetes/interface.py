"""What a service may ask of Kubernetes. Objects go in and come out as plain JSON, as the API server writes it."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from galileo_backends.kubernetes.resources import Resource

JsonObject = dict[str, Any]
Patch = JsonObject | list[JsonObject]
PatchKind = Literal["merge", "strategic", "json"]
WatchType = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class ListSnapshot:
    """All objects there are, at `resource_version`. It replaces what its receiver knew before."""

    items: list[JsonObject]
    resource_version: str


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """What became of `object`; with DELETED, how it was when it went.

    Through a selector, an object that begins or ceases to match is ADDED or DELETED, whatever happened to it otherwise.
    """

    type: WatchType
    object: JsonObject


class Kubernetes(Protocol):
    """An API server, real, emulated or in memory.

    Every call raises ApiError or one of its kinds (errors.py); none is tried again by itself, since only the caller
    knows whether that is safe. `namespace` is needed for objects that have one; without it, lists and watches span all
    namespaces.
    """

    def list_and_watch(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> AsyncGenerator[ListSnapshot | WatchEvent, None]:
        """A ListSnapshot, then every event after it, in order and without a gap, for as long as it is read.

        Streams that end, break or fall silent are resumed from the last resource version that was seen; where that past
        is gone, a new ListSnapshot follows. Raises what trying again cannot change (Unauthorized, Forbidden, NotFound,
        a wrong selector). Close it (`contextlib.aclosing`) when done; cancelling a read ends it as well.
        """
        ...

    async def list_all(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> ListSnapshot:
        """All objects, as they are now."""
        ...

    async def get(self, resource: Resource, name: str, *, namespace: str | None = None) -> JsonObject:
        """One object."""
        ...

    async def create(self, resource: Resource, body: JsonObject, *, namespace: str | None = None) -> JsonObject:
        """Creates an object; returns it as it was stored."""
        ...

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        uid: str | None = None,
        grace_period_s: int | None = None,
    ) -> JsonObject:
        """Deletes an object; with `uid`, only if it is still that one (else Conflict). Returns the API server's answer.

        A bound pod stays, with a deletion time, until its kubelet has stopped it and deletes it with a grace of 0.
        """
        ...

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """Changes an object; returns it.

        With a `metadata.resourceVersion` in the patch, only if it is still that version (else Conflict).
        """
        ...

    async def patch_status(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """Changes an object's status and nothing else; the patch begins at the object's root (`{"status": …}`)."""
        ...

    async def patch_resize(
        self, name: str, patch: Patch, *, namespace: str, kind: PatchKind = "strategic"
    ) -> JsonObject:
        """Changes what a pod's containers request and may use at most, while they run; returns the pod.

        Only cpu and memory of containers that are there; what else the patch holds is not taken. Invalid: a rule is
        broken, such as a request above its limit; Forbidden: the pod's node can never hold it. The kubelet does it and
        tells in the pod's status how far it is.
        """
        ...

    async def bind(
        self,
        namespace: str,
        pod: str,
        node: str,
        *,
        uid: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Puts a pod on a node; the annotations become the pod's. Conflict if it is bound, going, or not `uid`."""
        ...

    async def create_event(self, namespace: str, event: JsonObject) -> JsonObject:
        """Records an event (objects.event_about writes one)."""
        ...

    async def close(self) -> None:
        """Lets go of all connections."""
        ...
