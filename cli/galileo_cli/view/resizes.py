"""Pods whose requests were changed while they run, newest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from galileo_schemas.event import Event
from galileo_schemas.events import Resources, VpaUpdate

MIB = 1024 * 1024
KEPT = 50
UNDER_WAY = "in_progress"


@dataclass(frozen=True, slots=True)
class Resize:
    """One `vpa_update`; `ts` in unix seconds. `brief`: for narrow places. `failed`: it brought not what was wanted."""

    ts: float
    update: VpaUpdate

    @property
    def text(self) -> str:
        return resize_text(self.update)

    @property
    def brief(self) -> str:
        return _brief(self.update)

    @property
    def failed(self) -> bool:
        return self.update.result in ("failed", "infeasible", "deferred")


class Resizes:
    """The newest ones. What was under way gives place to what came of it."""

    def __init__(self) -> None:
        self._newest: deque[Resize] = deque(maxlen=KEPT)

    def note(self, event: Event, ts: float) -> None:
        """Takes an event said at `ts`."""
        if isinstance(event, VpaUpdate):
            for known in [known for known in self._newest if _is_finished_by(known.update, event)]:
                self._newest.remove(known)
            self._newest.appendleft(Resize(ts, event))

    def newest(self) -> Sequence[Resize]:
        """Newest first."""
        return list(self._newest)


def _is_finished_by(known: VpaUpdate, event: VpaUpdate) -> bool:
    return known.result == UNDER_WAY and (known.namespace, known.pod) == (event.namespace, event.pod)


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
    """`resnet 250→410m 256→180Mi resized`: by its function, without reasons."""
    changes = []
    for container, after in event.after.items():
        before = event.before.get(container, Resources())
        for change in _changes(before, after):
            old, new = change.partition(" ")[2].split(" → ")
            changes.append(f"{old.rstrip('Mim')}→{new}")
    return " ".join([event.fn or event.pod, *changes, event.result.replace("_", " ")])


def _changes(before: Resources, after: Resources) -> list[str]:
    found = []
    if after.cpu_millicores is not None and after.cpu_millicores != before.cpu_millicores:
        found.append(f"cpu {_millicores(before.cpu_millicores)} → {_millicores(after.cpu_millicores)}")
    if after.memory_bytes is not None and after.memory_bytes != before.memory_bytes:
        found.append(f"memory {_mib(before.memory_bytes)} → {_mib(after.memory_bytes)}")
    return found


def amount_text(amount: Resources) -> str:
    """`cpu 410m, memory 180Mi`, as far as they are known."""
    parts = [f"cpu {_millicores(amount.cpu_millicores)}"] if amount.cpu_millicores is not None else []
    parts += [f"memory {_mib(amount.memory_bytes)}"] if amount.memory_bytes is not None else []
    return ", ".join(parts) or "nothing"


def _millicores(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}m"


def _mib(value: float | None) -> str:
    return "none" if value is None else f"{value / MIB:.0f}Mi"
