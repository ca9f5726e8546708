"""What happened in a run, in order, as stories: what was done, why and by whom, and what came of it.

    scale_schedule ← pressure …    the pod created, bound, ready, in the weights, serving
    vpa_update ← recommendation …  the resize done, deferred or refused
    fault, move, pause, setting    who asked, and until when

Each kind of story is told by a module of its own (`scaling_stories`, `resize_stories`, `outside_stories`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

StoryKind = Literal[
    "pods at the start",
    "scale up",
    "scale down",
    "cannot scale",
    "pod",
    "resize",
    "fault",
    "node down",
    "load",
    "setting",
    "refused",
    "restart",
]


class Step(NamedTuple):
    """What came of it, `t_s` seconds after the start of the load."""

    t_s: float
    text: str


@dataclass(slots=True)
class Story:
    """`zone` is where it belongs, "" where it belongs to none. `why` and `by` are empty where nothing tells."""

    t_s: float
    kind: StoryKind
    what: str
    why: str = ""
    by: str = ""
    zone: str = ""
    steps: list[Step] = field(default_factory=list)
