"""Pods from a template, for an owner: what they look like, and how many are asked for at once.

Creations go in batches of 1, 2, 4, …, so that an owner whose pods are refused (a quota, a webhook) is not refused a
thousand times: after the first batch with a failure the rest is left for the next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from galileo_emulation.controllers.ownership import controller_reference
from galileo_emulation.kubernetes.apiobjects import JsonObject, copied
from galileo_emulation.kubernetes.errors import NAMESPACE_TERMINATING, ApiError
from galileo_emulation.kubernetes.kind import Kind


def pod_of(template: JsonObject, kind: Kind, owner: JsonObject) -> JsonObject:
    """A pod as the template says, owned by `owner`, with a name that is made up after the owner's."""
    metadata = {
        "generateName": f"{owner['metadata']['name']}-",
        "namespace": owner["metadata"]["namespace"],
        "ownerReferences": [controller_reference(kind, owner)],
    }
    for field in ("labels", "annotations", "finalizers"):
        if template.get("metadata", {}).get(field):
            metadata[field] = copied(template["metadata"])[field]
    return {"metadata": metadata, "spec": copied(template.get("spec", {}))}


async def slow_start(count: int, make: Callable[[int], Awaitable[None]]) -> int:
    """Call `make` with 0 to `count` - 1 in growing batches; return how many were called successfully.

    Raises the ApiError of the batch that failed, after all of that batch were tried, in a `SlowStartError`.
    """
    done, batch = 0, 1
    position = 0
    while position < count:
        size = min(batch, count - position)
        failure: ApiError | None = None
        for index in range(position, position + size):
            try:
                await make(index)
                done += 1
            except ApiError as error:
                failure = error
        if failure is not None:
            raise SlowStartError(failure, done)
        position += size
        batch *= 2
        await asyncio.sleep(0)  # a thousand pods at once must not hold up everybody else in this loop
    return done


class SlowStartError(Exception):
    """Not all could be made: the last refusal, and how many were made before."""

    def __init__(self, cause: ApiError, done: int) -> None:
        super().__init__(cause.message)
        self.cause = cause
        self.done = done


def is_for_a_terminating_namespace(error: ApiError) -> bool:
    """Whether something was refused because its namespace is being deleted, about which nothing can be done."""
    causes = (error.details or {}).get("causes", ())
    return any(cause.get("reason") == NAMESPACE_TERMINATING for cause in causes)
