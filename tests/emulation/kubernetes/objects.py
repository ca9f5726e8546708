"""Objects as tests write them, and where they belong."""

from typing import Any

PODS = "/api/v1/namespaces/default/pods"
SERVICES = "/api/v1/namespaces/default/services"
SECRETS = "/api/v1/namespaces/default/secrets"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
REPLICA_SETS = "/apis/apps/v1/namespaces/default/replicasets"
STATEFUL_SETS = "/apis/apps/v1/namespaces/default/statefulsets"
DAEMON_SETS = "/apis/apps/v1/namespaces/default/daemonsets"
JOBS = "/apis/batch/v1/namespaces/default/jobs"
CRON_JOBS = "/apis/batch/v1/namespaces/default/cronjobs"
AUTOSCALERS = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
PRIORITY_CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"

CONTAINER = {"name": "c", "image": "registry.example/app:1"}


def pod(name: str = "p", *, container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A pod of one container, to whose fields `container` adds; `spec` adds to the pod's."""
    return {"metadata": {"name": name}, "spec": {"containers": [{**CONTAINER, **(container or {})}], **spec}}


def workload(name: str = "web", **spec: Any) -> dict[str, Any]:
    """A workload of two replicas, labelled app=web."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [dict(CONTAINER)]}}
    own = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    return {"metadata": {"name": name}, "spec": {**own, **spec}}


def daemon_set(name: str = "web", **spec: Any) -> dict[str, Any]:
    """A daemon set, labelled app=web."""
    body = workload(name, **spec)
    del body["spec"]["replicas"]
    return body


def job(name: str = "once", **spec: Any) -> dict[str, Any]:
    """A job of one pod."""
    template = {"spec": {"restartPolicy": "Never", "containers": [dict(CONTAINER)]}}
    return {"metadata": {"name": name}, "spec": {"template": template, **spec}}


def cron_job(name: str = "often", **spec: Any) -> dict[str, Any]:
    """A cron job for every minute."""
    return {"metadata": {"name": name}, "spec": {"schedule": "* * * * *", "jobTemplate": job(), **spec}}


def autoscaler(name: str = "web", **spec: Any) -> dict[str, Any]:
    """An autoscaler of the deployment web."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {"metadata": {"name": name}, "spec": {"scaleTargetRef": target, "maxReplicas": 5, **spec}}


def definition() -> dict[str, Any]:
    """A definition of lamps.example.org."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "lamps", "kind": "Lamp"}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [version]}
    return {"metadata": {"name": "lamps.example.org"}, "spec": spec}


def webhook() -> dict[str, Any]:
    """A webhook that wants to see pods."""
    rule = {"operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    return {
        "name": "hook.example.org",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
