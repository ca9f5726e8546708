"""The door into the emulated cluster for controllers that live in the same process: any kind, every operation.

    stored object -> (a decision) -> create, update, patch, delete -> webhooks -> store -> watchers, other controllers

Writing goes through the same operations as an HTTP request and is refused for the same reasons; admission webhooks
review it as they review requests. Reading shows what is stored, which must not be changed.
"""

from collections.abc import Callable
from typing import Literal, TypeVar

from .apiobjects import JsonObject, copied
from .errors import ApiError, not_found
from .kind import Kind
from .kinds import NAMESPACES
from .operations.creation import Admission, admit_everything, create
from .operations.deletion import Deletion, Propagation, delete, finalize
from .operations.scaling import SUBRESOURCE, scaling
from .operations.strategic import strategic_merge
from .operations.updates import update
from .storage.history import Stored
from .storage.store import Store
from .types.built_in_structures import structure_of
from .webhooks.admission import Admissions

Part = Literal["", "status"]
Result = TypeVar("Result")


class InProcessClient:
    """Reads and writes objects of a store. `admit` sees (plural, object) of everything that is created here."""

    def __init__(self, store: Store, *, admit: Admission = admit_everything) -> None:
        self._store = store
        self._admit = admit
        self._admissions = Admissions(store)

    async def close(self) -> None:
        """End the connections to webhooks."""
        await self._admissions.close()

    def get(self, kind: Kind, name: str, namespace: str = "") -> JsonObject | None:
        """The object as it is stored, not to be changed; None when there is none."""
        stored = self._store.get(kind, namespace, name)
        return stored.body if stored is not None else None

    async def create(self, kind: Kind, body: JsonObject) -> JsonObject:
        """Create `body` (copied) in the namespace that its metadata names; return it as stored. Raises ApiError."""
        namespace = body["metadata"].get("namespace", "")

        def operation() -> JsonObject:
            return create(self._store, kind, namespace, copied(body), admit=self._admit).body

        return await self._reviewed("", operation)

    async def update(self, kind: Kind, body: JsonObject, *, part: Part = "") -> JsonObject:
        """Replace an object, or its status, by `body` (copied); return it as stored.

        Raises ApiError: 404, and 409 when metadata.resourceVersion is given and no longer the present one.
        """

        def operation() -> JsonObject:
            current = self._present(kind, body["metadata"])
            return update(self._store, kind, current, copied(body), part=part).body

        return await self._reviewed(part, operation)

    async def patch(self, kind: Kind, patch: JsonObject, *, part: Part = "") -> JsonObject:
        """Merge `patch` into the object that its metadata names, lists such as conditions by key; return the whole.

        A uid or resourceVersion in the patch is a precondition. Raises ApiError (404, 409).
        """

        def operation() -> JsonObject:
            current = self._present(kind, patch["metadata"])
            merged = strategic_merge(patch, copied(current.body), structure_of(kind))
            # A list from which all was taken is an absent one to the API.
            merged["metadata"] = {name: value for name, value in merged["metadata"].items() if value not in ([], {})}
            return update(self._store, kind, current, merged, part=part).body

        return await self._reviewed(part, operation)

    async def scale(self, kind: Kind, body: JsonObject, replicas: int) -> JsonObject:
        """Set the number of replicas of the object that `body` is a state of, through its scale; return it as stored.

        Raises ApiError: 404, and 409 when it is another of that name or has changed.
        """

        def operation() -> JsonObject:
            current = self._present(kind, body["metadata"])
            changed, managed = scaling(self._store, kind, current, body, replicas)
            return update(self._store, kind, current, changed, managed=managed).body

        return await self._reviewed(SUBRESOURCE, operation)

    async def delete(
        self,
        kind: Kind,
        body: JsonObject,
        *,
        grace_s: int | None = None,
        propagation: Propagation | None = None,
        unchanged: bool = False,
    ) -> None:
        """Delete the object that `body` is a state of: of the same uid and, if `unchanged`, the same version.

        Raises ApiError: 404 when there is none of that name, 409 when it is another or has changed.
        """
        metadata = body["metadata"]
        version = metadata["resourceVersion"] if unchanged else None
        asked = Deletion(grace_s=grace_s, propagation=propagation, uid=metadata["uid"], resource_version=version)

        def operation() -> None:
            delete(self._store, kind, self._present(kind, metadata), asked)

        await self._reviewed("", operation)

    async def finalize(self, namespace: JsonObject, finalizers: list[str]) -> None:
        """Write the finalizers in the spec of a namespace. Raises ApiError (404)."""
        finalize(self._store, NAMESPACES, self._present(NAMESPACES, namespace["metadata"]), finalizers)

    def _present(self, kind: Kind, metadata: JsonObject) -> Stored:
        stored = self._store.get(kind, metadata.get("namespace", ""), metadata["name"])
        if stored is None:
            raise not_found(kind, metadata["name"])
        return stored

    async def _reviewed(self, subresource: str, operation: Callable[[], Result]) -> Result:
        """Run an operation, past the webhooks where there are any; it may run several times and then changes once."""
        if not self._admissions.needed:
            return operation()

        async def run() -> Result:
            return operation()

        result, _ = await self._admissions.reviewed(subresource, {}, run)
        return result


def is_gone(error: ApiError) -> bool:
    """Whether a call was refused because there is no such object."""
    return error.code == 404


def is_conflict(error: ApiError) -> bool:
    """Whether a call was refused because the object has changed meanwhile, or is another of the same name."""
    return error.code == 409 and error.reason == "Conflict"
