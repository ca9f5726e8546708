"""Traces summed up by function, client group and pod."""

from __future__ import annotations

import json
from typing import Any

import pytest
from galileo_context.sketch import percentile
from galileo_schemas.events import TraceWindow, TraceWindowRow
from galileo_schemas.raw.trace_line import Trace
from galileo_schemas.registry import encode_frame
from galileo_services.trace_recorder.windows import TraceWindows


def trace(
    rtt_ms: float = 20.0, *, hops: str | None = "10.0.0.1:8080", header: str = "X-Final-Host", **fields: Any
) -> Trace:
    shown = {"request_id": "r", "client": "galileo-worker-zone-a-abcde:resnet:0", "service": "resnet", "status": 200}
    headers = None if hops is None else json.dumps({"Server": "x", header: hops})
    return Trace(
        **{**shown, "created": 99.0, "sent": 100.0, "done": 100.0 + rtt_ms / 1000, "headers": headers, **fields}
    )


def rows_of(*traces: Trace) -> list[TraceWindowRow]:
    windows = TraceWindows(start=90.0)
    for one in traces:
        windows.add(one)
    window = windows.close(101.0)
    assert window is not None
    return window.rows


def test_silence_is_told_as_a_window_without_rows() -> None:
    window = TraceWindows(start=0.0).close(10.0)
    assert (window.start, window.end, window.rows) == (0.0, 10.0, [])


def test_windows_follow_one_another_and_start_empty() -> None:
    windows = TraceWindows(start=90.0)
    windows.add(trace())
    first = windows.close(95.0)
    assert (first.start, first.end) == (90.0, 95.0)
    assert windows.close(100.0).rows == []
    windows.add(trace())
    third = windows.close(105.0)
    assert third is not None
    assert (third.start, third.end, third.rows[0].count) == (100.0, 105.0, 1)


def test_clients_of_one_worker_are_one_group() -> None:
    (row,) = rows_of(trace(client="worker-1:resnet:0"), trace(client="worker-1:resnet:17"))
    assert (row.fn, row.client, row.pod, row.count, row.failed) == ("resnet", "worker-1", "10.0.0.1:8080", 2, 0)


def test_functions_groups_and_pods_have_rows_of_their_own() -> None:
    rows = rows_of(trace(), trace(service="mobilenet"), trace(client="other:resnet:0"), trace(hops="10.0.0.2:8080"))
    assert [row.count for row in rows] == [1, 1, 1, 1]


@pytest.mark.parametrize("header", ["X-Final-Host", "x-final-host", "X-FINAL-HOST"])
def test_the_pod_is_the_last_hop_whatever_the_headers_case(header: str) -> None:
    (row,) = rows_of(trace(hops="10.0.1.1:8080, 10.0.2.2:8080,10.0.3.3:9000", header=header))
    assert row.pod == "10.0.3.3:9000"


@pytest.mark.parametrize("headers", [None, "", "{}", "[]", "no json", "[" * 100_000])
def test_without_the_header_the_pod_is_not_known(headers: str | None) -> None:
    (row,) = rows_of(trace(headers=headers))
    assert row.pod == ""


@pytest.mark.parametrize("status", [-1, 0, 199, 300, 404, 500])
def test_what_is_not_2xx_has_failed_and_has_no_response_time(status: int) -> None:
    (row,) = rows_of(trace(status=status), trace(status=204))
    assert (row.count, row.failed, sum(row.rtt_ms.values())) == (2, 1, 1)


def test_response_times_count_from_sent_to_done() -> None:
    (row,) = rows_of(*[trace(rtt_ms=10.0)] * 9, trace(rtt_ms=200.0))
    assert percentile(row.rtt_ms, 50) == pytest.approx(10.0, rel=0.01)
    assert percentile(row.rtt_ms, 100) == pytest.approx(200.0, rel=0.01)


@pytest.mark.parametrize(("sent", "done"), [(100.0, 99.0), (-1.0, 1.7e9), (-1e308, 1e308)])
def test_a_response_time_that_cannot_be_is_left_out_but_the_request_counts(sent: float, done: float) -> None:
    (row,) = rows_of(trace(sent=sent, done=done))
    assert (row.count, row.failed, row.rtt_ms) == (1, 0, {})


def test_a_window_can_be_said_even_if_a_header_held_no_text() -> None:
    windows = TraceWindows(start=90.0)
    windows.add(trace(hops="10.0.0.1\udcff:8080"))
    window = windows.close(101.0)
    assert isinstance(window, TraceWindow)
    assert b"trace_window" in encode_frame(101.0, window)
