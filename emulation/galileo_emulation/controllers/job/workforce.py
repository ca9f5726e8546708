"""How many pods of a job should run, which are too many, and which parts of the work the new ones get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from galileo_emulation.controllers.job.indexes import index_of, next_indexes
from galileo_emulation.controllers.job.tally import Tally, is_indexed
from galileo_emulation.controllers.replica_set.deletion_order import to_delete
from galileo_emulation.kubernetes.apiobjects import JsonObject


@dataclass(slots=True)
class Workforce:
    """A new pod for each of `create` (its completion index, or None), and the pods that go."""

    create: list[int | None] = field(default_factory=list)
    delete: list[JsonObject] = field(default_factory=list)


def workforce(job: JsonObject, found: Tally, *, now: float) -> Workforce:
    """Decide for a job that goes on."""
    wanted = wanted_active(job, found)
    active = found.active
    if len(active) > wanted:
        doubled = _doubled(active) if is_indexed(job) else []
        rest = [pod for pod in active if pod not in doubled]
        excess = len(active) - wanted
        chosen = [*doubled, *to_delete(rest, max(0, excess - len(doubled)), relatives=active, now=now)]
        return Workforce(delete=chosen[:excess])
    missing = wanted - len(active)
    if job["spec"].get("podReplacementPolicy") == "Failed":
        missing -= found.terminating
    if missing <= 0:
        return Workforce()
    if not is_indexed(job):
        return Workforce(create=[None] * missing)
    taken = {*found.done, *(index for pod in active if (index := index_of(pod)) is not None)}
    return Workforce(create=list(next_indexes(job["spec"].get("completions", 0), taken, missing)))


def wanted_active(job: JsonObject, found: Tally) -> int:
    """How many pods should run."""
    spec = job["spec"]
    parallelism: int = spec.get("parallelism", 1)
    if spec.get("suspend"):
        return 0
    completions = spec.get("completions")
    if completions is None:
        return len(found.active) if found.succeeded else parallelism
    left: int = completions - found.succeeded
    return max(0, min(left, parallelism))


def _doubled(active: Sequence[JsonObject]) -> list[JsonObject]:
    """The pods of an index that another pod works on already."""
    seen: set[int | None] = set()
    doubled = []
    for pod in active:
        index = index_of(pod)
        if index in seen or index is None:
            doubled.append(pod)
        seen.add(index)
    return doubled
