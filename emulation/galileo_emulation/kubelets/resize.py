"""What becomes of a change of a running pod's resources: pure functions, in the words of Kubernetes 1.36.

    spec (desired) -> admitted by the node -> allocated -> applied to the containers (actual)

A pod as a whole is resized or not. One that the node could never hold is infeasible; one that it cannot hold now is
deferred, and tried again when room appears. A memory limit is not lowered below what its container uses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from galileo_emulation.kubelets.bound_pod import QosClass
from galileo_emulation.kubelets.node_room import lacks_room, never_has_room
from galileo_emulation.kubelets.resource_amounts import Amount
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.types.quantities import value

PendingReason = Literal["Deferred", "Infeasible"]
_QOS_ORDER: dict[QosClass, int] = {"Guaranteed": 0, "Burstable": 1, "BestEffort": 2}


@dataclass(frozen=True, slots=True)
class Pending:
    """A resize that is not admitted, and why."""

    reason: PendingReason
    message: str


def refused(wanted: Amount, *, others: Amount, allocatable: Amount) -> Pending | None:
    """Why a pod cannot have `wanted` on its node now; None if it can."""
    never = never_has_room(wanted, allocatable=allocatable)
    if never is not None:
        return Pending("Infeasible", never.message)
    lacking = lacks_room(wanted, used=others, allocatable=allocatable)
    return None if lacking is None else Pending("Deferred", lacking.message)


def deferred_order(*, priority: int, qos: QosClass, since: float) -> tuple[float, ...]:
    """Who is tried first when room appears: the higher priority, then the better class, then who waits longer."""
    return (-priority, _QOS_ORDER[qos], since)


def below_use(limits: Iterable[tuple[str, int | None, int | None, int]]) -> str | None:
    """Why memory limits cannot be applied; None if they can.

    `limits` holds for each container its name, the limit that holds, the one to apply (None: no limit), and the bytes
    in use. Only a limit that gets lower can be refused.
    """
    errors = [
        f'attempting to set container "{name}" memory limit ({new}) below current usage ({used})'
        for name, old, new, used in limits
        if new is not None and (old is None or new < old) and new < used
    ]
    if not errors:
        return None
    return f"cannot decrease memory limits: {errors[0] if len(errors) == 1 else '[' + ', '.join(errors) + ']'}"


def same_resources(one: JsonObject, other: JsonObject) -> bool:
    """Whether two containers' resources are equal in CPU and memory."""
    return not changed_resources(one, other)


def changed_resources(one: JsonObject, other: JsonObject) -> frozenset[str]:
    """Of cpu and memory, those whose requests or limits differ."""
    return frozenset(
        name
        for name in ("cpu", "memory")
        if any(_quantity(one, part, name) != _quantity(other, part, name) for part in ("requests", "limits"))
    )


def has_to_restart(policy: frozenset[str], *, before: JsonObject, after: JsonObject) -> bool:
    """Whether a container has to be started again to get other resources. `policy` holds the resources for which its
    resizePolicy says so."""
    return bool(changed_resources(before, after) & policy)


def event_text(what: str, resources: Mapping[str, JsonObject], *, generation: int, error: str = "") -> str:
    """The message of a resize's event: what happened, and the resources by container as JSON."""
    containers = [{"name": name, "resources": each} for name, each in resources.items()]
    summary: JsonObject = {"containers": containers, "generation": generation}
    if error:
        summary["error"] = error
    return f"Pod resize {what}: {json.dumps(summary, separators=(',', ':'))}"


def _quantity(resources: JsonObject, part: str, name: str) -> object:
    text = (resources.get(part) or {}).get(name)
    return None if text is None else value(text)
