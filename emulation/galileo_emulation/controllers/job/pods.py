"""A job's pods: what they look like, and which of them count as what.

A pod carries a finalizer until the job has counted its end, so that no end is missed and none is counted twice.
"""

from __future__ import annotations

from galileo_emulation.controllers.job.indexes import INDEX
from galileo_emulation.controllers.pod_facts import is_leaving, phase
from galileo_emulation.controllers.pod_making import pod_of
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import JOBS

TRACKING = "batch.kubernetes.io/job-tracking"


def is_tracked(pod: JsonObject) -> bool:
    """Whether a pod's end is still to be counted."""
    return TRACKING in pod["metadata"].get("finalizers", ())


def has_succeeded(pod: JsonObject) -> bool:
    """Whether a pod has done its work."""
    return phase(pod) == "Succeeded"


def has_failed(pod: JsonObject, job: JsonObject) -> bool:
    """Whether a pod counts as failed: also one that is being deleted, unless the job only replaces failed pods."""
    if phase(pod) == "Failed":
        return True
    if job["spec"].get("podReplacementPolicy") == "Failed":
        return False
    return is_leaving(pod) and not has_succeeded(pod)


def job_pod(job: JsonObject, index: int | None) -> JsonObject:
    """A pod of a job; `index` is its completion index, if the job is indexed."""
    pod = pod_of(job["spec"]["template"], JOBS, job)
    metadata, spec = pod["metadata"], pod["spec"]
    metadata["finalizers"] = [*metadata.get("finalizers", ()), TRACKING]
    if index is not None:
        name = job["metadata"]["name"]
        metadata["generateName"] = f"{name}-{index}-"
        metadata.setdefault("annotations", {})[INDEX] = str(index)
        metadata.setdefault("labels", {})[INDEX] = str(index)
        spec.setdefault("hostname", f"{name}-{index}")
        for container in [*spec.get("initContainers", ()), *spec["containers"]]:
            variables = container.setdefault("env", [])
            if not any(variable["name"] == "JOB_COMPLETION_INDEX" for variable in variables):
                source = {"fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.labels['{INDEX}']"}}
                variables.append({"name": "JOB_COMPLETION_INDEX", "valueFrom": source})
    return pod


def untracked(pod: JsonObject) -> JsonObject:
    """The patch that takes the finalizer off a pod, this very one."""
    metadata = {name: pod["metadata"][name] for name in ("name", "namespace", "uid")}
    return {"metadata": {**metadata, "$deleteFromPrimitiveList/finalizers": [TRACKING]}}
