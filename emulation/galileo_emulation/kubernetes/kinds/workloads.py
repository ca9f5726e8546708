"""Workloads: the kinds that stand for many pods."""

from .. import defaults, tables, validation
from ..kind import STATUS, Kind

DEPLOYMENTS = Kind(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    singular="deployment",
    namespaced=True,
    schema="V1Deployment",
    short_names=("deploy",),
    categories=("all",),
    subresources=STATUS,
    generation="spec and annotations",
    bookmark={"spec": {"selector": None, "template": {}, "strategy": {}}, "status": {}},
    set_up=defaults.set_up_deployment,
    default=defaults.default_deployment,
    validate=validation.deployment_causes,
    validate_change=validation.deployment_change_causes,
    columns=tables.DEPLOYMENT_COLUMNS,
)

REPLICA_SETS = Kind(
    group="apps",
    version="v1",
    kind="ReplicaSet",
    plural="replicasets",
    singular="replicaset",
    namespaced=True,
    schema="V1ReplicaSet",
    short_names=("rs",),
    categories=("all",),
    subresources=STATUS,
    generation="spec",
)

STATEFUL_SETS = Kind(
    group="apps",
    version="v1",
    kind="StatefulSet",
    plural="statefulsets",
    singular="statefulset",
    namespaced=True,
    schema="V1StatefulSet",
    short_names=("sts",),
    categories=("all",),
    subresources=STATUS,
    generation="spec",
)

DAEMON_SETS = Kind(
    group="apps",
    version="v1",
    kind="DaemonSet",
    plural="daemonsets",
    singular="daemonset",
    namespaced=True,
    schema="V1DaemonSet",
    short_names=("ds",),
    categories=("all",),
    subresources=STATUS,
    generation="spec",
)

CONTROLLER_REVISIONS = Kind(
    group="apps",
    version="v1",
    kind="ControllerRevision",
    plural="controllerrevisions",
    singular="controllerrevision",
    namespaced=True,
    schema="V1ControllerRevision",
)

JOBS = Kind(
    group="batch",
    version="v1",
    kind="Job",
    plural="jobs",
    singular="job",
    namespaced=True,
    schema="V1Job",
    categories=("all",),
    subresources=STATUS,
    generation="spec",
)

CRON_JOBS = Kind(
    group="batch",
    version="v1",
    kind="CronJob",
    plural="cronjobs",
    singular="cronjob",
    namespaced=True,
    schema="V1CronJob",
    short_names=("cj",),
    categories=("all",),
    subresources=STATUS,
    generation="spec",
)

AUTOSCALERS = Kind(
    group="autoscaling",
    version="v2",
    kind="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    singular="horizontalpodautoscaler",
    namespaced=True,
    schema="V2HorizontalPodAutoscaler",
    short_names=("hpa",),
    categories=("all",),
    subresources=STATUS,
)

WORKLOADS = (
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    JOBS,
    CRON_JOBS,
    AUTOSCALERS,
)
