"""A Kubernetes whose writes are asked about, one by one: for dry runs, and for leaders that may have been deposed.

What is not done is answered by the object as it stands, or, for one that would be created, by its body with a UID that
nothing has. The API server is not asked for its opinion, so that a refusal of its own does not show.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from functools import partial

import orjson
from galileo_bus.service.write_guard import WriteGuard

from galileo_backends.kubernetes.interface import JsonObject, Kubernetes, ListSnapshot, Patch, PatchKind, WatchEvent
from galileo_backends.kubernetes.resources import EVENTS, PODS, Resource

UID = "dry-run"


class GuardedKubernetes:
    """A `Kubernetes`."""

    def __init__(self, inner: Kubernetes, guard: WriteGuard) -> None:
        self._inner = inner
        self._guard = guard

    def list_and_watch(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> AsyncGenerator[ListSnapshot | WatchEvent, None]:
        """See `Kubernetes.list_and_watch`."""
        return self._inner.list_and_watch(
            resource, namespace=namespace, label_selector=label_selector, field_selector=field_selector
        )

    async def list_all(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> ListSnapshot:
        """See `Kubernetes.list_all`."""
        return await self._inner.list_all(
            resource, namespace=namespace, label_selector=label_selector, field_selector=field_selector
        )

    async def get(self, resource: Resource, name: str, *, namespace: str | None = None) -> JsonObject:
        """See `Kubernetes.get`."""
        return await self._inner.get(resource, name, namespace=namespace)

    async def create(self, resource: Resource, body: JsonObject, *, namespace: str | None = None) -> JsonObject:
        """See `Kubernetes.create`."""
        what = f"POST {resource.path(namespace=namespace)}: {_shown(body)}"

        async def as_if_created() -> JsonObject:
            created = {"namespace": namespace, "uid": UID, "resourceVersion": "0"}
            return {**body, "metadata": {**body.get("metadata", {}), **created}}

        do = partial(self._inner.create, resource, body, namespace=namespace)
        return await self._guard.write(what, do, as_if_created)

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        uid: str | None = None,
        grace_period_s: int | None = None,
    ) -> JsonObject:
        """See `Kubernetes.delete`."""
        do = partial(self._inner.delete, resource, name, namespace=namespace, uid=uid, grace_period_s=grace_period_s)
        what = f"DELETE {resource.path(namespace=namespace, name=name)}"
        return await self._guard.write(what, do, self._as_it_is(resource, name, namespace))

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """See `Kubernetes.patch`."""
        what = f"PATCH {resource.path(namespace=namespace, name=name)}: {_shown(patch)}"
        do = partial(self._inner.patch, resource, name, patch, namespace=namespace, kind=kind)
        return await self._guard.write(what, do, self._as_it_is(resource, name, namespace))

    async def patch_status(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """See `Kubernetes.patch_status`."""
        what = f"PATCH {resource.path(namespace=namespace, name=name, subresource='status')}: {_shown(patch)}"
        do = partial(self._inner.patch_status, resource, name, patch, namespace=namespace, kind=kind)
        return await self._guard.write(what, do, self._as_it_is(resource, name, namespace))

    async def patch_resize(
        self, name: str, patch: Patch, *, namespace: str, kind: PatchKind = "strategic"
    ) -> JsonObject:
        """See `Kubernetes.patch_resize`."""
        what = f"PATCH {PODS.path(namespace=namespace, name=name, subresource='resize')}: {_shown(patch)}"
        do = partial(self._inner.patch_resize, name, patch, namespace=namespace, kind=kind)
        return await self._guard.write(what, do, self._as_it_is(PODS, name, namespace))

    async def bind(
        self,
        namespace: str,
        pod: str,
        node: str,
        *,
        uid: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """See `Kubernetes.bind`."""
        do = partial(self._inner.bind, namespace, pod, node, uid=uid, annotations=annotations)
        await self._guard.write(f"bind pod {namespace}/{pod} to {node}", do, _nothing)

    async def create_event(self, namespace: str, event: JsonObject) -> JsonObject:
        """See `Kubernetes.create_event`."""
        return await self.create(EVENTS, event, namespace=namespace)

    async def close(self) -> None:
        """See `Kubernetes.close`."""
        await self._inner.close()

    def _as_it_is(self, resource: Resource, name: str, namespace: str | None) -> Callable[[], Awaitable[JsonObject]]:
        return partial(self._inner.get, resource, name, namespace=namespace)


async def _nothing() -> None:
    return None


def _shown(body: object) -> str:
    text = orjson.dumps(body).decode()
    return text if len(text) <= 500 else f"{text[:500]}…"
