"""Kubernetes' twin in memory: enough of an API server for services, no HTTP. For tests and for simulations in virtual
time.

It knows names, namespaces, UIDs, resource versions, selectors, patches, bindings, resizes of pods, graceful deletion of
bound pods, and watches. It has no defaults, no validation but that of resizes, no controllers and no kubelets; who
needs those wants the emulated API server.

Each watcher has a queue of its own that is filled in the same step as an object changes, so that a watch has no gap and
never has to resume.
"""

import asyncio
import copy
import random
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from galileo_backends.kubernetes.errors import AlreadyExists, ApiError, Conflict, Invalid, NotFound
from galileo_backends.kubernetes.interface import (
    JsonObject,
    ListSnapshot,
    Patch,
    PatchKind,
    WatchEvent,
    WatchType,
)
from galileo_backends.kubernetes.objects import timestamp
from galileo_backends.kubernetes.patches import patched
from galileo_backends.kubernetes.resize import check_capacity, resized
from galileo_backends.kubernetes.resources import EVENTS, NAMESPACES, NODES, PODS, Resource
from galileo_backends.kubernetes.selectors import Question, selector

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # what the API server makes generated names of
_DEFAULT_GRACE_S = 30


class _Key(NamedTuple):
    resource: Resource
    namespace: str
    name: str


@dataclass(slots=True, eq=False)
class _Watcher:
    resource: Resource
    namespace: str | None
    chosen: Question
    events: asyncio.Queue[WatchEvent] = field(default_factory=asyncio.Queue)


