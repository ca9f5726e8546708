"""The door into the emulated cluster for controllers that live in the same process: any kind, every operation.

    stored object -> (a decision) -> create, update, patch, delete -> store -> watchers, other controllers

Writing goes through the same operations as an HTTP request and is refused for the same reasons. Reading shows what is
stored, which must not be changed. The calls that write are coroutines, as admission may have to ask somebody.
"""

from typing import Literal

from .apiobjects import JsonObject, copied
from .creation import Admission, admit_everything, create
from .deletion import Deletion, Propagation, delete, finalize
from .errors import ApiError, not_found
from .history import Stored
from .kind import Kind
from .kinds import NAMESPACES
from .store import Store
from .strategic import strategic_merge
from .updates import update

Part = Literal["", "status"]


class InProcessClient:
    """Reads and writes objects of a store. `admit` sees (plural, object) of everything that is created here."""

    def __init__(self, store: Store, *, admit: Admission = admit_everything) -> None:
        self._store = store
        self._admit = admit

    def get(self, kind: Kind, name: str, namespace: str = "") -> JsonObject | None:
        """The object as it is stored, not to be changed; None when there is none."""
        stored = self._store.get(kind, namespace, name)
        return stored.body if stored is not None else None

    async def create(self, kind: Kind, body: JsonObject) -> JsonObject:
        """Create `body` (copied) in the namespace that its metadata names; return it as stored. Raises ApiError."""
        namespace = body["metadata"].get("namespace", "")
        return create(self._store, kind, namespace, copied(body), admit=self._admit).body

    async def update(self, kind: Kind, body: JsonObject, *, part: Part = "") -> JsonObject:
        """Replace an object, or its status, by `body` (copied); return it as stored.

        Raises ApiError: 404, and 409 when metadata.resourceVersion is given and no longer the present one.
        """
        current = self._present(kind, body["metadata"]["name"], body["metadata"].get("namespace", ""))
        return update(self._store, kind, current, copied(body), part=part).body

    async def patch(self, kind: Kind, patch: JsonObject, *, part: Part = "") -> JsonObject:
        """Merge `patch` into the object that its metadata names, lists such as conditions by key; return the whole.

        A uid or resourceVersion in the patch is a precondition. Raises ApiError (404, 409).
        """
        current = self._present(kind, patch["metadata"]["name"], patch["metadata"].get("namespace", ""))
        merged = strategic_merge(patch, copied(current.body))
        # A list from which all was taken is an absent one to the API.
        merged["metadata"] = {name: value for name, value in merged["metadata"].items() if value not in ([], {})}
        return update(self._store, kind, current, merged, part=part).body

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
        current = self._present(kind, metadata["name"], metadata.get("namespace", ""))
        version = metadata["resourceVersion"] if unchanged else None
        asked = Deletion(grace_s=grace_s, propagation=propagation, uid=metadata["uid"], resource_version=version)
        delete(self._store, kind, current, asked)

    async def finalize(self, namespace: JsonObject, finalizers: list[str]) -> None:
        """Write the finalizers in the spec of a namespace. Raises ApiError (404)."""
        finalize(self._store, NAMESPACES, self._present(NAMESPACES, namespace["metadata"]["name"], ""), finalizers)

    def _present(self, kind: Kind, name: str, namespace: str) -> Stored:
        stored = self._store.get(kind, namespace, name)
        if stored is None:
            raise not_found(kind, name)
        return stored


def is_gone(error: ApiError) -> bool:
    """Whether a call was refused because there is no such object."""
    return error.code == 404


def is_conflict(error: ApiError) -> bool:
    """Whether a call was refused because the object has changed meanwhile, or is another of the same name."""
    return error.code == 409 and error.reason == "Conflict"
