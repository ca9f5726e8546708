"""Who has asked for what of late, and how long it took, from trace windows kept for `keep_s`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from galileo_schemas.events import TraceWindow

from galileo_context import sketch
from galileo_context.window import Window


class RequestKey(NamedTuple):
    """Requests of one function from one client group to one pod (`ip:port`; "" when none answered)."""

    fn: str
    client: str
    pod: str


@dataclass(slots=True)
class RequestCounts:
    """How many requests there were, how many of them failed, and their response times as a sketch of milliseconds."""

    count: int = 0
    failed: int = 0
    rtt_ms: sketch.Buckets = field(default_factory=dict)


class Requests:
    """Trace windows of all recorders."""

    def __init__(self, *, keep_s: float) -> None:
        self._keep_s = keep_s
        self._windows: Window[TraceWindow] = Window()

    def note(self, event: TraceWindow) -> None:
        """Takes a window; the same one of the same source twice, or one older than what is kept, changes nothing."""
        source = event.meta.source if event.meta is not None else ""
        self._windows.add(event.end, (event.start, source), event)
        self._windows.drop_until((self._windows.newest_end or event.end) - self._keep_s)

    def heard(self, now: float, lookback_s: float) -> bool:
        """Whether any recorder spoke in the lookback: without that, no requests means nothing."""
        return bool(self._windows.between(now - lookback_s, now))

    def merged(self, now: float, lookback_s: float) -> dict[RequestKey, RequestCounts]:
        """All requests of the lookback by function, client group and pod."""
        merged: dict[RequestKey, RequestCounts] = {}
        for window in self._windows.between(now - lookback_s, now):
            for row in window.rows:
                counts = merged.setdefault(RequestKey(row.fn, row.client, row.pod), RequestCounts())
                counts.count += row.count
                counts.failed += row.failed
                sketch.merge(counts.rtt_ms, row.rtt_ms)
        return merged
