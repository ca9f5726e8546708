"""What the API adds to jobs and cron jobs: the labels by which a job finds its pods, and the usual numbers.

Source: the behaviour of kube-apiserver 1.36 (batch/v1).
"""

from ..apiobjects import JsonObject
from ..kind import Surroundings
from .pod_defaults import default_pod_spec

_CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
_JOB_NAME = "batch.kubernetes.io/job-name"
_LEGACY_CONTROLLER_UID = "controller-uid"
_LEGACY_JOB_NAME = "job-name"
_UNLIMITED = 2**31 - 1


def generated_labels(metadata: JsonObject) -> dict[str, str]:
    """The labels that a job's pods get, by the job's name and uid."""
    name, uid = metadata.get("name", ""), metadata.get("uid", "")
    return {_CONTROLLER_UID: uid, _JOB_NAME: name, _LEGACY_CONTROLLER_UID: uid, _LEGACY_JOB_NAME: name}


def set_up_job(body: JsonObject, surroundings: Surroundings) -> None:
    """No status yet; unless the client chose a selector itself, one by the job's uid, and labels that it chooses."""
    body["status"] = {}
    spec = body.setdefault("spec", {})
    if spec.get("manualSelector"):
        return
    own = generated_labels(body["metadata"])
    metadata = spec.setdefault("template", {}).setdefault("metadata", {})
    metadata["labels"] = {**own, **metadata.get("labels", {})}
    chosen = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    chosen.setdefault(_CONTROLLER_UID, own[_CONTROLLER_UID])


def default_job(body: JsonObject) -> None:
    """How many pods, how many attempts; and the template's labels as the job's own when it has none."""
    spec = body.setdefault("spec", {})
    template = spec.setdefault("template", {})
    default_pod_spec(template.setdefault("spec", {}))
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", _UNLIMITED if "backoffLimitPerIndex" in spec else 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    replacement = "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed"
    spec.setdefault("podReplacementPolicy", replacement)
    for rule in spec.get("podFailurePolicy", {}).get("rules", []):
        for pattern in rule.get("onPodConditions", []):
            pattern.setdefault("status", "True")
    labels = template.get("metadata", {}).get("labels")
    if labels and not body["metadata"].get("labels"):
        body["metadata"]["labels"] = dict(labels)
    body.setdefault("status", {})


def set_up_cron_job(body: JsonObject, surroundings: Surroundings) -> None:
    """No status yet."""
    body["status"] = {}


def default_cron_job(body: JsonObject) -> None:
    """Concurrency, history, and the pods of the jobs to come."""
    spec = body.setdefault("spec", {})
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    job = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
    default_pod_spec(job.setdefault("template", {}).setdefault("spec", {}))
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    body.setdefault("status", {})
