"""Pods that could not run are refused, with the field and the reason for each thing that is wrong."""

from typing import Any

import pytest

from tests.emulation.kubernetes.calls import Calls
from tests.emulation.kubernetes.objects import PODS, pod

INVALID, REQUIRED, FORBIDDEN = "FieldValueInvalid", "FieldValueRequired", "FieldValueForbidden"
UNSUPPORTED, DUPLICATE, NOT_FOUND = "FieldValueNotSupported", "FieldValueDuplicate", "FieldValueNotFound"
C = "spec.containers[0]"
DATA = {"name": "data", "emptyDir": {}}
Causes = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("container", "causes"),
    [
        ({"name": "Upper"}, [(INVALID, f"{C}.name")]),
        ({"image": " spaced "}, [(INVALID, f"{C}.image")]),
        ({"imagePullPolicy": "Sometimes"}, [(UNSUPPORTED, f"{C}.imagePullPolicy")]),
        ({"ports": [{"containerPort": 0}]}, [(REQUIRED, f"{C}.ports[0].containerPort")]),
        ({"ports": [{"containerPort": 70000}]}, [(INVALID, f"{C}.ports[0].containerPort")]),
        ({"ports": [{"containerPort": 80, "protocol": "ICMP"}]}, [(UNSUPPORTED, f"{C}.ports[0].protocol")]),
        ({"ports": [{"containerPort": 80, "name": "far-too-long-name"}]}, [(INVALID, f"{C}.ports[0].name")]),
        (
            {"ports": [{"containerPort": 80, "name": "a"}, {"containerPort": 81, "name": "a"}]},
            [(DUPLICATE, f"{C}.ports[1].name")],
        ),
        (
            {"ports": [{"containerPort": 80, "hostPort": 9}, {"containerPort": 81, "hostPort": 9}]},
            [(DUPLICATE, f"{C}.ports[1].hostPort")],
        ),
    ],
)
async def test_names_and_ports_of_containers(calls: Calls, container: dict[str, Any], causes: Causes) -> None:
    assert await calls.refused(PODS, pod(container=container)) == causes


@pytest.mark.parametrize(
    ("variable", "causes"),
    [
        ({"name": "A=B"}, [(INVALID, f"{C}.env[0].name")]),
        ({"value": "x"}, [(REQUIRED, f"{C}.env[0].name")]),
        ({"name": "A", "valueFrom": {}}, [(INVALID, f"{C}.env[0].valueFrom")]),
        (
            {"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            [(INVALID, f"{C}.env[0].valueFrom")],
        ),
        (
            {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.colour"}}},
            [(UNSUPPORTED, f"{C}.env[0].valueFrom.fieldRef.fieldPath")],
        ),
        (
            {"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.gpu"}}},
            [(UNSUPPORTED, f"{C}.env[0].valueFrom.resourceFieldRef.resource")],
        ),
        (
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s"}}},
            [(REQUIRED, f"{C}.env[0].valueFrom.secretKeyRef.key")],
        ),
    ],
)
async def test_environment_variables(calls: Calls, variable: dict[str, Any], causes: Causes) -> None:
    assert await calls.refused(PODS, pod(container={"env": [variable]})) == causes


