"""Workloads: the kinds that stand for many pods."""

from dataclasses import replace

from ..checks import autoscaling, batch, workloads
from ..checks.pod_warnings import job_template_warnings, template_warnings
from ..columns import workloads as columns
from ..columns.autoscaling import AUTOSCALER_COLUMNS
from ..defaults import batch_defaults, workload_defaults
from ..defaults import cluster_defaults as defaults
from ..defaults.autoscaler_view import older_autoscaler, stored_autoscaler
from ..kind import SCALE, STATUS, Kind, ScalePaths, View

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
    subresources={**STATUS, **SCALE},
    scale=ScalePaths(),
    generation="spec and annotations",
    bookmark={"spec": {"selector": None, "template": {}, "strategy": {}}, "status": {}},
    set_up=workload_defaults.set_up_without_status,
    default=defaults.default_deployment,
    validate=workloads.deployment_causes,
    validate_change=workloads.selector_change_causes,
    warn=template_warnings,
    columns=columns.DEPLOYMENT_COLUMNS,
    validate_status=workloads.replicas_status_causes,
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
    subresources={**STATUS, **SCALE},
    scale=ScalePaths(),
    generation="spec",
    selectable={"status.replicas": "0"},
    bookmark={"spec": {"selector": None, "template": {}}, "status": {"replicas": 0}},
    set_up=workload_defaults.set_up_without_status,
    default=workload_defaults.default_replica_set,
    validate=workloads.replica_set_causes,
    validate_change=workloads.selector_change_causes,
    validate_status=workloads.replicas_status_causes,
    warn=template_warnings,
    columns=columns.REPLICA_SET_COLUMNS,
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
    subresources={**STATUS, **SCALE},
    scale=ScalePaths(),
    generation="spec",
    bookmark={
        "spec": {"selector": None, "template": {}, "updateStrategy": {}},
        "status": {"replicas": 0, "availableReplicas": 0},
    },
    set_up=workload_defaults.set_up_without_status,
    default=workload_defaults.default_stateful_set,
    validate=workloads.stateful_set_causes,
    validate_change=workloads.stateful_set_change_causes,
    validate_status=workloads.replicas_status_causes,
    warn=template_warnings,
    columns=columns.STATEFUL_SET_COLUMNS,
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
    bookmark={
        "spec": {"selector": None, "template": {}, "updateStrategy": {}},
        "status": dict.fromkeys(workload_defaults.DAEMON_COUNTS, 0),
    },
    set_up=workload_defaults.set_up_daemon_set,
    carry=workload_defaults.carry_daemon_set,
    default=workload_defaults.default_daemon_set,
    validate=workloads.daemon_set_causes,
    validate_change=workloads.selector_change_causes,
    validate_status=workloads.daemon_set_status_causes,
    warn=template_warnings,
    columns=columns.DAEMON_SET_COLUMNS,
)

CONTROLLER_REVISIONS = Kind(
    group="apps",
    version="v1",
    kind="ControllerRevision",
    plural="controllerrevisions",
    singular="controllerrevision",
    namespaced=True,
    schema="V1ControllerRevision",
    bookmark={"revision": 0},
    default=workload_defaults.default_revision,
    validate=workloads.revision_causes,
    validate_change=workloads.revision_change_causes,
    columns=columns.REVISION_COLUMNS,
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
    orphans_by_default=True,
    selectable={"status.successful": "0"},
    selectable_at={"status.successful": ("status", "succeeded")},
    bookmark={"spec": {"template": {}}, "status": {}},
    set_up=batch_defaults.set_up_job,
    default=batch_defaults.default_job,
    validate=batch.job_causes,
    validate_change=batch.job_change_causes,
    validate_status=batch.job_status_causes,
    warn=template_warnings,
    columns=columns.JOB_COLUMNS,
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
    bookmark={"spec": {"schedule": "", "jobTemplate": {"metadata": {}, "spec": {"template": {}}}}, "status": {}},
    set_up=batch_defaults.set_up_cron_job,
    default=batch_defaults.default_cron_job,
    validate=batch.cron_job_causes,
    warn=job_template_warnings,
    columns=columns.CRON_JOB_COLUMNS,
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
    bookmark={
        "spec": {"scaleTargetRef": {"kind": "", "name": ""}, "maxReplicas": 0},
        "status": {"desiredReplicas": 0, "currentMetrics": None},
    },
    set_up=workload_defaults.set_up_without_status,
    default=workload_defaults.default_autoscaler,
    validate=autoscaling.autoscaler_causes,
    columns=AUTOSCALER_COLUMNS,
)

OLDER_AUTOSCALERS = replace(
    AUTOSCALERS,
    version="v1",
    schema="V1HorizontalPodAutoscaler",
    view=View(AUTOSCALERS.key, older_autoscaler, stored_autoscaler),
    bookmark={
        "spec": {"scaleTargetRef": {"kind": "", "name": ""}, "maxReplicas": 0},
        "status": {"currentReplicas": 0, "desiredReplicas": 0},
    },
)

WORKLOADS = (
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    JOBS,
    CRON_JOBS,
    OLDER_AUTOSCALERS,
    AUTOSCALERS,
)
