"""What is said of a pod and of a node, read from the objects of the Kubernetes API."""

from __future__ import annotations

import json

import pytest
from galileo_backends.kubernetes.pod_state import pod_state
from galileo_services.cluster_observer.node_view import node_info_fields, node_update

from tests.services.kubernetes_objects import node_object, pod_object


def test_a_pod_that_was_just_created_is_told_with_what_it_asks_for() -> None:
    pod = pod_object("pod-1", cause="decision-1")
    pod["metadata"].update(uid="uid-1", resourceVersion="7", creationTimestamp="2024-01-01T00:00:00Z")
    state = pod_state(pod)
    assert (state.pod_uid, state.name, state.namespace, state.cause) == ("uid-1", "pod-1", "default", "decision-1")
    assert (state.node_name, state.pod_ip, state.status, state.ready) == ("", "", "", False)
    assert (state.created, state.deletion_timestamp, state.resource_version) == (1704067200.0, 0.0, "7")
    container = state.containers["resnet"]
    assert (container.image, container.port, container.id) == ("edgerun/resnet:1", 8080, "")
    assert container.resource_requests == {"cpu": "500m", "memory": "64Mi"}


def test_a_running_pod_is_told_with_its_addresses_and_container_ids() -> None:
    pod = pod_object("pod-1")
    pod["metadata"]["uid"] = "uid-1"
    pod["spec"]["nodeName"] = "node-1"
    pod["status"] = {
        "phase": "Running",
        "podIP": "10.0.0.1",
        "hostIP": "192.168.0.1",
        "qosClass": "Burstable",
        "startTime": "2024-01-01T00:00:00Z",
        "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "resnet", "containerID": "containerd://0123456789abcdef"}],
    }
    state = pod_state(pod)
    assert (state.node_name, state.pod_ip, state.host_ip) == ("node-1", "10.0.0.1", "192.168.0.1")
    assert (state.status, state.ready, state.qos_class) == ("Running", True, "Burstable")
    assert state.containers["resnet"].id == "containerd://0123456789abcdef"


@pytest.mark.parametrize("conditions", [[], [{"type": "Ready", "status": "False"}], [{"type": "Ready"}]])
def test_a_pod_is_not_ready_before_its_condition_says_so(conditions: list[dict[str, str]]) -> None:
    pod = pod_object("pod-1")
    pod["metadata"]["uid"] = "uid-1"
    pod["status"] = {"phase": "Running", "conditions": conditions}
    assert not pod_state(pod).ready


def test_a_container_that_declares_no_port_has_minus_one_and_numbers_become_quantities() -> None:
    pod = pod_object("pod-1")
    pod["metadata"]["uid"] = "uid-1"
    container = pod["spec"]["containers"][0]
    del container["ports"]
    container["resources"] = {"requests": {"cpu": 1}, "limits": {"cpu": 2}}
    state = pod_state(pod).containers["resnet"]
    assert state.port == -1
    assert (state.resource_requests, state.resource_limits) == ({"cpu": "1"}, {"cpu": "2"})


def test_a_pod_that_is_being_deleted_is_told_when() -> None:
    pod = pod_object("pod-1")
    pod["metadata"].update(uid="uid-1", deletionTimestamp="2024-01-01T00:00:10Z")
    assert pod_state(pod).deletion_timestamp == 1704067210.0


def test_a_node_is_told_with_its_zone_and_what_it_can_hold() -> None:
    update = node_update(node_object("node-1", "zone-b", cpu="2"))
    assert (update.name, update.zone, update.address, update.ready) == ("node-1", "zone-b", "192.168.0.1", True)
    assert update.allocatable == {"cpu": "2", "memory": "8Gi", "pods": "110"}
    assert (update.present, update.unschedulable, update.taints) == (True, False, [])


def test_a_node_without_labels_is_in_zone_main_and_not_ready_before_it_says_so() -> None:
    update = node_update({"metadata": {"name": "node-1"}})
    assert (update.zone, update.address, update.ready) == ("main", "", False)


def test_a_cordoned_and_tainted_node_is_told_as_such() -> None:
    node = node_object("node-1")
    taint = {"key": "edge", "effect": "NoSchedule"}
    node["spec"] = {"unschedulable": True, "taints": [taint]}
    update = node_update(node)
    assert (update.unschedulable, update.taints) == (True, [taint])


def test_a_nodes_info_is_json_in_two_fields() -> None:
    fields = node_info_fields(node_update(node_object("node-1")))
    assert {name: json.loads(text) for name, text in fields.items()} == {
        "labels": {"ether.edgerun.io/zone": "zone-a"},
        "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
    }
