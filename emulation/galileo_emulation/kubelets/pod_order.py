"""Whose turn it is in a pod, and what the pod as a whole has come to: pure functions of its containers' states.

Init containers run one after the other, each to its end; a sidecar (an init container that is always restarted) only
has to have started. Then all containers run. The phase follows from what became of them, as kubelets compute it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from galileo_emulation.kubelets.bound_pod import RestartPolicy
from galileo_emulation.kubelets.container_life import Step

Phase = Literal["Pending", "Running", "Succeeded", "Failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """`exit_code` is that of its latest end, None if it never ended. `started`: it runs, and so says its
    startup probe."""

    step: Step
    exit_code: int | None = None
    started: bool = False
    sidecar: bool = False

    @property
    def ended(self) -> bool:
        return self.step is Step.ENDED


def to_be_restarted(policy: RestartPolicy, *, exit_code: int, init: bool = False, sidecar: bool = False) -> bool:
    """Whether a container that ended with `exit_code` is started again."""
    if sidecar:
        return True
    if policy == "Always" and not init:
        return True
    return policy != "Never" and exit_code != 0


def init_turn(inits: Sequence[ContainerState]) -> int:
    """Up to which init container (its index included) it is their turn; all have done their part at `len(inits)`."""
    for index, state in enumerate(inits):
        done = (state.ended and state.exit_code == 0) or (state.sidecar and state.started)
        if not done:
            return index
    return len(inits)


def phase(inits: Sequence[ContainerState], containers: Sequence[ContainerState]) -> Phase:
    """The pod's phase. A pod whose init container failed for good is Failed, its containers never having run."""
    if any(state.ended and state.exit_code and not state.sidecar for state in inits):
        return "Failed"
    if all(state.ended for state in containers):
        return "Running" if any(state.step is Step.RUNNING for state in inits) else last_phase(containers)
    never_ran = any(state.step not in (Step.RUNNING, Step.ENDED) and state.exit_code is None for state in containers)
    return "Pending" if never_ran else "Running"


def last_phase(containers: Sequence[ContainerState]) -> Phase:
    """The phase of a pod in which nothing runs any more, or will."""
    return "Succeeded" if all(state.ended and state.exit_code == 0 for state in containers) else "Failed"
