"""A deployment's replica sets: which one is the newest, which are old, and what a new one looks like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from galileo_emulation.controllers.deployment.revisions import new_annotations, revision_of, size_annotations
from galileo_emulation.controllers.ownership import controller_reference
from galileo_emulation.controllers.template_hash import POD_TEMPLATE_HASH, template_hash, without_hash
from galileo_emulation.kubernetes.apiobjects import JsonObject, copied
from galileo_emulation.kubernetes.kinds import DEPLOYMENTS


@dataclass(frozen=True, slots=True)
class ReplicaSets:
    """The set of the deployment's present template, if there is one, and all others, the eldest first."""

    new: JsonObject | None
    old: list[JsonObject] = field(default_factory=list)

    @property
    def all(self) -> list[JsonObject]:
        """The old ones, then the new one."""
        return [*self.old, self.new] if self.new is not None else list(self.old)


def sorted_out(deployment: JsonObject, replica_sets: Iterable[JsonObject]) -> ReplicaSets:
    """Find the new set among a deployment's; the eldest where several have the template."""
    by_age = sorted(replica_sets, key=_age)
    wanted = without_hash(deployment["spec"]["template"])
    new = next((found for found in by_age if without_hash(found["spec"]["template"]) == wanted), None)
    return ReplicaSets(new, [found for found in by_age if found is not new])


def new_replica_set(deployment: JsonObject, *, revision: int, replicas: int) -> JsonObject:
    """The replica set for the deployment's template."""
    spec, metadata = copied(deployment["spec"]), deployment["metadata"]
    template = spec["template"]
    suffix = template_hash(without_hash(template), deployment.get("status", {}).get("collisionCount", 0))
    labels = {**template.get("metadata", {}).get("labels", {}), POD_TEMPLATE_HASH: suffix}
    template.setdefault("metadata", {})["labels"] = labels
    selector = spec["selector"]
    selector["matchLabels"] = {**selector.get("matchLabels", {}), POD_TEMPLATE_HASH: suffix}
    own: JsonObject = {"replicas": replicas, "selector": selector, "template": template}
    if spec.get("minReadySeconds"):
        own["minReadySeconds"] = spec["minReadySeconds"]
    return {
        "metadata": {
            "name": f"{metadata['name']}-{suffix}",
            "namespace": metadata["namespace"],
            "labels": labels,
            "annotations": {**new_annotations(deployment, {}, revision), **size_annotations(deployment)},
            "ownerReferences": [controller_reference(DEPLOYMENTS, deployment)],
        },
        "spec": own,
    }


def size(replica_set: JsonObject) -> int:
    """How many pods a set is to have."""
    count: int = replica_set["spec"].get("replicas", 1)
    return count


def total(replica_sets: Iterable[JsonObject]) -> int:
    """How many pods sets are to have together."""
    return sum(map(size, replica_sets))


def counted(replica_sets: Iterable[JsonObject], name: str) -> int:
    """The sum of a number in the sets' status."""
    return sum(found.get("status", {}).get(name, 0) for found in replica_sets)


def active(replica_sets: Iterable[JsonObject]) -> list[JsonObject]:
    """The sets that are to have pods."""
    return [found for found in replica_sets if size(found) > 0]


def superfluous(old: Sequence[JsonObject], limit: int) -> list[JsonObject]:
    """The old sets that are deleted because there are more than `limit`: empty ones of the lowest revisions."""
    staying = [found for found in old if "deletionTimestamp" not in found["metadata"]]
    excess = len(staying) - limit
    if excess <= 0:
        return []
    return [found for found in sorted(staying, key=revision_of)[:excess] if _is_empty(found)]


def _is_empty(replica_set: JsonObject) -> bool:
    status, metadata = replica_set.get("status", {}), replica_set["metadata"]
    observed = status.get("observedGeneration", 0) >= metadata.get("generation", 0)
    return size(replica_set) == 0 and status.get("replicas", 0) == 0 and observed


def _age(body: JsonObject) -> tuple[str, str]:
    return (body["metadata"]["creationTimestamp"], body["metadata"]["name"])
