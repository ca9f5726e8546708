"""Decisions and what came of each, told apart by the ids in `meta.cause`.

    scale_schedule → pod_created → pod_bound → pod/running → weight_update     (one pod more)
    scale_schedule → pod_deleted → pod/delete → weight_update                  (one pod less)

An event belongs to the decision that its cause names. Weights follow from events about the pod, so their ids lead to
the decision, too. A decision that was published by hand has no id on the channel; its pod's name stands in for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from galileo_schemas.event import Event
from galileo_schemas.events import (
    PodBound,
    PodCreated,
    PodDelete,
    PodDeleted,
    PodFailed,
    PodRunning,
    PodState,
    PodUnschedulable,
    ScaleSchedule,
    WeightUpdate,
)

from galileo_cli.decision_reasons import why_decided

KEPT = 50
IDS_KEPT = 5000
BY_HAND = ("", "by-hand", "galileo-cli")
"""Who says what a person typed."""


@dataclass(slots=True)
class Step:
    """Something that followed; `at` in unix seconds. `places`: the zones, for weights."""

    name: str
    at: float
    detail: str = ""
    failed: bool = False
    places: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Chain:
    """One decision; `at` in unix seconds. `why` it was made, in words; empty where it gives no reason.

    `why_in_brief` leaves out where the pressure is.
    """

    at: float
    fn: str
    pod: str
    delete: bool
    why: str
    why_in_brief: str
    dest_zone: str
    by_hand: bool
    nameless: bool
    """It was published without an id, so that nothing can name it as a cause."""
    steps: list[Step] = field(default_factory=list)

    def step(self, name: str) -> Step | None:
        """The step of that name, if it was taken."""
        return next((step for step in self.steps if step.name == name), None)


class DecisionChains:
    """The newest decisions."""

    def __init__(self) -> None:
        self._chains: OrderedDict[str, Chain] = OrderedDict()
        self._by_pod: dict[str, Chain] = {}
        self._about: OrderedDict[str, Chain] = OrderedDict()
        """By the ids of events that are about a chain's pod."""

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts` (unix seconds)."""
        match event:
            case ScaleSchedule():
                self._begin(event, ts)
            case WeightUpdate():
                self._take_weights(event, ts)
            case PodState():
                self._take_pod(event, ts)
            case PodCreated() | PodDeleted() | PodBound() | PodFailed() | PodUnschedulable():
                self._take_action(event, ts)

    def newest(self) -> Sequence[Chain]:
        """Newest first."""
        return list(reversed(self._chains.values()))

    def _begin(self, event: ScaleSchedule, ts: float) -> None:
        pod = event.pod_creation_request.pod_name
        meta = event.meta
        identity = meta.id if meta is not None and meta.id else f"pod {pod}"
        source = "" if meta is None else meta.source.partition("/")[0]
        if identity in self._chains:
            return
        chain = Chain(
            at=ts,
            fn=event.fn,
            pod=pod,
            delete=event.delete,
            why=why_decided(event),
            why_in_brief=why_decided(event, with_zone=False),
            dest_zone=event.dest_zone,
            by_hand=source in BY_HAND,
            nameless=meta is None or not meta.id,
        )
        self._chains[identity] = self._by_pod[pod] = chain
        while len(self._chains) > KEPT:
            _, forgotten = self._chains.popitem(last=False)
            if self._by_pod.get(forgotten.pod) is forgotten:
                del self._by_pod[forgotten.pod]

    def _of(self, event: Event, pod: str) -> Chain | None:
        """The decision that an event names as its cause; else the newest nameless one about that pod."""
        for cause in event.meta.cause if event.meta is not None else ():
            if cause in self._chains:
                return self._chains[cause]
        chain = self._by_pod.get(pod)
        return chain if chain is not None and chain.nameless else None

    def _take_action(self, event: PodCreated | PodDeleted | PodBound | PodFailed | PodUnschedulable, ts: float) -> None:
        chain = self._of(event, event.pod)
        if chain is None:
            return
        match event:
            case PodCreated():
                _add(chain, Step("created", ts))
            case PodDeleted():
                _add(chain, Step("deleted", ts))
            case PodBound():
                _add(chain, Step("bound", ts, event.node))
            case PodFailed():
                _add(chain, Step("failed", ts, f"{event.reason} {event.message}".strip(), failed=True))
            case PodUnschedulable():
                _add(chain, Step("waits", ts, event.message, failed=True))
        self._remember(event, chain)

    def _take_pod(self, event: PodState, ts: float) -> None:
        chain = self._of(event, event.name)
        removal = self._by_pod.get(event.name)
        if removal is not None and removal.delete:
            chain = removal  # the pod's own cause is the decision that once created it
        if chain is None:
            return
        if isinstance(event, PodDelete) and chain.delete:
            _add(chain, Step("gone", ts))
        elif isinstance(event, PodRunning) and event.ready and not chain.delete:
            _add(chain, Step("running", ts))
        self._remember(event, chain)

    def _take_weights(self, event: WeightUpdate, ts: float) -> None:
        for cause in event.meta.cause if event.meta is not None else ():
            chain = self._about.get(cause)
            if chain is None or chain.fn != event.fn:
                continue
            step = chain.step("weights")
            if step is None:
                if chain.delete or chain.step("running"):
                    chain.steps.append(Step("weights", ts, places=[event.zone]))
            elif event.zone not in step.places:
                step.places.append(event.zone)
            return

    def _remember(self, event: Event, chain: Chain) -> None:
        if event.meta is not None and event.meta.id:
            self._about[event.meta.id] = chain
            while len(self._about) > IDS_KEPT:
                self._about.popitem(last=False)


def _add(chain: Chain, step: Step) -> None:
    """Once each; only a refusal to place it tells the newest reason."""
    known = chain.step(step.name)
    if known is None:
        chain.steps.append(step)
    elif step.failed:
        known.detail = step.detail
