"""How far and how fast a target may be scaled: windows of stabilisation, policies, and the bounds of the autoscaler.

    what the measurements ask for -> stabilised (the safest of the recent recommendations) -> limited (policies, bounds)

Without a `behavior` fewer replicas are stabilised over the controller's window, and more come at twice as many (or 4)
at a time. Source: the Kubernetes documentation on horizontal pod autoscaling, "Configurable scaling behavior".
Percentages are computed in floating point, as Kubernetes does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from galileo_emulation.kubernetes.apiobjects import JsonObject

_WITHIN = ("DesiredWithinRange", "the desired count is within the acceptable range")
_TOO_MANY = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
_TOO_FEW = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
_UP_LIMIT = ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
_DOWN_LIMIT = ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate")
_READY = ("ReadyForNewScale", "recommended size matches current size")
_DOWN_STABILISED = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
)
_UP_STABILISED = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
)


class Entry(NamedTuple):
    """A number of replicas at a moment (Unix seconds)."""

    at: float
    replicas: int


@dataclass(slots=True)
class History:
    """What was recommended for a target, and by how much it was raised and lowered; the newest last."""

    recommended: list[Entry] = field(default_factory=list)
    raised: list[Entry] = field(default_factory=list)
    lowered: list[Entry] = field(default_factory=list)

    def begin(self, replicas: int, now: float) -> None:
        """Count the size in which the target was found as recommended, so that it is not lowered at once."""
        if not self.recommended:
            self.recommended.append(Entry(now, replicas))

    def note_change(self, before: int, after: int, now: float) -> None:
        """The target was scaled."""
        changes = self.raised if after > before else self.lowered
        changes.append(Entry(now, abs(after - before)))

    def forget(self, *, recommended_s: float, changes_s: float, now: float) -> None:
        """Forget recommendations and changes that are older."""
        self.recommended = [entry for entry in self.recommended if entry.at >= now - recommended_s]
        self.raised = [entry for entry in self.raised if entry.at > now - changes_s]
        self.lowered = [entry for entry in self.lowered if entry.at > now - changes_s]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The fewest and the most replicas, and the autoscaler's `behavior`, with defaults, if it has one."""

    least: int
    most: int
    behavior: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Limited:
    """The replicas in the end, and why: (reason, message) of the conditions AbleToScale and ScalingLimited."""

    replicas: int
    able: tuple[str, str]
    limited: bool
    limit: tuple[str, str]


def limit(current: int, wanted: int, bounds: Bounds, history: History, *, down_window_s: float, now: float) -> Limited:
    """How many replicas a target of `current` gets when `wanted` are asked for, which `history` takes note of.

    `down_window_s` is the window of stabilisation for fewer replicas where the behavior does not say one.
    """
    if bounds.behavior is None:
        stable, able = _stabilised(wanted, history, down_window_s, now)
        kept_s, changes_s = down_window_s, 0.0
        allowed, why = _bounded(stable, least=bounds.least, most=bounds.most, up_limit=max(2 * current, 4))
    else:
        up, down = bounds.behavior["scaleUp"], bounds.behavior["scaleDown"]
        windows = (float(up["stabilizationWindowSeconds"]), _down_window_s(down, down_window_s))
        stable, able = _stabilised_both_ways(current, wanted, history, windows, now)
        kept_s, changes_s = max(windows), _longest_period_s(up, down)
        allowed, why = _paced(current, stable, bounds, history, now)
    history.recommended.append(Entry(now, wanted))
    history.forget(recommended_s=kept_s, changes_s=changes_s, now=now)
    return Limited(allowed, able, allowed != stable, why)


def _down_window_s(rules: JsonObject, default_s: float) -> float:
    window_s = rules.get("stabilizationWindowSeconds")
    return default_s if window_s is None else float(window_s)


def _longest_period_s(*rules: JsonObject) -> float:
    return max(float(policy["periodSeconds"]) for rule in rules for policy in rule["policies"])


def _stabilised(wanted: int, history: History, window_s: float, now: float) -> tuple[int, tuple[str, str]]:
    recent = [entry.replicas for entry in history.recommended if entry.at >= now - window_s]
    stable = max([wanted, *recent])
    return stable, _READY if stable == wanted else _DOWN_STABILISED


def _stabilised_both_ways(
    current: int, wanted: int, history: History, windows: tuple[float, float], now: float
) -> tuple[int, tuple[str, str]]:
    rising = wanted >= current
    recent = [entry.replicas for entry in history.recommended if entry.at > now - windows[0 if rising else 1]]
    stable = min([wanted, *recent]) if rising else max([wanted, *recent])
    return stable, _READY if stable == wanted else _UP_STABILISED if rising else _DOWN_STABILISED


def _bounded(wanted: int, *, least: int, most: int, up_limit: int) -> tuple[int, tuple[str, str]]:
    if wanted < least:
        return least, _TOO_FEW
    if wanted > min(most, up_limit):
        return min(most, up_limit), _UP_LIMIT if most > up_limit else _TOO_MANY
    return wanted, _WITHIN


def _paced(current: int, wanted: int, bounds: Bounds, history: History, now: float) -> tuple[int, tuple[str, str]]:
    assert bounds.behavior is not None, "without a behavior there are no policies"
    if wanted > current:
        fastest = max(current, _highest(current, bounds.behavior["scaleUp"], history, now))
        if wanted > min(bounds.most, fastest):
            return min(bounds.most, fastest), _UP_LIMIT if bounds.most > fastest else _TOO_MANY
    elif wanted < current:
        fastest = min(current, _lowest(current, bounds.behavior["scaleDown"], history, now))
        if wanted < max(bounds.least, fastest):
            return max(bounds.least, fastest), _DOWN_LIMIT if bounds.least < fastest else _TOO_FEW
    return wanted, _WITHIN


def _highest(current: int, rules: JsonObject, history: History, now: float) -> int:
    """The most replicas that the policies allow."""
    if rules["selectPolicy"] == "Disabled":
        return current
    proposals = []
    for policy in rules["policies"]:
        start, amount = _at_start(current, policy, history, now), int(policy["value"])
        by_percent = math.ceil(start * (1 + amount / 100))
        proposals.append(start + amount if policy["type"] == "Pods" else by_percent)
    return min(proposals) if rules["selectPolicy"] == "Min" else max(proposals)


def _lowest(current: int, rules: JsonObject, history: History, now: float) -> int:
    """The fewest replicas that the policies allow."""
    if rules["selectPolicy"] == "Disabled":
        return current
    proposals = []
    for policy in rules["policies"]:
        start, amount = _at_start(current, policy, history, now), int(policy["value"])
        by_percent = int(start * (1 - amount / 100))
        proposals.append(start - amount if policy["type"] == "Pods" else by_percent)
    return max(proposals) if rules["selectPolicy"] == "Min" else min(proposals)


def _at_start(current: int, policy: JsonObject, history: History, now: float) -> int:
    """How many replicas there were when the policy's period began."""
    since = now - policy["periodSeconds"]
    return current - _changed(history.raised, since) + _changed(history.lowered, since)


def _changed(changes: Sequence[Entry], since: float) -> int:
    return sum(entry.replicas for entry in changes if entry.at > since)
