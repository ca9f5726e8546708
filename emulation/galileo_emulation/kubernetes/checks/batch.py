"""Jobs and cron jobs."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..apiobjects import JsonObject
from ..defaults.batch_defaults import generated_labels
from ..errors import Cause
from ..label_selectors import selects
from .cron_schedule import ScheduleError, parse_schedule
from .names import name_causes, qualified_name
from .numbers import fields_not_negative
from .pods import template_causes
from .selectors import labels_causes, selector_causes
from .validation import required, unsupported, wrong
from .workloads import immutable

# A cron job's name and a time make the name of a job, which labels its pods.
_LONGEST_CRON_JOB_NAME = 52
_MOST_INDEXED_PARALLELISM = 100_000
_COUNTS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_FIXED = ("selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
# What of the template may change while a job is suspended and has not begun.
_WHILE_SUSPENDED = ("nodeSelector", "affinity", "tolerations", "schedulingGates")
_COMPLETION_MODES = ("Indexed", "NonIndexed")
_REPLACEMENTS = ("Failed", "TerminatingOrFailed")
_CONCURRENCY = ("Allow", "Forbid", "Replace")


def job_causes(body: JsonObject) -> list[Cause]:
    """Check a job."""
    spec = body["spec"]
    causes: list[Cause] = []
    if not spec.get("manualSelector"):
        causes += _generated_causes(body)
    causes += job_spec_causes("spec", spec)
    causes += selector_causes("spec.selector", spec.get("selector"))
    labels = spec.get("template", {}).get("metadata", {}).get("labels", {})
    if "selector" not in spec:
        causes.append(required("spec.selector"))
    elif not selects(spec["selector"], labels):
        causes.append(wrong("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"))
    return causes


def _generated_causes(body: JsonObject) -> list[Cause]:
    wanted = generated_labels(body["metadata"])
    labels = body["spec"].get("template", {}).get("metadata", {}).get("labels", {})
    chosen = body["spec"].get("selector", {}).get("matchLabels", {})
    causes = [
        wrong("spec.template.metadata.labels", labels.get(key, ""), f"must be '{text}' for `{key}`")
        for key, text in wanted.items()
        if labels.get(key) != text
    ]
    if any(wanted.get(key) != text for key, text in chosen.items()):
        causes.append(wrong("spec.selector", body["spec"].get("selector"), "`selector` not auto-generated"))
    return causes


def job_spec_causes(field: str, spec: JsonObject) -> list[Cause]:
    """Check a job's spec, in a job or in a cron job's template."""
    causes = fields_not_negative(field, spec, _COUNTS)
    mode = spec.get("completionMode", "NonIndexed")
    if mode not in _COMPLETION_MODES:
        causes.append(unsupported(f"{field}.completionMode", mode, _COMPLETION_MODES))
    if mode == "Indexed":
        causes += _indexed_causes(field, spec)
    elif "backoffLimitPerIndex" in spec:
        causes.append(
            wrong(f"{field}.backoffLimitPerIndex", spec["backoffLimitPerIndex"], "requires indexed completion mode")
        )
    if "podReplacementPolicy" in spec and spec["podReplacementPolicy"] not in _REPLACEMENTS:
        causes.append(unsupported(f"{field}.podReplacementPolicy", spec["podReplacementPolicy"], _REPLACEMENTS))
    if "managedBy" in spec:
        causes += name_causes(f"{field}.managedBy", spec["managedBy"], qualified_name)
    causes += template_causes(f"{field}.template", spec.get("template", {}))
    policy = spec.get("template", {}).get("spec", {}).get("restartPolicy")
    if policy not in ("OnFailure", "Never"):
        causes.append(required(f"{field}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'))
    elif "podFailurePolicy" in spec and policy != "Never":
        rule = 'only "Never" is supported when podFailurePolicy is specified'
        causes.append(wrong(f"{field}.template.spec.restartPolicy", policy, rule))
    return causes


def _indexed_causes(field: str, spec: JsonObject) -> list[Cause]:
    causes = [] if "completions" in spec else [required(f"{field}.completions", "when completion mode is Indexed")]
    if spec.get("parallelism", 0) > _MOST_INDEXED_PARALLELISM:
        rule = f"must be less than or equal to {_MOST_INDEXED_PARALLELISM} when completion mode is Indexed"
        causes.append(wrong(f"{field}.parallelism", spec["parallelism"], rule))
    return causes


def job_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """What a job is to do stays as it was made; how much of it at a time, and whether at all now, may change."""
    after, before = new["spec"], old["spec"]
    causes = [cause for name in _FIXED for cause in immutable(f"spec.{name}", after.get(name), before.get(name))]
    causes += _template_change_causes(new, old)
    if after.get("completions") != before.get("completions") and not _elastic(after, before):
        causes += immutable("spec.completions", after.get("completions"), before.get("completions"))
    return causes


def _elastic(after: JsonObject, before: JsonObject) -> bool:
    """Whether an indexed job grows or shrinks in both numbers together."""
    indexed = before.get("completionMode") == "Indexed"
    return indexed and after.get("completions") == after.get("parallelism")


def _template_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    after, before = new["spec"].get("template", {}), old["spec"].get("template", {})
    if old["spec"].get("suspend") and "startTime" not in old.get("status", {}):
        after, before = _without_directives(after), _without_directives(before)
    return immutable("spec.template", after, before)


def _without_directives(template: JsonObject) -> JsonObject:
    spec = {name: value for name, value in template.get("spec", {}).items() if name not in _WHILE_SUSPENDED}
    return {"spec": spec}


def job_status_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Check what a controller says of a job."""
    counts = ("active", "succeeded", "failed", "ready", "terminating")
    return fields_not_negative("status", new.get("status", {}), counts)


