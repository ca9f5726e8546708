"""What a window says of a node and its containers, and to which window a sample belongs."""

from __future__ import annotations

import pytest
from galileo_schemas.events import ContainerUsage, TelemetryWindow
from galileo_schemas.raw.telemetry_sample import TelemetrySample
from galileo_services.telemetry_ingester.window import TelemetryWindows

T0 = 1_700_000_000.0
CONTAINER = "0123456789ab" + "c" * 52


def hear(
    windows: TelemetryWindows, metric: str, value: float, at_s: float, subsystem: str = "", node: str = "n"
) -> None:
    assert windows.add(TelemetrySample(node, metric, subsystem, T0 + at_s, value), T0 + at_s) is None


def test_a_window_holds_the_means_of_a_nodes_metrics() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "cpu", 20.0, 1)
    hear(windows, "cpu", 40.0, 2)
    hear(windows, "ram", 1000.0, 2)
    hear(windows, "rx", 7.0, 2, subsystem="eth0")
    assert windows.close(T0 + 5) == [
        TelemetryWindow(node="n", start=T0, end=T0 + 5, metrics={"cpu": 30.0, "ram": 1000.0, "rx/eth0": 7.0})
    ]


def test_each_node_has_a_window_of_its_own() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "cpu", 20.0, 1, node="b")
    hear(windows, "cpu", 40.0, 1, node="a")
    assert [(window.node, window.metrics["cpu"]) for window in windows.close(T0 + 5)] == [("a", 40.0), ("b", 20.0)]


def test_a_node_without_samples_has_no_window() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "cpu", 20.0, 1)
    windows.close(T0 + 5)
    assert windows.close(T0 + 10) == []


def test_windows_follow_one_another_without_a_gap() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "cpu", 20.0, 1)
    windows.close(T0 + 5.2)
    hear(windows, "cpu", 40.0, 6)
    (second,) = windows.close(T0 + 10.1)
    assert (second.start, second.end, second.metrics) == (T0 + 5.2, T0 + 10.1, {"cpu": 40.0})


def test_a_containers_cpu_is_its_mean_over_the_window() -> None:
    windows = TelemetryWindows(5.0)
    for at_s, nanoseconds in ((0.0, 5e9), (1.0, 5.8e9), (3.0, 6.0e9)):
        hear(windows, "kubernetes_cgrp_cpu", nanoseconds, at_s, subsystem=CONTAINER)
    (window,) = windows.close(T0 + 5)
    assert window.containers["0123456789ab"].cpu_millicores == pytest.approx(1000 / 3)


def test_a_rate_reaches_across_the_close() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "docker_cgrp_cpu", 5e9, 4, subsystem="0123456789ab")
    (first,) = windows.close(T0 + 5)
    assert first.containers == {"0123456789ab": ContainerUsage(cpu_millicores=None)}
    hear(windows, "docker_cgrp_cpu", 6e9, 6, subsystem="0123456789ab")
    (second,) = windows.close(T0 + 10)
    assert second.containers["0123456789ab"].cpu_millicores == pytest.approx(500.0)


def test_a_restarted_container_has_no_negative_use() -> None:
    windows = TelemetryWindows(5.0)
    for at_s, nanoseconds in ((0, 9e9), (1, 1e8), (2, 4e8)):
        hear(windows, "kubernetes_cgrp_cpu", nanoseconds, at_s, subsystem=CONTAINER)
    (window,) = windows.close(T0 + 5)
    assert window.containers["0123456789ab"].cpu_millicores == pytest.approx(300.0)


def test_ids_of_any_length_speak_of_one_container() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "kubernetes_cgrp_cpu", 1e9, 0, subsystem=CONTAINER[:32])
    hear(windows, "kubernetes_cgrp_cpu", 2e9, 1, subsystem=CONTAINER[:12])
    hear(windows, "docker_cgrp_memory", 70.0, 1, subsystem=CONTAINER)
    hear(windows, "docker_cgrp_memory", 90.0, 2, subsystem=CONTAINER)
    hear(windows, "docker_cgrp_memory", 80.0, 3, subsystem=CONTAINER)
    (window,) = windows.close(T0 + 5)
    assert window.containers == {"0123456789ab": ContainerUsage(cpu_millicores=1000.0, memory_bytes=90.0)}


def test_containers_disk_and_network_are_left_to_the_recorder() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "kubernetes_cgrp_net", 1e9, 0, subsystem=f"{CONTAINER}/eth0/rx")
    hear(windows, "kubernetes_cgrp_blkio", 1e9, 0, subsystem=CONTAINER)
    hear(windows, "kubernetes_cgrp_cpu", 1e9, 0)  # no container named
    assert windows.close(T0 + 5) == []


def test_stalled_time_is_told_as_a_rate() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "psi_cpu", 1_000_000.0, 0, subsystem="some")
    hear(windows, "psi_cpu", 1_200_000.0, 2, subsystem="some")
    (window,) = windows.close(T0 + 5)
    assert window.metrics == {"psi_cpu/some": pytest.approx(100_000.0)}


def test_a_silent_containers_counter_is_forgotten_after_a_minute() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "kubernetes_cgrp_cpu", 1e9, 0, subsystem=CONTAINER)
    hear(windows, "cpu", 1.0, 61)  # the node goes on
    windows.close(T0 + 61)
    hear(windows, "kubernetes_cgrp_cpu", 2e9, 62, subsystem=CONTAINER)
    (window,) = windows.close(T0 + 65)
    assert window.containers["0123456789ab"].cpu_millicores is None


def test_a_container_that_is_heard_of_is_not_forgotten() -> None:
    windows = TelemetryWindows(5.0)
    hear(windows, "kubernetes_cgrp_cpu", 1e9, 0, subsystem=CONTAINER)
    windows.close(T0 + 59)
    hear(windows, "kubernetes_cgrp_cpu", 61e9, 60, subsystem=CONTAINER)
    (window,) = windows.close(T0 + 65)
    assert window.containers["0123456789ab"].cpu_millicores == pytest.approx(1000.0)


def test_a_sample_dated_after_the_close_waits_for_the_next_window() -> None:
    windows = TelemetryWindows(5.0)
    assert windows.add(TelemetrySample("n", "cpu", "", T0 + 6.0, 80.0), T0 + 4.0) is None
    hear(windows, "cpu", 20.0, 4)
    assert [window.metrics for window in windows.close(T0 + 5)] == [{"cpu": 20.0}]
    assert [window.metrics for window in windows.close(T0 + 10)] == [{"cpu": 80.0}]


def test_a_late_sample_counts_in_the_open_window() -> None:
    windows = TelemetryWindows(5.0)
    windows.close(T0 + 5)
    assert windows.add(TelemetrySample("n", "cpu", "", T0 + 3.0, 80.0), T0 + 6.0) is None
    assert [window.metrics for window in windows.close(T0 + 10)] == [{"cpu": 80.0}]
