"""Whether a pod tolerates a node's taints, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from galileo_emulation.kubernetes.apiobjects import JsonObject


def tolerates(toleration: JsonObject, taint: JsonObject) -> bool:
    """Whether a toleration covers a taint. What it leaves open covers everything."""
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("key") not in (None, "", taint.get("key")):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return bool(toleration.get("key")) and toleration.get("value", "") == taint.get("value", "")


def untolerated(
    taints: Iterable[JsonObject], tolerations: Sequence[JsonObject], effects: Iterable[str]
) -> list[JsonObject]:
    """The taints of these effects that no toleration covers."""
    wanted = set(effects)
    return [
        taint
        for taint in taints
        if taint.get("effect") in wanted and not any(tolerates(found, taint) for found in tolerations)
    ]


def stay_s(taints: Iterable[JsonObject], tolerations: Sequence[JsonObject]) -> float | None:
    """How long a pod may stay on a node with these taints: 0 when it has to go at once, None for as long as it likes.

    Only NoExecute taints count. Where tolerations limit the time, the shortest of those that are used holds.
    """
    driving = [taint for taint in taints if taint.get("effect") == "NoExecute"]
    if untolerated(driving, tolerations, ("NoExecute",)):
        return 0.0
    limits = [
        max(0.0, float(found["tolerationSeconds"]))
        for found in tolerations
        if "tolerationSeconds" in found and any(tolerates(found, taint) for taint in driving)
    ]
    return min(limits, default=None)
