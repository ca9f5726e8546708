"""Subresources that are written as the whole object, of which they take one part: what each takes, checks and admits.

The status is such a part of every kind that has one; how it is taken stands in updates.py, with the rest of an update.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..apiobjects import JsonObject
from ..checks.policy import namespace_causes
from ..errors import Cause
from ..kind import Surroundings, carry_nothing
from .ephemeral_containers import ephemeral_causes, with_ephemeral_containers
from .resize import admit_resize, resize_causes, resized

Part = Literal["", "status", "resize", "ephemeralcontainers", "finalize"]


@dataclass(frozen=True, slots=True)
class Taking:
    """What is taken of (sent, old); what is wrong with (new, old), all in all; and what else may refuse it."""

    take: Callable[[JsonObject, JsonObject], JsonObject]
    causes: Callable[[JsonObject, JsonObject], list[Cause]]
    admit: Callable[[JsonObject, JsonObject, Surroundings], None] = carry_nothing


def finalized(sent: JsonObject, old: JsonObject) -> JsonObject:
    """The old namespace with the finalizers of the sent one."""
    return {**old, "metadata": dict(old["metadata"]), "spec": sent.get("spec", {})}


TAKINGS: dict[str, Taking] = {
    "resize": Taking(resized, resize_causes, admit_resize),
    "ephemeralcontainers": Taking(with_ephemeral_containers, ephemeral_causes),
    "finalize": Taking(finalized, lambda new, old: namespace_causes(new)),
}
"""By the name of the subresource."""
