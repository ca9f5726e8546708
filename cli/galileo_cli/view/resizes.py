"""Pods whose requests were changed while they run, newest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from galileo_schemas.event import Event
from galileo_schemas.events import Resources, VpaUpdate

MIB = 1024 * 1024
KEPT = 50


@dataclass(frozen=True, slots=True)
class Resize:
    """One `vpa_update`; `ts` in unix seconds. `brief`: for narrow places. `failed`: it brought not what was wanted."""

    ts: float
    text: str
    brief: str
    failed: bool


class Resizes:
    """The newest ones."""

    def __init__(self) -> None:
        self._newest: deque[Resize] = deque(maxlen=KEPT)

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts`."""
        if isinstance(event, VpaUpdate):
            failed = event.result in ("failed", "infeasible", "deferred")
            self._newest.appendleft(Resize(ts, resize_text(event), _brief(event), failed))

    def newest(self) -> Sequence[Resize]:
        """Newest first."""
        return list(self._newest)


def resize_text(event: VpaUpdate) -> str:
    """`resnet-abcde: cpu 250m → 410m, memory 256Mi → 180Mi, resized`."""
    changes = []
    for container in event.after:
        before, after = event.before.get(container, Resources()), event.after[container]
        name = f"{container} " if len(event.after) > 1 else ""
        changes += [f"{name}{change}" for change in _changes(before, after)]
    result = event.result.replace("_", " ")
    reason = f" ({event.message})" if event.message and event.result not in ("resized", "evicted") else ""
    return f"{event.pod}: {', '.join([*changes, result])}{reason}"


def _brief(event: VpaUpdate) -> str:
    """`resnet 250m→410m 256Mi→180Mi resized`: by its function, without reasons."""
    changes = []
    for container, after in event.after.items():
        before = event.before.get(container, Resources())
        changes += [change.partition(" ")[2].replace(" ", "") for change in _changes(before, after)]
    return " ".join([event.fn or event.pod, *changes, event.result.replace("_", " ")])


def _changes(before: Resources, after: Resources) -> list[str]:
    found = []
    if after.cpu_millicores is not None and after.cpu_millicores != before.cpu_millicores:
        found.append(f"cpu {_millicores(before.cpu_millicores)} → {_millicores(after.cpu_millicores)}")
    if after.memory_bytes is not None and after.memory_bytes != before.memory_bytes:
        found.append(f"memory {_mib(before.memory_bytes)} → {_mib(after.memory_bytes)}")
    return found


def _millicores(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}m"


def _mib(value: float | None) -> str:
    return "none" if value is None else f"{value / MIB:.0f}Mi"
