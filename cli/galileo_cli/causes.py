"""The chain of causes behind a pod, read from recorded events: who said what, and because of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from galileo_schemas.frame import FrameError, split_frame


@dataclass(frozen=True)
class Said:
    """One recorded event, its value as plain JSON."""

    ts: float
    name: str
    value: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self._meta.get("id", ""))

    @property
    def causes(self) -> tuple[str, ...]:
        return tuple(str(cause) for cause in self._meta.get("cause", ()))

    @property
    def source(self) -> str:
        return str(self._meta.get("source", "")).partition("/")[0]

    @property
    def _meta(self) -> dict[str, Any]:
        meta = self.value.get("meta")
        return meta if isinstance(meta, dict) else {}


def read_said(frames: Iterable[bytes]) -> list[Said]:
    """The events whose value is a JSON object, in the order recorded; other lines are not part of any chain."""
    found = []
    for data in frames:
        try:
            frame = split_frame(data)
            value = msgspec.json.decode(frame.value) if frame.value else None
        except (FrameError, msgspec.MsgspecError):
            continue  # a person's own words, recorded as they are
        if isinstance(value, dict):
            found.append(Said(frame.ts, frame.name, value))
    return found


def names_pod(said: Said, pod: str) -> bool:
    """Whether an event is about the pod of that name."""
    request = said.value.get("pod_creation_request")
    asked = request.get("pod_name") if isinstance(request, dict) else None
    return pod in (said.value.get("pod"), asked, said.value.get("name") if said.name.startswith("pod/") else None)


def chain_of(events: list[Said], pod: str) -> list[Said]:
    """All events about a pod, what led to them, and what followed from them, by time."""
    by_id = {said.id: said for said in events if said.id}
    chain = {id(said): said for said in events if names_pod(said, pod)}
    for said in list(chain.values()):
        for cause in _ancestors(said, by_id):
            chain[id(cause)] = cause
    own = {said.id for said in chain.values() if said.id and names_pod(said, pod)}
    for said in events:
        if own & set(said.causes) and (said.name == "weight_update" or not _about_other_pod(said, pod)):
            chain[id(said)] = said
    return sorted(chain.values(), key=lambda said: said.ts)


def _ancestors(said: Said, by_id: dict[str, Said]) -> list[Said]:
    found: list[Said] = []
    waiting = list(said.causes)
    seen: set[str] = set()
    while waiting:
        identity = waiting.pop()
        if identity in seen or identity not in by_id:
            continue
        seen.add(identity)
        found.append(by_id[identity])
        waiting += by_id[identity].causes
    return found


def _about_other_pod(said: Said, pod: str) -> bool:
    about = said.value.get("pod") or (said.value.get("name") if said.name.startswith("pod/") else None)
    return about is not None and about != pod
