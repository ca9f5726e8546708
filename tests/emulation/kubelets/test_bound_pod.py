"""A kubelet reads what it needs from a pod, or says what is wrong with it."""

import pytest
from galileo_emulation.kubelets.bound_pod import UnreadablePodError, read_pod
from galileo_emulation.kubernetes.apiobjects import JsonObject


def pod(**spec: object) -> JsonObject:
    containers = [{"name": "main", "image": "i", "ports": [{"containerPort": 8080}]}]
    return {
        "metadata": {"uid": "u", "namespace": "default", "name": "p"},
        "spec": {"nodeName": "n1", "containers": containers, **spec},
    }


def test_a_pod_without_a_node_is_nobodys() -> None:
    assert read_pod(pod(nodeName=None)) is None


def test_ports_limits_and_grace_are_read() -> None:
    body = pod(terminationGracePeriodSeconds=7)
    body["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "250m"}}
    read = read_pod(body)
    assert read is not None
    assert read.containers[0].ports == (8080,)
    assert read.containers[0].cpu_limit_millicores == 250.0
    assert (read.deleting, read.grace_s) == (False, 7.0)


def test_the_grace_of_a_deletion_wins_over_that_of_the_specification() -> None:
    body = pod(terminationGracePeriodSeconds=7)
    body["metadata"] |= {"deletionTimestamp": "2024-01-01T00:00:00Z", "deletionGracePeriodSeconds": 0}
    read = read_pod(body)
    assert read is not None
    assert (read.deleting, read.grace_s) == (True, 0.0)


def test_a_pod_that_cannot_be_read_is_named_with_the_reason() -> None:
    with pytest.raises(UnreadablePodError, match="pod default/p: image is missing"):
        read_pod(pod(containers=[{"name": "main"}]))
    broken = [{"name": "main", "image": "i", "resources": {"limits": {"cpu": "much"}}}]
    with pytest.raises(UnreadablePodError, match=r"pod default/p: quantities must be .* got 'much'"):
        read_pod(pod(containers=broken))