async def test_references_that_exist_are_taken_and_completed(calls: Calls) -> None:
    sources = [
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        {"name": "ZONE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a.b/c']"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
        {"name": "MEMORY", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
    ]
    made = await calls.create(PODS, pod(container={"env": sources}))
    env = {entry["name"]: entry["valueFrom"] for entry in made["spec"]["containers"][0]["env"]}
    assert env["NODE"]["fieldRef"]["apiVersion"] == "v1"
    assert env["MEMORY"]["resourceFieldRef"]["divisor"] == "0"


@pytest.mark.parametrize(
    ("mounts", "causes"),
    [
        ([{"name": "other", "mountPath": "/x"}], [(NOT_FOUND, f"{C}.volumeMounts[0].name")]),
        ([{"name": "data"}], [(REQUIRED, f"{C}.volumeMounts[0].mountPath")]),
        ([{"name": "data", "mountPath": "/x"}] * 2, [(INVALID, f"{C}.volumeMounts[1].mountPath")]),
        ([{"name": "data", "mountPath": "/x", "subPath": "../up"}], [(INVALID, f"{C}.volumeMounts[0].subPath")]),
    ],
)
async def test_mounts_of_volumes(calls: Calls, mounts: list[dict[str, Any]], causes: Causes) -> None:
    assert await calls.refused(PODS, pod(container={"volumeMounts": mounts}, volumes=[DATA])) == causes


@pytest.mark.parametrize(
    ("volume", "causes"),
    [
        ({"emptyDir": {}}, [(REQUIRED, "spec.volumes[0].name")]),
        ({"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}}, [(FORBIDDEN, "spec.volumes[0].hostPath")]),
        ({"name": "v", "hostPath": {}}, [(REQUIRED, "spec.volumes[0].hostPath.path")]),
        ({"name": "v", "hostPath": {"path": "/x", "type": "Pipe"}}, [(UNSUPPORTED, "spec.volumes[0].hostPath.type")]),
        ({"name": "v", "configMap": {}}, [(REQUIRED, "spec.volumes[0].configMap.name")]),
        (
            {"name": "v", "secret": {"secretName": "s", "defaultMode": 512}},
            [(INVALID, "spec.volumes[0].secret.defaultMode")],
        ),
        ({"name": "v", "persistentVolumeClaim": {}}, [(REQUIRED, "spec.volumes[0].persistentVolumeClaim.claimName")]),
        ({"name": "v", "emptyDir": {"sizeLimit": "-1"}}, [(FORBIDDEN, "spec.volumes[0].emptyDir.sizeLimit")]),
    ],
)
async def test_volumes(calls: Calls, volume: dict[str, Any], causes: Causes) -> None:
    assert await calls.refused(PODS, pod(volumes=[volume])) == causes


async def test_a_volume_without_a_source_is_an_empty_directory(calls: Calls) -> None:
    made = await calls.create(PODS, pod(volumes=[{"name": "v"}]))
    assert made["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}]


@pytest.mark.parametrize(
    ("probe", "causes"),
    [
        ({}, [(REQUIRED, f"{C}.livenessProbe")]),
        ({"exec": {"command": ["x"]}, "grpc": {"port": 1}}, [(FORBIDDEN, f"{C}.livenessProbe.grpc")]),
        ({"exec": {}}, [(REQUIRED, f"{C}.livenessProbe.exec.command")]),
        ({"httpGet": {"port": 0}}, [(INVALID, f"{C}.livenessProbe.httpGet.port")]),
        ({"httpGet": {"port": "HTTP"}}, [(INVALID, f"{C}.livenessProbe.httpGet.port")] * 2),
        ({"httpGet": {"port": 80, "scheme": "FTP"}}, [(UNSUPPORTED, f"{C}.livenessProbe.httpGet.scheme")]),
        ({"tcpSocket": {"port": 80}, "periodSeconds": -1}, [(INVALID, f"{C}.livenessProbe.periodSeconds")]),
        ({"tcpSocket": {"port": 80}, "successThreshold": 2}, [(INVALID, f"{C}.livenessProbe.successThreshold")]),
    ],
)
async def test_probes(calls: Calls, probe: dict[str, Any], causes: Causes) -> None:
    assert await calls.refused(PODS, pod(container={"livenessProbe": probe})) == causes


@pytest.mark.parametrize(
    ("resources", "causes"),
    [
        ({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}, [(INVALID, f"{C}.resources.requests")]),
        ({"limits": {"memory": "-1Gi"}}, [(INVALID, f"{C}.resources.limits[memory]")] * 1),
        ({"limits": {"example.com/gpu": "500m"}}, [(INVALID, f"{C}.resources.limits[example.com/gpu]")]),
        ({"requests": {"example.com/gpu": "1"}}, [(REQUIRED, f"{C}.resources.limits")]),
        ({"limits": {"gpu": "1"}}, [(INVALID, f"{C}.resources.limits")]),
        ({"claims": [{"name": "x"}]}, [(NOT_FOUND, f"{C}.resources.claims[0]")]),
    ],
)
async def test_resources(calls: Calls, resources: dict[str, Any], causes: Causes) -> None:
    found = await calls.refused(PODS, pod(container={"resources": resources}))
    # What is limited is requested as well, and so refused twice.
    assert list(dict.fromkeys(found))[: len(causes)] == causes


@pytest.mark.parametrize(
    ("spec", "causes"),
    [
        ({"restartPolicy": "Maybe"}, [(UNSUPPORTED, "spec.restartPolicy")]),
        ({"dnsPolicy": "Mine"}, [(UNSUPPORTED, "spec.dnsPolicy")]),
        ({"dnsPolicy": "None"}, [(REQUIRED, "spec.dnsConfig.nameservers")]),
        ({"nodeSelector": {"a b": "c"}}, [(INVALID, "spec.nodeSelector")]),
        ({"hostname": "a.b"}, [(INVALID, "spec.hostname")]),
        ({"activeDeadlineSeconds": 0}, [(INVALID, "spec.activeDeadlineSeconds")]),
        ({"securityContext": {"runAsUser": -1}}, [(INVALID, "spec.securityContext.runAsUser")]),
        ({"hostAliases": [{"ip": "here"}]}, [(INVALID, "spec.hostAliases[0].ip")]),
        ({"schedulingGates": [{"name": "a"}, {"name": "a"}]}, [(DUPLICATE, "spec.schedulingGates[1]")]),
        ({"containers": []}, [(REQUIRED, "spec.containers")]),
        (
            {"initContainers": [{"name": "c", "image": "x"}]},
            [(DUPLICATE, "spec.initContainers[0].name")],
        ),
        (
            {"initContainers": [{"name": "i", "image": "x", "livenessProbe": {"exec": {"command": ["x"]}}}]},
            [(FORBIDDEN, "spec.initContainers[0].livenessProbe")],
        ),
        ({"ephemeralContainers": [{"name": "e", "image": "x"}]}, [(FORBIDDEN, "spec.ephemeralContainers")]),
    ],
)
async def test_what_holds_for_the_pod(calls: Calls, spec: dict[str, Any], causes: Causes) -> None:
    assert await calls.refused(PODS, pod(**spec)) == causes


async def test_ports_of_the_host_follow_those_of_the_container(calls: Calls) -> None:
    made = await calls.create(PODS, pod(container={"ports": [{"containerPort": 80}]}, hostNetwork=True))
    assert made["spec"]["containers"][0]["ports"] == [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]
    other = pod("q", container={"ports": [{"containerPort": 80, "hostPort": 81}]}, hostNetwork=True)
    assert await calls.refused(PODS, other) == [(INVALID, f"{C}.ports[0].containerPort")]


async def test_what_is_probably_not_meant_is_told(calls: Calls) -> None:
    container = {
        "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}],
        "resources": {"limits": {"memory": "100m"}},
    }
    body = pod(container=container, nodeSelector={"beta.kubernetes.io/arch": "arm64"})
    told = await calls.warnings("POST", PODS, body)
    assert [warning.split(":")[0].removeprefix('299 - "') for warning in told] == [
        "spec.nodeSelector[beta.kubernetes.io/arch]",
        "spec.containers[0].resources.limits[memory]",
        "spec.containers[0].resources.requests[memory]",
        "spec.containers[0].env[1]",
    ]
