"""Trace windows: how many requests went from whom to which pod, how many failed, and how long they took.

Traces go in as they are recorded, one `TraceWindow` comes out at each close. Response times are kept as a histogram in
logarithmic buckets, so that windows can be merged and any percentile be read later.
"""

from __future__ import annotations

from galileo_context.sketch import bucket_of
from galileo_schemas.events import TraceWindow, TraceWindowRow
from galileo_schemas.raw.trace_line import Trace

FINAL_HOST_HEADER = "X-Final-Host"
LONGEST_RTT_MS = 86_400_000.0
"""A day. What claims to have taken longer, or less than nothing, has its times from clocks that were set in between."""


class TraceWindows:
    """Times are unix seconds; the first window starts at `start`."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._rows: dict[tuple[str, str, str], TraceWindowRow] = {}

    def add(self, trace: Trace) -> None:
        """Counts a trace in. Its response time counts when it succeeded and the time can be."""
        fn, client, pod = key = (trace.service, client_group(trace), serving_pod(trace))
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = TraceWindowRow(fn=fn, client=client, pod=pod)
        row.count += 1
        if not trace.succeeded:
            row.failed += 1
            return
        rtt_ms = (trace.done - trace.sent) * 1000.0
        if 0.0 <= rtt_ms <= LONGEST_RTT_MS:
            bucket = bucket_of(rtt_ms)
            row.rtt_ms[bucket] = row.rtt_ms.get(bucket, 0) + 1

    def close(self, now: float) -> TraceWindow:
        """Ends the window at `now`; without rows when no trace was recorded in it: silence is told, too."""
        start, self._start = self._start, now
        rows, self._rows = self._rows, {}
        return TraceWindow(start=start, end=now, rows=list(rows.values()))


def client_group(trace: Trace) -> str:
    """The worker that a client belongs to: client ids are `<worker>:<service>:<number>`."""
    return trace.client.partition(":")[0]


def serving_pod(trace: Trace) -> str:
    """The pod's `ip:port`, "" when none answered: gateways append their own address on the way, the pod's is last."""
    hops = trace.header(FINAL_HOST_HEADER) or ""
    return hops.rpartition(",")[2].strip()
