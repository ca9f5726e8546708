"""Who owns whom, over all kinds, by uid, and which objects a change gives reason to look at.

    a change of any object -> the graph -> uids to look at

An object is looked at when an owner of it is not there, or is waiting for its dependents to go, and when it is itself
to let go of, or wait for, its dependents.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass

from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kind import Kind
from galileo_emulation.kubernetes.operations.deletion import FOREGROUND, ORPHAN
from galileo_emulation.kubernetes.storage.history import Change

_REMEMBERED_GONE = 4096


@dataclass(frozen=True, slots=True)
class Node:
    """An object: where it is found, its owner references, and what its deletion waits for."""

    kind: Kind
    namespace: str
    name: str
    uid: str
    owners: tuple[JsonObject, ...]
    leaving: bool
    waits_for_dependents: bool
    lets_go: bool


class OwnerGraph:
    """The nodes by uid, and for every owner's uid, whether it is there or not, the uids of its dependents."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self._dependents: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._gone: OrderedDict[str, None] = OrderedDict()

    def dependents(self, uid: str) -> list[Node]:
        """The objects that name `uid` as an owner."""
        return [self.nodes[found] for found in self._dependents.get(uid, ())]

    def was_seen_to_go(self, uid: str) -> bool:
        """Whether an object of that uid was there and is gone (the latest few thousand are remembered)."""
        return uid in self._gone

    def observe(self, kind: Kind, change: Change) -> list[str]:
        """Take in a change; return the uids to look at."""
        if change.before is not None and (
            change.after is None or change.after.body["metadata"]["uid"] != change.before.body["metadata"]["uid"]
        ):
            uids = self._remove(change.before.body["metadata"]["uid"])
        else:
            uids = []
        if change.after is not None:
            uids += self._put(_node(kind, change.after.body))
        return uids

    def _put(self, node: Node) -> list[str]:
        before = self.nodes.get(node.uid)
        if before == node:
            return []
        self.nodes[node.uid] = node
        self._link(node, before.owners if before else ())
        uids = []
        begins_to_wait = node.waits_for_dependents and not (before and before.waits_for_dependents)
        if begins_to_wait:
            uids += list(self._dependents.get(node.uid, ()))
        if begins_to_wait or (node.lets_go and not (before and before.lets_go)):
            uids.append(node.uid)
        if node.owners and not node.leaving and not all(map(self._is_well, node.owners)):
            uids.append(node.uid)
        if before is not None and before.owners != node.owners:
            uids += self._waiting_owners(before)
        return uids

    def _remove(self, uid: str) -> list[str]:
        node = self.nodes.pop(uid, None)
        if node is None:
            return []
        for owner in node.owners:
            self._unlink(owner["uid"], uid)
        self._gone[uid] = None
        if len(self._gone) > _REMEMBERED_GONE:
            self._gone.popitem(last=False)
        return [*self._dependents.get(uid, ()), *self._waiting_owners(node)]

    def _link(self, node: Node, former: tuple[JsonObject, ...]) -> None:
        present = {owner["uid"] for owner in node.owners}
        for owner in former:
            if owner["uid"] not in present:
                self._unlink(owner["uid"], node.uid)
        for uid in present:
            self._dependents[uid][node.uid] = None

    def _unlink(self, owner: str, dependent: str) -> None:
        of_owner = self._dependents.get(owner)
        if of_owner is not None:
            of_owner.pop(dependent, None)
            if not of_owner:
                del self._dependents[owner]

    def _waiting_owners(self, node: Node) -> list[str]:
        uids = [owner["uid"] for owner in node.owners]
        return [uid for uid in uids if (owner := self.nodes.get(uid)) is not None and owner.waits_for_dependents]

    def _is_well(self, reference: JsonObject) -> bool:
        """Whether the owner is where the reference says, and is not waiting for its dependents to go."""
        owner = self.nodes.get(reference["uid"])
        return owner is not None and fits(reference, owner) and not owner.waits_for_dependents


def fits(reference: JsonObject, owner: Node) -> bool:
    """Whether an owner is of the kind and name that a reference says."""
    group = reference["apiVersion"].rpartition("/")[0]
    return (reference["kind"], reference["name"], group) == (owner.kind.kind, owner.name, owner.kind.group)


def _node(kind: Kind, body: JsonObject) -> Node:
    metadata = body["metadata"]
    finalizers, leaving = metadata.get("finalizers", ()), "deletionTimestamp" in metadata
    return Node(
        kind=kind,
        namespace=metadata.get("namespace", ""),
        name=metadata["name"],
        uid=metadata["uid"],
        owners=tuple(metadata.get("ownerReferences", ())),
        leaving=leaving,
        waits_for_dependents=leaving and FOREGROUND in finalizers,
        lets_go=leaving and ORPHAN in finalizers,
    )