class MemoryKubernetes:
    """A `Kubernetes` that lives in this process.

    Args:
        now: Unix time in seconds, for creation and deletion times.
        rng: for generated names and UIDs.
        namespaces: that exist from the beginning; others are created as objects.
    """

    def __init__(
        self, *, now: Callable[[], float], rng: random.Random, namespaces: tuple[str, ...] = ("default",)
    ) -> None:
        self._now = now
        self._rng = rng
        self._objects: dict[_Key, JsonObject] = {}
        self._version = 0
        self._watchers: list[_Watcher] = []
        for name in namespaces:
            self._create(NAMESPACES, {"metadata": {"name": name}}, None)

    async def list_and_watch(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> AsyncGenerator[ListSnapshot | WatchEvent, None]:
        """See Kubernetes.list_and_watch."""
        watcher = _Watcher(resource, namespace, _question(label_selector, field_selector))
        self._watchers.append(watcher)
        try:
            yield self._list(watcher)
            while True:
                yield await watcher.events.get()
        finally:
            self._watchers.remove(watcher)

    async def list_all(
        self,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> ListSnapshot:
        """See Kubernetes.list_all."""
        return self._list(_Watcher(resource, namespace, _question(label_selector, field_selector)))

    async def get(self, resource: Resource, name: str, *, namespace: str | None = None) -> JsonObject:
        """See Kubernetes.get."""
        return copy.deepcopy(self._objects[self._find(resource, namespace, name)])

    async def create(self, resource: Resource, body: JsonObject, *, namespace: str | None = None) -> JsonObject:
        """See Kubernetes.create."""
        return self._create(resource, body, namespace)

    async def delete(
        self,
        resource: Resource,
        name: str,
        *,
        namespace: str | None = None,
        uid: str | None = None,
        grace_period_s: int | None = None,
    ) -> JsonObject:
        """See Kubernetes.delete."""
        key = self._find(resource, namespace, name)
        self._check_uid(key, uid)
        grace_s = self._grace_s(key, grace_period_s)
        if key.resource == PODS:
            self._mark_going(key, grace_s)
        return self._remove(key) if grace_s == 0 else copy.deepcopy(self._objects[key])

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """See Kubernetes.patch. As with a real one, `status` is left as it is."""
        key = self._find(resource, namespace, name)
        old = self._objects[key]
        new = self._patched(key, patch, kind)
        new.pop("status", None)
        if "status" in old:
            new["status"] = copy.deepcopy(old["status"])
        if key.resource == PODS and new.get("spec", {}).get("nodeName") != old.get("spec", {}).get("nodeName"):
            raise Invalid(422, "Invalid", f'Pod "{name}" is invalid: spec.nodeName is set by a binding')
        if key.resource == PODS and _resources_of(new) != _resources_of(old):
            raise Invalid(
                422, "Invalid", f'Pod "{name}" is invalid: spec: Forbidden: resources change by a resize only'
            )
        return self._store(key, _next_generation(old, new))

    async def patch_status(
        self,
        resource: Resource,
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        kind: PatchKind = "merge",
    ) -> JsonObject:
        """See Kubernetes.patch_status."""
        key = self._find(resource, namespace, name)
        new = copy.deepcopy(self._objects[key])
        new["status"] = self._patched(key, patch, kind).get("status", {})
        return self._store(key, new)

    async def patch_resize(
        self, name: str, patch: Patch, *, namespace: str, kind: PatchKind = "strategic"
    ) -> JsonObject:
        """See Kubernetes.patch_resize. As with a real one, the status is the kubelet's to write."""
        key = self._find(PODS, namespace, name)
        old = self._objects[key]
        new = resized(old, self._patched(key, patch, kind))
        if new["spec"] != old["spec"] and new["spec"].get("nodeName"):
            check_capacity(new, self._objects.get(_Key(NODES, "", new["spec"]["nodeName"])))
        return self._store(key, _next_generation(old, new))

    async def bind(
        self,
        namespace: str,
        pod: str,
        node: str,
        *,
        uid: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """See Kubernetes.bind. As with a real one, nobody looks whether the node exists."""
        key = self._find(PODS, namespace, pod)
        self._check_uid(key, uid)
        bound = copy.deepcopy(self._objects[key])
        metadata, spec = bound["metadata"], bound.setdefault("spec", {})
        if "deletionTimestamp" in metadata:
            raise _conflict("pods/binding", pod, f"pod {pod} is being deleted, cannot be assigned to a host")
        if spec.get("nodeName"):
            raise _conflict("pods/binding", pod, f'pod {pod} is already assigned to node "{spec["nodeName"]}"')
        spec["nodeName"] = node
        if annotations:
            metadata["annotations"] = {**metadata.get("annotations", {}), **annotations}
        scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": timestamp(self._now())}
        status = bound.setdefault("status", {})
        others = [old for old in status.get("conditions", ()) if old["type"] != "PodScheduled"]
        status["conditions"] = [*others, scheduled]
        self._store(key, bound)

    async def create_event(self, namespace: str, event: JsonObject) -> JsonObject:
        """See Kubernetes.create_event."""
        return self._create(EVENTS, event, namespace)

    async def close(self) -> None:
        """Nothing to let go of."""

    def _list(self, watcher: _Watcher) -> ListSnapshot:
        found = sorted(key for key in self._objects if _concerns(watcher, key))
        items = [copy.deepcopy(self._objects[key]) for key in found if watcher.chosen(self._objects[key])]
        return ListSnapshot(items, str(self._version))

    def _create(self, resource: Resource, body: JsonObject, namespace: str | None) -> JsonObject:
        new = copy.deepcopy(body)
        metadata = new.setdefault("metadata", {})
        resource.path(namespace=namespace, name="")  # says what is wrong with the namespace
        if namespace is not None:
            self._find(NAMESPACES, None, namespace)
            if metadata.setdefault("namespace", namespace) != namespace:
                raise ApiError(400, "BadRequest", "the namespace of the object is not that of the request")
        name = metadata.get("name") or self._generated_name(metadata.get("generateName", ""), resource)
        key = _Key(resource, namespace or "", name)
        if key in self._objects:
            details = {"name": name, "kind": resource.plural}
            raise AlreadyExists(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', details)
        new.update(apiVersion=resource.api_version, kind=resource.kind)
        created = {"uid": str(uuid.UUID(int=self._rng.getrandbits(128), version=4))}
        metadata.update(created, name=name, creationTimestamp=timestamp(self._now()))
        if resource == PODS:
            metadata["generation"] = 1
            new.setdefault("status", {}).setdefault("phase", "Pending")
        return self._store(key, new)

    def _generated_name(self, prefix: str, resource: Resource) -> str:
        if not prefix:
            why = "metadata.name: Required value: name or generateName is required"
            raise Invalid(422, "Invalid", f'{resource.kind} "" is invalid: {why}')
        return prefix + "".join(self._rng.choices(_SUFFIX_LETTERS, k=5))

    def _find(self, resource: Resource, namespace: str | None, name: str) -> _Key:
        resource.path(namespace=namespace, name=name)  # says what is wrong with the namespace
        key = _Key(resource, namespace or "", name)
        if key not in self._objects:
            details = {"name": name, "kind": resource.plural}
            raise NotFound(404, "NotFound", f'{resource.qualified} "{name}" not found', details)
        return key

    def _check_uid(self, key: _Key, uid: str | None) -> None:
        is_uid = self._objects[key]["metadata"]["uid"]
        if uid is not None and uid != is_uid:
            raise _conflict(key.resource.plural, key.name, f"UID in precondition: {uid}, UID in object meta: {is_uid}")

    def _grace_s(self, key: _Key, wanted_s: int | None) -> int:
        """How long an object may take to go. Only a pod on a node, that has not ended, takes any time."""
        spec, status = self._objects[key].get("spec", {}), self._objects[key].get("status", {})
        if key.resource != PODS or not spec.get("nodeName") or status.get("phase") in ("Succeeded", "Failed"):
            return 0
        return wanted_s if wanted_s is not None else int(spec.get("terminationGracePeriodSeconds", _DEFAULT_GRACE_S))

    def _mark_going(self, key: _Key, grace_s: int) -> None:
        """Writes when a pod will be gone. A second delete may only shorten that."""
        going = copy.deepcopy(self._objects[key])
        metadata = going["metadata"]
        if grace_s < metadata.get("deletionGracePeriodSeconds", grace_s + 1):
            metadata["deletionTimestamp"] = timestamp(self._now() + grace_s)
            metadata["deletionGracePeriodSeconds"] = grace_s
            self._store(key, going)

    def _patched(self, key: _Key, patch: Patch, kind: PatchKind) -> JsonObject:
        old = self._objects[key]
        new = patched(old, patch, kind)
        for fixed in ("resourceVersion", "uid"):
            if new["metadata"].get(fixed) != old["metadata"][fixed]:
                raise _conflict(key.resource.plural, key.name, f"the object has been modified ({fixed} differs)")
        if new["metadata"].get("name") != key.name:
            raise ApiError(400, "BadRequest", "the name of the object does not match the name on the URL")
        return new

    def _store(self, key: _Key, new: JsonObject) -> JsonObject:
        """Keeps an object under a new resource version and tells the watchers, unless nothing changed."""
        old = self._objects.get(key)
        if old is not None and new == old:
            return copy.deepcopy(old)
        self._version += 1
        new["metadata"]["resourceVersion"] = str(self._version)
        self._objects[key] = new
        self._tell(key, old, new)
        return copy.deepcopy(new)

    def _remove(self, key: _Key) -> JsonObject:
        old = self._objects.pop(key)
        self._version += 1
        gone = copy.deepcopy(old)
        gone["metadata"]["resourceVersion"] = str(self._version)
        self._tell(key, old, None, gone)
        return copy.deepcopy(gone)

    def _tell(self, key: _Key, old: JsonObject | None, new: JsonObject | None, gone: JsonObject | None = None) -> None:
        for watcher in self._watchers:
            if not _concerns(watcher, key):
                continue
            before = old is not None and watcher.chosen(old)
            after = new is not None and watcher.chosen(new)
            if before or after:
                kind: WatchType = "MODIFIED" if before and after else "ADDED" if after else "DELETED"
                watcher.events.put_nowait(WatchEvent(kind, copy.deepcopy(new or gone or {})))


def _next_generation(old: JsonObject, new: JsonObject) -> JsonObject:
    """A pod's generation rises with its spec."""
    if "generation" in old["metadata"] and new.get("spec") != old.get("spec"):
        new["metadata"]["generation"] = old["metadata"]["generation"] + 1
    return new


def _resources_of(pod: JsonObject) -> list[tuple[Any, Any]]:
    return [(row.get("name"), row.get("resources") or {}) for row in pod.get("spec", {}).get("containers", ())]


def _concerns(watcher: _Watcher, key: _Key) -> bool:
    return key.resource == watcher.resource and watcher.namespace in (None, key.namespace)


def _question(label_selector: str | None, field_selector: str | None) -> Question:
    try:
        return selector(label_selector=label_selector, field_selector=field_selector)
    except ValueError as error:
        raise ApiError(400, "BadRequest", str(error)) from error


def _conflict(kind: str, name: str, why: str) -> Conflict:
    message = f'Operation cannot be fulfilled on {kind} "{name}": {why}'
    return Conflict(409, "Conflict", message, {"name": name, "kind": kind})
