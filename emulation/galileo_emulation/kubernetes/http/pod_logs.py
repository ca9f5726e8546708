"""Container logs: which container is meant, whether it has a log yet, and which lines of it are wanted."""

from collections.abc import Mapping

from ..apiobjects import JsonObject, unix_seconds
from ..errors import ApiError, bad_request
from ..node_access import LogRequest
from .requests import flag, number

_LISTS = ("initContainers", "containers", "ephemeralContainers")


def log_request(pod: JsonObject, query: Mapping[str, str], now: float) -> LogRequest:
    """The parameters of GET …/pods/<name>/log. Raises ApiError (400) with what kubectl then shows."""
    container = _container(pod, query.get("container", ""))
    previous = flag(query, "previous")
    _check_started(pod, container, previous=previous)
    for name in ("tailLines", "sinceSeconds", "limitBytes"):
        amount = number(query, name)
        if amount is not None and amount < 0:
            raise bad_request(f"{name}={amount}: must not be negative")
    return LogRequest(
        namespace=pod["metadata"]["namespace"],
        pod=pod["metadata"]["name"],
        container=container,
        previous=previous,
        follow=flag(query, "follow"),
        timestamps=flag(query, "timestamps"),
        tail=number(query, "tailLines"),
        since_s=_since_s(query, now),
        limit_bytes=number(query, "limitBytes"),
    )


def _container(pod: JsonObject, asked: str) -> str:
    name = pod["metadata"]["name"]
    names = [container["name"] for field in _LISTS for container in pod["spec"].get(field, [])]
    if asked:
        if asked not in names:
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    own = [container["name"] for container in pod["spec"]["containers"]]
    if len(names) > 1:
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{' '.join(names)}]")
    return str(own[0])


def _check_started(pod: JsonObject, container: str, *, previous: bool) -> None:
    name, status = pod["metadata"]["name"], pod.get("status", {})
    statuses = [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]
    found: JsonObject = next((entry for entry in statuses if entry["name"] == container), {})
    state = found.get("state", {})
    if previous:
        if "terminated" not in found.get("lastState", {}):
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        return
    if "running" in state or "terminated" in state or found.get("lastState"):
        return
    if not pod["spec"].get("nodeName"):
        raise ApiError(400, "BadRequest", f"pod {name} does not have a host assigned")
    reason = state.get("waiting", {}).get("reason", "ContainerCreating")
    raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {reason}')


def _since_s(query: Mapping[str, str], now: float) -> float | None:
    seconds = number(query, "sinceSeconds")
    if seconds is not None:
        return float(seconds)
    moment = query.get("sinceTime", "")
    if not moment:
        return None
    try:
        return now - unix_seconds(moment)
    except ValueError:
        raise bad_request(f"sinceTime={moment}: expected a time such as 2006-01-02T15:04:05Z") from None
