"""Probes and lifecycle hooks: what a kubelet does to a container, and how often."""

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import name_causes, port_name
from .numbers import fields_not_negative, port_number
from .validation import forbidden, required, unsupported, wrong

_PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")
_COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_SCHEMES = ("HTTP", "HTTPS")


def probe_causes(field: str, name: str, probe: JsonObject) -> list[Cause]:
    """Check one of a container's probes; `name` is its field, such as livenessProbe."""
    here = f"{field}.{name}"
    causes = _handler_causes(here, probe, _PROBE_HANDLERS)
    causes += fields_not_negative(here, probe, _COUNTS)
    grace_s = probe.get("terminationGracePeriodSeconds")
    if grace_s is not None and name == "readinessProbe":
        causes.append(wrong(f"{here}.terminationGracePeriodSeconds", grace_s, "must not be set for readinessProbes"))
    elif grace_s is not None and grace_s <= 0:
        causes.append(wrong(f"{here}.terminationGracePeriodSeconds", grace_s, "must be greater than 0"))
    if name != "readinessProbe" and probe.get("successThreshold", 1) > 1:
        causes.append(wrong(f"{here}.successThreshold", probe["successThreshold"], "must be 1"))
    return causes


def lifecycle_causes(field: str, lifecycle: JsonObject) -> list[Cause]:
    """Check what is done after a container's start and before its stop."""
    return [
        cause
        for hook in ("postStart", "preStop")
        if hook in lifecycle
        for cause in _handler_causes(f"{field}.{hook}", lifecycle[hook], _HOOK_HANDLERS)
    ]


def _handler_causes(field: str, holder: JsonObject, offered: tuple[str, ...]) -> list[Cause]:
    present = [handler for handler in offered if handler in holder]
    if not present:
        return [required(field, "must specify a handler type")]
    causes = [forbidden(f"{field}.{extra}", "may not specify more than 1 handler type") for extra in present[1:]]
    first = present[0]
    return causes + _action_causes(f"{field}.{first}", first, holder[first])


def _action_causes(field: str, handler: str, action: JsonObject) -> list[Cause]:
    match handler:
        case "exec":
            return [] if action.get("command") else [required(f"{field}.command")]
        case "sleep":
            return [] if action.get("seconds", 0) >= 0 else [wrong(field, action["seconds"], "must be non-negative")]
        case "grpc":
            return port_number(f"{field}.port", action.get("port", 0))
        case "tcpSocket":
            return _port_causes(f"{field}.port", action.get("port", 0))
    causes = [] if action.get("path") else [required(f"{field}.path")]
    causes += _port_causes(f"{field}.port", action.get("port", 0))
    if action.get("scheme", "HTTP") not in _SCHEMES:
        causes.append(unsupported(f"{field}.scheme", action["scheme"], _SCHEMES))
    for header in action.get("httpHeaders", []):
        if not header.get("name"):
            causes.append(wrong(f"{field}.httpHeaders", header.get("name", ""), "a valid HTTP header must have a name"))
    return causes


def _port_causes(field: str, port: int | str) -> list[Cause]:
    return port_number(field, port) if isinstance(port, int) else name_causes(field, port, port_name)
