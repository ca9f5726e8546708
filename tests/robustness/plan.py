"""What happens in a run, drawn from its seed: who takes part, what goes wrong when, what is said.

    seed → Plan (who, faults by time, decisions, observations) → run.py does it

A pure function: the same seed is the same plan. Whether the same thing comes of it depends on the machine, too.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

CALM_AFTER_RETURN_S = 2.2
"""No fault begins so long after the server's return, so that the return to service can be measured."""

NETWORK = ("delay", "cut", "refuse", "black_hole", "black_hole_cut", "lose_answers", "slow", "slice")
_AIMED = {"kill": "actor", "overflow": "listener", "lose_answers": "decider"}
"""Where a fault is most likely to break a promise, so most of them strike there."""

MOST_KILLS = 3
"""A decision is given up after five deliveries without an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`kind` strikes `target` (a participant, or the server) at `at_s` after the start and goes on for `lasts_s`."""

    at_s: float
    kind: str
    target: str
    lasts_s: float = 0.0

    @property
    def ends_s(self) -> float:
        """When it is over, in seconds after the start."""
        return self.at_s + self.lasts_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`says_s`: how long deciders say things. `hand_s`: when a person publishes a decision without an id."""

    seed: int
    participants: tuple[str, ...]
    faults: tuple[Fault, ...]
    says_s: float
    hand_s: tuple[float, ...]
    keys: int
    uvloop: bool
    decision_every_s: float = 0.06
    observation_every_s: float = 0.02
    record_every_s: float = 0.03

    @property
    def server_returns_s(self) -> float | None:
        """When the server is started again; None when it is not killed."""
        return next((fault.ends_s for fault in self.faults if fault.kind == "kill_server"), None)

    def calm_at(self, moment_s: float, *, before_s: float, after_s: float) -> bool:
        """Whether nothing is wrong from a while before a moment to a while after it."""
        return all(fault.ends_s + 1.0 < moment_s - before_s or fault.at_s > moment_s + after_s for fault in self.faults)


@dataclass(slots=True)
class _Draft:
    rng: random.Random
    participants: tuple[str, ...]
    faults: list[Fault] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=dict)


def plan_of(seed: int) -> Plan:
    """The plan of a seed."""
    rng = random.Random(f"robustness {seed}")
    participants = _participants(rng)
    draft = _Draft(rng, participants)
    if rng.random() < 0.55:
        killed_at = rng.uniform(0.7, 1.3)
        down_s = rng.uniform(0.05, 0.8)
        _strike(draft, count=rng.randint(2, 4), first_s=0.3, last_s=killed_at, longest_s=killed_at)
        draft.faults = [_ended_by(fault, killed_at + down_s) for fault in draft.faults]
        draft.faults.append(Fault(at_s=killed_at, kind="kill_server", target="server", lasts_s=down_s))
        says_s = killed_at + down_s + CALM_AFTER_RETURN_S
        hand = (rng.uniform(0.05, 0.2), killed_at + down_s + rng.uniform(1.7, 2.0))
    else:
        _strike(draft, count=rng.randint(4, 7), first_s=0.4, last_s=2.2, longest_s=1.0)
        says_s = max(fault.ends_s for fault in draft.faults) + 0.4
        hand = (rng.uniform(0.05, 0.2), rng.uniform(0.5, says_s))
    return Plan(
        seed=seed,
        participants=participants,
        faults=tuple(sorted(draft.faults, key=lambda fault: fault.at_s)),
        says_s=says_s,
        hand_s=tuple(sorted(hand)),
        keys=rng.randint(2, 6),
        uvloop=rng.random() < 0.5,
    )


def _participants(rng: random.Random) -> tuple[str, ...]:
    counts = {"decider": rng.randint(1, 2), "actor": rng.randint(1, 2), "recorder": rng.randint(1, 2), "listener": 2}
    return tuple(f"{role}-{number}" for role, count in counts.items() for number in range(count))


def _strike(draft: _Draft, *, count: int, first_s: float, last_s: float, longest_s: float) -> None:
    rng = draft.rng
    for _ in range(count):
        at_s = rng.uniform(first_s, last_s)
        target = rng.choice(draft.participants)
        kind = rng.choice(("kill", "kill", "overflow", *NETWORK))
        if kind in _AIMED and rng.random() < 0.7:
            target = rng.choice([name for name in draft.participants if name.startswith(_AIMED[kind])])
        if kind == "kill":
            if draft.kills.get(target, 0) >= MOST_KILLS:
                continue
            draft.kills[target] = draft.kills.get(target, 0) + 1
        lasts_s = 0.0 if kind == "cut" else min(rng.uniform(0.15, longest_s), longest_s)
        if not any(one.target == target and _overlap(one, at_s, at_s + lasts_s) for one in draft.faults):
            draft.faults.append(Fault(at_s=at_s, kind=kind, target=target, lasts_s=lasts_s))


def _overlap(fault: Fault, begins_s: float, ends_s: float) -> bool:
    return fault.at_s <= ends_s and begins_s <= fault.ends_s


def _ended_by(fault: Fault, moment_s: float) -> Fault:
    """Nothing but the server's death may keep anyone from serving again."""
    lasts_s = max(0.0, min(fault.lasts_s, moment_s - fault.at_s))
    return Fault(at_s=fault.at_s, kind=fault.kind, target=fault.target, lasts_s=lasts_s)