def cron_job_causes(body: JsonObject) -> list[Cause]:
    """Check a cron job."""
    spec, name = body["spec"], body["metadata"]["name"]
    causes: list[Cause] = []
    if len(name) > _LONGEST_CRON_JOB_NAME:
        causes.append(wrong("metadata.name", name, f"must be no more than {_LONGEST_CRON_JOB_NAME} characters"))
    causes += _schedule_causes("spec.schedule", spec.get("schedule", ""))
    if "timeZone" in spec:
        causes += _zone_causes("spec.timeZone", spec["timeZone"])
    if spec["concurrencyPolicy"] not in _CONCURRENCY:
        causes.append(unsupported("spec.concurrencyPolicy", spec["concurrencyPolicy"], _CONCURRENCY))
    counts = ("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    causes += fields_not_negative("spec", spec, counts)
    return causes + _job_template_causes("spec.jobTemplate", spec.get("jobTemplate", {}))


def _job_template_causes(field: str, template: JsonObject) -> list[Cause]:
    spec = template.get("spec", {})
    causes = labels_causes(f"{field}.metadata.labels", template.get("metadata", {}).get("labels", {}))
    if spec.get("manualSelector"):
        causes.append(unsupported(f"{field}.spec.manualSelector", "true", ("nil", "false")))
    if "selector" in spec:
        causes.append(wrong(f"{field}.spec.selector", spec["selector"], "`selector` will be auto-generated"))
    return causes + job_spec_causes(f"{field}.spec", spec)


def _schedule_causes(field: str, schedule: str) -> list[Cause]:
    if not schedule:
        return [required(field)]
    if "TZ" in schedule:
        return [wrong(field, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]
    try:
        parse_schedule(schedule)
    except ScheduleError as error:
        return [wrong(field, schedule, str(error))]
    return []


def _zone_causes(field: str, zone: str) -> list[Cause]:
    if not zone:
        return [wrong(field, zone, "timeZone must be nil or non-empty string")]
    if zone.lower() == "local":
        return [
            wrong(field, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones")
        ]
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        return [wrong(field, zone, str(error))]
    return []
