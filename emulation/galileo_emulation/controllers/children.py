"""The objects of one kind that belong to an owner of another, such as the pods of a replica set.

A change of a child calls for its owner, the present and the former one. A child without an owner calls for every owner
in its namespace whose selector it fits, but only when it is new or its labels or owners have changed, so that the
comings and goings of objects that nobody owns cost nothing.
"""

from __future__ import annotations

from galileo_emulation.controllers.informer import Informers, key_of
from galileo_emulation.controllers.label_selector import is_empty
from galileo_emulation.controllers.ownership import (
    Claim,
    adoption_patch,
    by_controller,
    claim,
    controller_of,
    release_patch,
)
from galileo_emulation.controllers.selection import Selection, spec_selector
from galileo_emulation.controllers.work_queue import WorkQueue
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.in_process import InProcessClient
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.storage.history import Change


class Children:
    """Finds the children of owners, and puts an owner's key into `queue` when one of them changes."""

    def __init__(
        self, informers: Informers, api: InProcessClient, *, owner: Kind, child: Kind, queue: WorkQueue
    ) -> None:
        self._api = api
        self._owner_kind = owner
        self._child_kind = child
        self._queue = queue
        self._owners = informers.of(owner)
        self._owners.index("uid", by_uid)
        self._selection = Selection(informers, owner=owner, chosen=child, selector=_choosy)
        self._children = informers.of(child)
        self._children.index("controller", by_controller)
        self._children.on_change(self._changed)

    def of(self, owner: JsonObject) -> list[JsonObject]:
        """The children whose controller `owner` is, whether they fit its selector or not."""
        return self._children.by("controller", owner["metadata"]["uid"])

    async def claimed(self, owner: JsonObject, selector: JsonObject) -> list[JsonObject]:
        """The children that are `owner`'s and fit its selector, after adopting and letting go. Raises ApiError."""
        found = self._claim(owner, selector)
        for body in found.release:
            await self._api.patch(self._child_kind, release_patch(owner, body))
        for body in found.adopt:
            await self._api.patch(self._child_kind, adoption_patch(self._owner_kind, owner, body))
        if found.adopt:
            found = self._claim(owner, selector)
        return found.owned

    def _claim(self, owner: JsonObject, selector: JsonObject) -> Claim:
        orphans = [body for body in self._selection.chosen_by(owner) if controller_of(body) is None]
        return claim(owner, selector, [*self.of(owner), *orphans])

    def _changed(self, change: Change) -> None:
        before = change.before.body if change.before is not None else None
        after = change.after.body if change.after is not None else None
        owners = {
            reference["uid"]: None
            for body in (before, after)
            if body is not None and (reference := controller_of(body)) is not None
        }
        for uid in owners:
            for owner in self._owners.by("uid", uid):
                self._queue.add(key_of(owner))
        if after is not None and controller_of(after) is None and (before is None or _reclaimable(before, after)):
            for owner in self._selection.owners_of((after,)):
                self._queue.add(key_of(owner))


def by_uid(body: JsonObject) -> tuple[str, ...]:
    """Index by uid."""
    return (body["metadata"]["uid"],)


def _reclaimable(before: JsonObject, after: JsonObject) -> bool:
    return any(before["metadata"].get(field) != after["metadata"].get(field) for field in ("labels", "ownerReferences"))


def _choosy(owner: JsonObject) -> JsonObject | None:
    """The selector by which an owner adopts; one that demands nothing adopts nothing."""
    selector = spec_selector(owner)
    return None if selector is None or is_empty(selector) else selector
