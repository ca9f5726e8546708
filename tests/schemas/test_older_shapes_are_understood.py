"""What existing senders put on the wire, not always valid JSON, is read as today's events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from galileo_schemas.event import Event
from galileo_schemas.events import (
    ApiPressure,
    PodCreate,
    PodRunning,
    PodShutdown,
    PodState,
    PressureFn,
    PressureRttLog,
    ScaleSchedule,
    TraceWindow,
    TraceWindowRow,
    WrrWeights,
)
from galileo_schemas.frame import FrameError, RawFrame
from galileo_schemas.quantities import cpu_millicores, memory_bytes
from galileo_schemas.registry import decode_frame


def read(name: str, value: str | dict[str, Any]) -> Event | None:
    text = value if isinstance(value, str) else json.dumps(value)
    return decode_frame(RawFrame(1700000000.0, name, text.encode()))


ADAPTERS_POD: dict[str, Any] = {
    "podUid": "0c3f",
    "containers": {
        "resnet": {
            "id": "containerd://" + "ab" * 32,
            "name": "resnet",
            "image": "edgerun/resnet:1.0",
            "port": 8080,
            "resource_requests": {"cpu": '"500m"', "memory": '"250Mi"'},
            "resource_limits": None,
        }
    },
    "namespace": "default",
    "hostIP": "",
    "name": "resnet-deployment-abcde",
    "nodeName": "vm5",
    "podIP": None,
    "qosClass": "Burstable",
    "startTime": None,
    "labels": {"ether.edgerun.io/function": "resnet", "type": "fn"},
    "status": "Pending",
}


@pytest.mark.parametrize("name", ["pod/create", "pod/pending", "pod/running", "pod/shutdown", "pod/delete"])
def test_the_adapters_pods_have_nulls_and_quantities_quoted_twice(name: str) -> None:
    pod = read(name, ADAPTERS_POD)
    assert isinstance(pod, PodState)
    assert (pod.pod_uid, pod.node_name, pod.pod_ip, pod.start_time) == ("0c3f", "vm5", "", None)
    container = pod.containers["resnet"]
    assert container.resource_limits == {}
    assert cpu_millicores(container.resource_requests["cpu"]) == 500.0
    assert memory_bytes(container.resource_requests["memory"]) == 250 * 2**20


def test_the_function_platforms_pods_have_numbers_for_quantities_and_containers_without_an_id() -> None:
    container = {"id": None, "name": "p", "image": "i", "port": None}
    requests = {"cpu": 250, "memory": 209715200}
    pod = read(
        "pod/shutdown",
        {"podUid": "1", "name": "p", "containers": {"null": {**container, "resource_requests": requests}}},
    )
    assert isinstance(pod, PodShutdown)
    assert pod.containers["null"].resource_requests == {"cpu": "250m", "memory": "209715200"}


def test_the_five_pod_events_are_told_apart() -> None:
    assert type(read("pod/create", ADAPTERS_POD)) is PodCreate
    assert type(read("pod/running", ADAPTERS_POD)) is PodRunning


def test_a_pod_without_labels_or_containers_is_a_pod() -> None:
    pod = read("pod/create", {"podUid": "1", "name": "a", "labels": None, "containers": None})
    assert isinstance(pod, PodCreate)
    assert (pod.labels, pod.containers) == ({}, {})


def test_the_original_code_says_mean_and_nan() -> None:
    row = '{"ts": 1.0, "node": "vm5", "zone": "zone-a", "mean": 0.7, "median": 0.7, "std": NaN, "min": 0.7, "max": 0.7}'
    assert read("api_pressure", row) == ApiPressure(node="vm5", zone="zone-a", value=0.7, median=0.7, min=0.7, max=0.7)


def test_the_mean_of_a_function_is_its_pressure() -> None:
    row = '{"ts": 1.0, "fn": "f", "fn_zone": "a", "client_zone": "b", "mean": 0.7, "std": NaN, "min": 0.7, "max": 0.7}'
    assert read("pressure_fn", row) == PressureFn(fn="f", fn_zone="a", client_zone="b", value=0.7, min=0.7, max=0.7)


def test_whole_numbers_may_have_a_point() -> None:
    window = read("trace_window", '{"start": 1, "end": 2.0, "rows": [{"fn": "f", "client": "c", "count": 3.0}]}')
    assert window == TraceWindow(start=1.0, end=2.0, rows=[TraceWindowRow(fn="f", client="c", count=3)])
    with pytest.raises(FrameError, match="Expected `int`, got `float`"):
        read("trace_window", '{"start": 1, "end": 2, "rows": [{"fn": "f", "client": "c", "count": 3.5}]}')


def test_the_original_writes_weights_with_a_key_per_function() -> None:
    weights = read("wrr-weights", {"resnet": {"replica-1": 3, "replica-2": 1.5}, "value": "zone-a"})
    assert weights == WrrWeights(value="zone-a", weights={"resnet": {"replica-1": 3.0, "replica-2": 1.5}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (
            "decision",
            '{"ts": 1, "fn": "f", "cpu_mean": 92.5, "recalculated_cpu_mean": NaN, "target_utilization": 80, '
            '"base_scale_ratio": 1.15, "running_pods": 2, "pending_pods": 0, "missing_cpu": 0, '
            '"threshold_tolerance": 0.1, "desired_replicas": 3, "recalculated_desired_replicas": 3, "zone": "zone-a"}',
        ),
        (
            "decision",
            '{"ts": 1, "fn": "f", "duration_agg": 140.2, "percentile": 90, "target_duration": 100, '
            '"base_scale_ratio": 1.4, "running_pods": 2, "pending_pods": 0, "threshold_tolerance": 0.1, '
            '"desired_replicas": 3}',
        ),
        ("pressure_client", '{"ts": 1, "client": "c", "client_zone": "a", "fn": "f", "fn_zone": "b", "value": 0.3}'),
        ("function_deployments", '{"type": "deploy", "name": "f", "labels": {"a": "b"}}'),
        ("functions_containers", '{"name": "f", "image": "i", "labels": {}, "resource_config": {"cpu": 1}}'),
        ("function_replicas", '{"replica_id": "1", "function": "f", "labels": {}, "image": "i"}'),
        ("scale", '{"function_name": "f", "value": -2}'),
        ("replica_deployment", '{"function_name": "f", "node_name": "None", "replica_id": "1", "value": 3}'),
        ("schedule", '{"function_name": "f", "image": "i", "replica_id": "1", "value": "queue"}'),
        ("scaling-duration", '{"value": 0.12}'),
        ("nodes-available", '{"value": 0.12}'),
        ("global-scheduler-delay", '{"pod_name": "p", "start_ts": 1.0, "end_ts": 1.5, "value": 0.5}'),
        ("local-scheduler-delay", '{"pod_name": "p", "start_ts": 1.0, "end_ts": 1.5, "value": 0.5}'),
    ],
)
def test_what_autoscalers_and_function_platforms_say_is_read(name: str, value: str) -> None:
    assert read(name, value) is not None


@pytest.mark.parametrize("name", ["pressure/zone-a", 'autoscaler-zone-a-parameters/{"lookback":10}', "warm-up-over"])
def test_names_with_a_variable_part_are_user_events(name: str) -> None:
    assert read(name, '{"value": {"fn": {"0": "f"}}}') is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_becomes_unknown(number: str) -> None:
    pressure = read("api_pressure", f'{{"node": "vm5", "zone": "zone-a", "value": 1, "max": {number}}}')
    assert pressure == ApiPressure(node="vm5", zone="zone-a", value=1.0)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_value_that_is_required_cannot_be_unknown(number: str) -> None:
    with pytest.raises(FrameError, match=r"^api_pressure: "):
        read("api_pressure", f'{{"node": "vm5", "zone": "zone-a", "value": {number}}}')


def test_the_original_code_writes_the_pod_to_create_under_another_name() -> None:
    decision = read(
        "scale_schedule",
        {
            "ts": 1.0,
            "fn": "resnet",
            "pod": {
                "ts": 1.0,
                "pod_name": "resnet-deployment-1a2b3",
                "container_id": None,
                "image": "edgerun/resnet:1.0",
                "labels": {"ether.edgerun.io/zone": "zone-b"},
                "resource_requests": {"cpu": '"500m"'},
                "namespace": "default",
            },
            "origin_zone": "zone-a",
            "dest_zone": "zone-b",
            "delete": False,
        },
    )
    assert isinstance(decision, ScaleSchedule)
    request = decision.pod_creation_request
    assert (decision.fn, decision.origin_zone, decision.dest_zone, decision.delete) == (
        "resnet",
        "zone-a",
        "zone-b",
        False,
    )
    assert (request.pod_name, request.container_name, request.image) == (
        "resnet-deployment-1a2b3",
        "resnet",
        "edgerun/resnet:1.0",
    )
    assert request.resource_requests == {"cpu": "500m"}


def test_the_original_code_deletes_with_the_same_event() -> None:
    pod = {"pod_name": "resnet-1", "image": None, "labels": None, "resource_requests": None, "namespace": None}
    decision = read(
        "scale_schedule", {"fn": "resnet", "pod": pod, "origin_zone": "a", "dest_zone": "a", "delete": True}
    )
    assert isinstance(decision, ScaleSchedule)
    assert decision.delete
    assert decision.pod_creation_request.pod_name == "resnet-1"


def test_the_original_codes_pressures_carry_a_type() -> None:
    row = {
        "ts": 1.0,
        "type": "rtt",
        "value": 0.27,
        "fn": "resnet",
        "distance": 30.0,
        "client": "gateway-zone-a",
        "required_latency": 70,
        "gateway": "vm5",
        "max_value": 250,
        "scaled_value": 0.12,
        "zone": "zone-a",
    }
    pressure = read("pressure_rtt_log", row)
    assert isinstance(pressure, PressureRttLog)
    assert (pressure.distance, pressure.required_latency, pressure.type) == (30.0, 70.0, "rtt")
