"""Workloads in `kubectl get`."""

from ..apiobjects import JsonObject, unix_seconds
from ..label_selectors import selector_text
from .tables import NAME, Cell, Column, Columns, age, elapsed, since

_TEMPLATE = (Column("Containers", priority=1), Column("Images", priority=1))
_WITH_SELECTOR = (*_TEMPLATE, Column("Selector", priority=1))


def _template_cells(template: JsonObject) -> list[Cell]:
    containers = template.get("spec", {}).get("containers", [])
    return [",".join(str(container.get(field, "")) for container in containers) for field in ("name", "image")]


def _selector_cell(selector: JsonObject | None) -> str:
    return selector_text(selector) or "<none>"


def labels_cell(labels: JsonObject | None) -> str:
    """Labels as key=value, in the order of keys."""
    return ",".join(f"{key}={text}" for key, text in sorted((labels or {}).items())) or "<none>"


def _deployment_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    return [
        body["metadata"]["name"],
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age(body, now),
        *_template_cells(spec.get("template", {})),
        selector_text(spec.get("selector")),
    ]


DEPLOYMENT_COLUMNS = Columns(
    (NAME, Column("Ready"), Column("Up-to-date"), Column("Available"), Column("Age"), *_WITH_SELECTOR),
    _deployment_cells,
)


def _replica_set_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    return [
        body["metadata"]["name"],
        spec.get("replicas", 0),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(body, now),
        *_template_cells(spec.get("template", {})),
        _selector_cell(spec.get("selector")),
    ]


REPLICA_SET_COLUMNS = Columns(
    (
        NAME,
        Column("Desired", type="integer"),
        Column("Current", type="integer"),
        Column("Ready", type="integer"),
        Column("Age"),
        *_WITH_SELECTOR,
    ),
    _replica_set_cells,
)


def _stateful_set_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    return [
        body["metadata"]["name"],
        f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}",
        age(body, now),
        *_template_cells(spec.get("template", {})),
    ]


STATEFUL_SET_COLUMNS = Columns((NAME, Column("Ready"), Column("Age"), *_TEMPLATE), _stateful_set_cells)


def _daemon_set_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    counts = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    template = spec.get("template", {})
    return [
        body["metadata"]["name"],
        *(status.get(name, 0) for name in counts),
        labels_cell(template.get("spec", {}).get("nodeSelector")),
        age(body, now),
        *_template_cells(template),
        _selector_cell(spec.get("selector")),
    ]


DAEMON_SET_COLUMNS = Columns(
    (
        NAME,
        *(Column(name, type="integer") for name in ("Desired", "Current", "Ready", "Up-to-date", "Available")),
        Column("Node Selector"),
        Column("Age"),
        *_WITH_SELECTOR,
    ),
    _daemon_set_cells,
)


def _job_state(body: JsonObject) -> str:
    status = body.get("status", {})
    true = {entry.get("type") for entry in status.get("conditions", []) if entry.get("status") == "True"}
    for condition in ("Complete", "Failed"):
        if condition in true:
            return condition
    if "deletionTimestamp" in body["metadata"]:
        return "Terminating"
    for condition in ("Suspended", "FailureTarget"):
        if condition in true:
            return condition
    return "Running"


def _job_completions(spec: JsonObject, succeeded: int) -> str:
    if "completions" in spec:
        return f"{succeeded}/{spec['completions']}"
    parallelism = spec.get("parallelism", 0)
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _job_duration(status: JsonObject, now: float) -> str:
    if "startTime" not in status:
        return ""
    end = unix_seconds(status["completionTime"]) if "completionTime" in status else now
    return elapsed(end - unix_seconds(status["startTime"]))


def _job_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    return [
        body["metadata"]["name"],
        _job_state(body),
        _job_completions(spec, status.get("succeeded", 0)),
        _job_duration(status, now),
        age(body, now),
        *_template_cells(spec.get("template", {})),
        _selector_cell(spec.get("selector")),
    ]


JOB_COLUMNS = Columns(
    (NAME, Column("Status"), Column("Completions"), Column("Duration"), Column("Age"), *_WITH_SELECTOR), _job_cells
)


def _cron_job_cells(body: JsonObject, now: float) -> list[Cell]:
    spec, status = body.get("spec", {}), body.get("status", {})
    job = spec.get("jobTemplate", {}).get("spec", {})
    return [
        body["metadata"]["name"],
        spec.get("schedule", ""),
        spec.get("timeZone", "<none>"),
        str(spec.get("suspend", False)),
        len(status.get("active", [])),
        since(status["lastScheduleTime"], now) if "lastScheduleTime" in status else "<none>",
        age(body, now),
        *_template_cells(job.get("template", {})),
        _selector_cell(job.get("selector")),
    ]


CRON_JOB_COLUMNS = Columns(
    (
        NAME,
        Column("Schedule"),
        Column("Timezone"),
        Column("Suspend", type="boolean"),
        Column("Active", type="integer"),
        Column("Last Schedule"),
        Column("Age"),
        *_WITH_SELECTOR,
    ),
    _cron_job_cells,
)


def _revision_cells(body: JsonObject, now: float) -> list[Cell]:
    owner = next((ref for ref in body["metadata"].get("ownerReferences", []) if ref.get("controller")), None)
    controller = "<none>"
    if owner is not None:
        group, slash, _ = owner.get("apiVersion", "").partition("/")
        kind = f"{owner.get('kind', '')}.{group}" if slash else owner.get("kind", "")
        controller = f"{kind.lower()}/{owner.get('name', '')}"
    return [body["metadata"]["name"], controller, body.get("revision", 0), age(body, now)]


REVISION_COLUMNS = Columns((NAME, Column("Controller"), Column("Revision"), Column("Age")), _revision_cells)
