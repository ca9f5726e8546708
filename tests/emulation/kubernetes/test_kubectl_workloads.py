"""kubectl's everyday commands on workloads work against the emulated server."""

from tests.emulation.kubernetes.kubectl import Kubectl, columns

# These commands speak protobuf when they write themselves; what they print is JSON.
PRINT = ("--dry-run=client", "-o", "json")
IMAGE = "--image=registry.example/app:1"


async def make(kubectl: Kubectl, *arguments: str) -> None:
    printed = await kubectl("create", *arguments, *PRINT)
    await kubectl("create", "-f", "-", stdin=printed)


async def test_a_deployment_is_created_scaled_and_given_another_image(kubectl: Kubectl) -> None:
    await make(kubectl, "deployment", "web", IMAGE, "--replicas=2")
    assert await kubectl("scale", "deployment", "web", "--replicas=5") == "deployment.apps/web scaled\n"
    shown = columns(await kubectl("get", "deploy", "-o", "wide"))
    assert shown[0] == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]
    assert (shown[1][:4], shown[1][5:]) == (["web", "0/5", "0", "0"], ["app", "registry.example/app:1", "app=web"])
    await kubectl("set", "image", "deployment/web", "app=registry.example/app:2")
    images = "jsonpath={.spec.template.spec.containers[*].image}"
    assert await kubectl("get", "deploy", "web", "-o", images) == "registry.example/app:2"


async def test_jobs_and_cron_jobs_are_created(kubectl: Kubectl) -> None:
    await make(kubectl, "job", "once", IMAGE)
    await make(kubectl, "cronjob", "often", IMAGE, "--schedule=*/5 * * * *")
    await make(kubectl, "job", "now", "--from=cronjob/often")
    assert [row[:3] for row in columns(await kubectl("get", "jobs"))[1:]] == [
        ["now", "Running", "0/1"],
        ["once", "Running", "0/1"],
    ]


async def test_what_pods_need_is_created(kubectl: Kubectl) -> None:
    await make(kubectl, "secret", "generic", "s", "--from-literal=key=value")
    await make(kubectl, "configmap", "c", "--from-literal=key=value")
    await make(kubectl, "service", "nodeport", "n", "--tcp=80:8080")
    await make(kubectl, "priorityclass", "high", "--value=1000")
    await make(kubectl, "role", "reader", "--verb=get", "--resource=pods")
    await make(kubectl, "rolebinding", "b", "--role=reader", "--user=jane")
    await make(kubectl, "poddisruptionbudget", "p", "--selector=app=web", "--min-available=1")
    assert columns(await kubectl("get", "secret", "s"))[1][:3] == ["s", "Opaque", "1"]
    assert columns(await kubectl("get", "svc", "n"))[1][1] == "NodePort"
    everything = await kubectl("get", "cm,pc,role,rolebinding,pdb")
    for name in ("configmap/c", "priorityclass.scheduling.k8s.io/high", "poddisruptionbudget.policy/p"):
        assert name in everything


async def test_a_node_is_drained_by_evictions(kubectl: Kubectl) -> None:
    await kubectl("create", "-f", "-", stdin='{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}')
    await kubectl("run", "lonely", IMAGE, "--overrides", '{"spec": {"nodeName": "n"}}', "--grace-period=1")
    drained = kubectl("drain", "n", "--force", "--timeout=1s", "--grace-period=0")
    assert "evicting pod default/lonely" in await drained
    assert await kubectl("get", "pods", "-o", "name") == ""
    assert columns(await kubectl("get", "nodes"))[1][1] == "Unknown,SchedulingDisabled"


async def test_a_bad_manifest_is_told_with_every_fault(kubectl: Kubectl) -> None:
    manifest = """
apiVersion: v1
kind: Pod
metadata: {name: Bad}
spec: {containers: [{name: c, image: x, ports: [{containerPort: 0}]}]}
"""
    told = await kubectl.refused("apply", "-f", "-", stdin=manifest)
    assert "metadata.name: Invalid value" in told
    assert "spec.containers[0].ports[0].containerPort: Required value" in told
