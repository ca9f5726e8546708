"""The bodies that we write: bindings, delete options, events. Pure functions."""

from collections.abc import Mapping
from datetime import UTC, datetime

from galileo_backends.kubernetes.interface import JsonObject


def binding(pod: str, node: str, *, uid: str | None, annotations: Mapping[str, str] | None) -> JsonObject:
    """The body that puts a pod on a node."""
    metadata: JsonObject = {"name": pod}
    if uid is not None:
        metadata["uid"] = uid
    if annotations:
        metadata["annotations"] = dict(annotations)
    target = {"apiVersion": "v1", "kind": "Node", "name": node}
    return {"apiVersion": "v1", "kind": "Binding", "metadata": metadata, "target": target}


def delete_options(*, uid: str | None, grace_period_s: int | None) -> JsonObject:
    """The body of a delete: only this object (`uid`), with this much time to stop."""
    options: JsonObject = {"apiVersion": "v1", "kind": "DeleteOptions"}
    if uid is not None:
        options["preconditions"] = {"uid": uid}
    if grace_period_s is not None:
        options["gracePeriodSeconds"] = grace_period_s
    return options


def timestamp(now_s: float) -> str:
    """Unix time as the API server writes it: `2024-01-01T00:00:00Z`."""
    return datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event_about(
    regarding: JsonObject,
    *,
    reason: str,
    message: str,
    component: str,
    now_s: float,
    warning: bool = False,
) -> JsonObject:
    """A core/v1 Event about an object (which must carry `kind` and `apiVersion`), as `kubectl describe` shows it.

    Args:
        reason: one word in camel case, such as `Scheduled`.
        message: the sentence for people.
        component: who says it.
        now_s: Unix time.
        warning: type Warning instead of Normal.
    """
    metadata = regarding["metadata"]
    reference = {
        "kind": regarding["kind"],
        "apiVersion": regarding["apiVersion"],
        "name": metadata["name"],
        "namespace": metadata.get("namespace", ""),
        "uid": metadata.get("uid", ""),
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name']}.{round(now_s * 1e9):016x}"},  # kubectl shows them in this order
        "involvedObject": reference,
        "reason": reason,
        "message": message,
        "type": "Warning" if warning else "Normal",
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": component,
        "firstTimestamp": timestamp(now_s),
        "lastTimestamp": timestamp(now_s),
        "count": 1,
    }
