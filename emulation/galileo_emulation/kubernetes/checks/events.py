"""Events: to whom they belong, and what the newer kind of them has to say. Checks see the stored form."""

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import name_causes, qualified_name
from .validation import required, wrong
from .workloads import immutable

_LONGEST_TEXT = 128
_LONGEST_MESSAGE = 1024
_TYPES = ("Normal", "Warning")
# What of a newer event stays as it was written; its series goes on.
_FIXED = (
    "involvedObject",
    "reason",
    "message",
    "source",
    "firstTimestamp",
    "lastTimestamp",
    "count",
    "type",
    "eventTime",
    "action",
    "related",
    "reportingInstance",
)


def event_causes(body: JsonObject) -> list[Cause]:
    """Check an event that was sent in the older form."""
    return _common_causes(body, "reportingComponent")


def newer_event_causes(body: JsonObject) -> list[Cause]:
    """Check an event that was sent in the newer form."""
    causes = _common_causes(body, "reportingController")
    series = body.get("series")
    if series is not None and series.get("count", 0) < 2:
        causes.append(wrong("series.count", "", "should be at least 2"))
    if series is not None and not series.get("lastObservedTime"):
        causes.append(required("series.lastObservedTime"))
    return causes


def _common_causes(body: JsonObject, controller_field: str) -> list[Cause]:
    """An event stands in the namespace of what it is about; one with an event time says who saw what."""
    about, own = body["involvedObject"].get("namespace", ""), body["metadata"].get("namespace", "")
    anywhere = ("default", "kube-system") if body["eventTime"] else ("default",)
    causes: list[Cause] = []
    if about != own and not (about == "" and own in anywhere):
        causes.append(wrong("involvedObject.namespace", about, "does not match event.namespace"))
    if not body["eventTime"]:
        return causes
    controller = body["reportingComponent"]
    causes += [] if controller else [required(controller_field)]
    causes += name_causes(controller_field, controller, qualified_name)
    for name in ("reportingInstance", "action", "reason"):
        text = body.get(name, "")
        if not text:
            causes.append(required(name))
        elif len(text) > _LONGEST_TEXT:
            causes.append(wrong(name, "", f"can have at most {_LONGEST_TEXT} characters"))
    if len(body.get("message", "")) > _LONGEST_MESSAGE:
        causes.append(wrong("message", "", f"can have at most {_LONGEST_MESSAGE} characters"))
    return causes


def new_newer_event_causes(body: JsonObject) -> list[Cause]:
    """A new event of the newer form has a time and a type, and nothing that only older ones have."""
    causes = [] if body["eventTime"] else [required("eventTime")]
    if body.get("type") not in _TYPES:
        causes.append(wrong("type", "", f"has invalid value: {body.get('type', '')}"))
    older = [name for name in ("firstTimestamp", "lastTimestamp", "count", "source") if body.get(name)]
    return causes + [wrong(name, "", "needs to be unset") for name in older]


def newer_event_change_causes(new: JsonObject, old: JsonObject) -> list[Cause]:
    """Only a series, labels and annotations of a newer event may change."""
    causes = [cause for name in _FIXED for cause in immutable(name, new.get(name), old.get(name))]
    return causes + immutable("reportingController", new["reportingComponent"], old["reportingComponent"])
