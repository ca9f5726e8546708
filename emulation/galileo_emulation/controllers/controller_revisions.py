"""The templates that a daemon set or stateful set had, kept as ControllerRevisions, where `kubectl rollout` finds them.

    owner's template, its revisions -> the one of the present template (found, renumbered or made) -> old ones deleted

A revision holds the template as the patch that brings it back. The newest has the highest number; a template that is
used again gets a new number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from galileo_emulation.controllers.children import Children
from galileo_emulation.controllers.informer import Informers
from galileo_emulation.controllers.ownership import controller_reference
from galileo_emulation.controllers.template_hash import template_hash
from galileo_emulation.controllers.work_queue import WorkQueue
from galileo_emulation.kubernetes.apiobjects import JsonObject, copied
from galileo_emulation.kubernetes.errors import ApiError
from galileo_emulation.kubernetes.in_process import InProcessClient, is_gone
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.kinds import CONTROLLER_REVISIONS

REVISION_LABEL = "controller-revision-hash"


def revision_data(template: JsonObject) -> JsonObject:
    """The patch of a workload that brings a template back."""
    return {"spec": {"template": {**copied(template), "$patch": "replace"}}}


def template_in(revision: JsonObject) -> JsonObject:
    """The template that a revision holds."""
    template: JsonObject = copied(revision["data"]["spec"]["template"])
    template.pop("$patch", None)
    return template


def new_revision(kind: Kind, owner: JsonObject, *, number: int, hash_label: str, collisions: int = 0) -> JsonObject:
    """The revision of an owner's present template."""
    metadata, template = owner["metadata"], owner["spec"]["template"]
    suffix = template_hash(template, collisions)
    labels = {**template.get("metadata", {}).get("labels", {}), hash_label: suffix}
    return {
        "metadata": {
            "name": f"{metadata['name']}-{suffix}",
            "namespace": metadata["namespace"],
            "labels": labels,
            "ownerReferences": [controller_reference(kind, owner)],
        },
        "data": revision_data(template),
        "revision": number,
    }


def superfluous(revisions: Sequence[JsonObject], in_use: Collection[str], limit: int) -> list[JsonObject]:
    """The revisions that are deleted because more than `limit` are not in use (by name): those of lowest number."""
    unused = [found for found in revisions if found["metadata"]["name"] not in in_use]
    excess = len(unused) - limit
    return sorted(unused, key=_number)[:excess] if excess > 0 else []


class Revisions:
    """The revisions of owners of one kind."""

    def __init__(
        self, informers: Informers, api: InProcessClient, *, owner: Kind, queue: WorkQueue, hash_label: str
    ) -> None:
        self._api = api
        self._kind = owner
        self._hash_label = hash_label
        self._children = Children(informers, api, owner=owner, child=CONTROLLER_REVISIONS, queue=queue)

    async def present(self, owner: JsonObject, *, collisions: int = 0) -> tuple[JsonObject, list[JsonObject]]:
        """The revision of the owner's present template, and all of its revisions, by number. Raises ApiError."""
        revisions = sorted(await self._children.claimed(owner, owner["spec"]["selector"]), key=_number)
        highest = _number(revisions[-1]) if revisions else 0
        wanted = revision_data(owner["spec"]["template"])
        known = [found for found in revisions if found["data"] == wanted]
        if known and known[-1] is revisions[-1]:
            return known[-1], revisions
        if known:
            again = await self._api.update(CONTROLLER_REVISIONS, {**known[-1], "revision": highest + 1})
            return again, [*(found for found in revisions if found is not known[-1]), again]
        body = new_revision(self._kind, owner, number=highest + 1, hash_label=self._hash_label, collisions=collisions)
        new = await self._api.create(CONTROLLER_REVISIONS, body)
        return new, [*revisions, new]

    async def clean_up(self, revisions: Sequence[JsonObject], in_use: Collection[str], limit: int) -> None:
        """Delete superfluous revisions. Raises ApiError."""
        for revision in superfluous(revisions, in_use, limit):
            try:
                await self._api.delete(CONTROLLER_REVISIONS, revision)
            except ApiError as error:
                if not is_gone(error):
                    raise


def _number(revision: JsonObject) -> int:
    number: int = revision["revision"]
    return number
