"""The bounded windows: means over the lookback, merged requests, and that memory ends with time."""

import pytest
from galileo_context import sketch
from galileo_context.requests import RequestKey, Requests
from galileo_context.usage import Usage
from galileo_schemas.event import Meta
from galileo_schemas.events import ContainerUsage, TelemetryWindow, TraceWindow, TraceWindowRow


def telemetry(end: float, millicores: float | None, *, length_s: float = 1.0, container: str = "c") -> TelemetryWindow:
    containers = {container: ContainerUsage(cpu_millicores=millicores)}
    return TelemetryWindow(node="n", start=end - length_s, end=end, metrics={"cpu": end}, containers=containers)


def trace(end: float, count: int, *, source: str = "") -> TraceWindow:
    row = TraceWindowRow(fn="f", client="c", pod="p:1", count=count, failed=1, rtt_ms={sketch.bucket_of(30): count - 1})
    return TraceWindow(start=end - 1, end=end, rows=[row], meta=Meta(source=source) if source else None)


def test_a_containers_cpu_is_its_mean_over_the_lookback() -> None:
    usage = Usage(keep_s=60)
    for end, millicores in ((90, 900.0), (95, 100.0), (100, 300.0)):
        usage.note(telemetry(end, millicores))
    assert usage.container_cpu_millicores("c", 100, 10) == 200.0
    assert usage.node_cpu_percent("n", 100, 10) == 97.5


def test_a_longer_window_weighs_more() -> None:
    usage = Usage(keep_s=60)
    usage.note(telemetry(98, 100.0, length_s=3))
    usage.note(telemetry(99, 500.0, length_s=1))
    assert usage.container_cpu_millicores("c", 100, 10) == pytest.approx(200.0)


def test_the_order_of_arrival_does_not_matter_and_twice_is_once() -> None:
    usage = Usage(keep_s=60)
    for end, millicores in ((100, 300.0), (95, 100.0), (95, 100.0), (100, 300.0)):
        usage.note(telemetry(end, millicores))
    assert usage.container_cpu_millicores("c", 100, 10) == 200.0


def test_what_is_not_known_is_none_and_not_zero() -> None:
    usage = Usage(keep_s=60)
    usage.note(telemetry(100, None))
    assert usage.container_cpu_millicores("c", 100, 10) is None
    assert usage.container_cpu_millicores("other", 100, 10) is None
    assert usage.container_cpu_millicores("c", 200, 10) is None
    assert usage.node_cpu_percent("other", 100, 10) is None


def test_windows_of_the_future_do_not_count_yet() -> None:
    usage = Usage(keep_s=60)
    usage.note(telemetry(105, 300.0))
    assert usage.container_cpu_millicores("c", 100, 10) is None
    assert usage.container_cpu_millicores("c", 105, 10) == 300.0


def test_containers_and_nodes_that_fell_silent_are_forgotten() -> None:
    usage = Usage(keep_s=60)
    usage.note(telemetry(100, 300.0, container="old"))
    other = TelemetryWindow(node="m", start=199, end=200, metrics={"cpu": 1.0})
    usage.note(other)
    assert usage._by_node.keys() == {"m"}
    assert usage._node_of_container == {}


def test_a_container_is_forgotten_while_its_node_speaks_on() -> None:
    usage = Usage(keep_s=60)
    for end in range(100, 300):
        usage.note(telemetry(end, 1.0, container=f"c{end // 10}"))
    assert len(usage._node_of_container) <= 7
    assert len(usage._by_node["n"].between(0, 1000)) == 60


def test_requests_of_several_windows_and_recorders_are_added_up() -> None:
    requests = Requests(keep_s=60)
    requests.note(trace(95, 10, source="one"))
    requests.note(trace(95, 20, source="two"))
    requests.note(trace(100, 30))
    requests.note(trace(80, 99))
    merged = requests.merged(100, 15)
    assert merged.keys() == {RequestKey("f", "c", "p:1")}
    counts = merged[RequestKey("f", "c", "p:1")]
    assert (counts.count, counts.failed, counts.rtt_ms) == (60, 3, {sketch.bucket_of(30): 57})


def test_the_same_window_of_the_same_recorder_counts_once() -> None:
    requests = Requests(keep_s=60)
    requests.note(trace(95, 10, source="one"))
    requests.note(trace(95, 10, source="one"))
    assert requests.merged(100, 15)[RequestKey("f", "c", "p:1")].count == 10


def test_reading_does_not_change_what_was_said() -> None:
    requests = Requests(keep_s=60)
    window = trace(95, 10)
    requests.note(window)
    requests.merged(100, 15)
    assert requests.merged(100, 15)[RequestKey("f", "c", "p:1")].count == 10
    assert window == trace(95, 10)


def test_silence_of_the_recorders_is_told_from_an_absence_of_requests() -> None:
    requests = Requests(keep_s=60)
    assert not requests.heard(100, 15)
    requests.note(TraceWindow(start=94, end=95))
    assert requests.heard(100, 15)
    assert not requests.heard(111, 15)


def test_old_trace_windows_are_dropped() -> None:
    requests = Requests(keep_s=60)
    for end in range(100, 300):
        requests.note(trace(end, 2))
    assert len(requests._windows.between(0, 1000)) == 60
