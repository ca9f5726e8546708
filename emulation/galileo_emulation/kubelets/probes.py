"""Probes: what a pod's specification asks for, and what a row of answers means. Nothing is called here.

The rules are the kubelet's. An answer counts once as many of its kind came in a row as the threshold asks for.
Readiness begins with no, liveness with yes. Until the startup probe has said yes, the other two wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from galileo_emulation.kubernetes.apiobjects import JsonObject


class ProbeKind(Enum):
    """What a probe is for; the value begins the kubelet's messages about it."""

    STARTUP = "Startup"
    READINESS = "Readiness"
    LIVENESS = "Liveness"


_FIELDS = {
    "startupProbe": ProbeKind.STARTUP,
    "readinessProbe": ProbeKind.READINESS,
    "livenessProbe": ProbeKind.LIVENESS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpGet:
    """Passed when the answer's status is 200 to 399. `port` may be a container port's name."""

    port: int | str
    path: str = "/"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TcpSocket:
    """Passed when the port takes a connection. `port` may be a container port's name."""

    port: int | str


@dataclass(frozen=True, slots=True)
class NotPerformed:
    """Always passed; `what` is what the specification asked for: exec, grpc, HTTPS."""

    what: str


ProbeAction = HttpGet | TcpSocket | NotPerformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One probe of a container. `grace_s`: a failing liveness or startup probe's own grace period, None: the pod's."""

    kind: ProbeKind
    action: ProbeAction
    initial_delay_s: float = 0.0
    period_s: float = 10.0
    timeout_s: float = 1.0
    success_threshold: int = 1
    failure_threshold: int = 3
    grace_s: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """The verdict so far, and the row of equal answers that may change it. None: no verdict, or no answer, yet."""

    passes: bool | None
    last: bool | None = None
    in_a_row: int = 0


def first_tally(kind: ProbeKind) -> Tally:
    """Where a container's probe begins."""
    return Tally({ProbeKind.STARTUP: None, ProbeKind.READINESS: False, ProbeKind.LIVENESS: True}[kind])


def counted(tally: Tally, probe: Probe, *, passed: bool) -> Tally:
    """The tally after one more answer."""
    in_a_row = tally.in_a_row + 1 if tally.last == passed else 1
    threshold = probe.success_threshold if passed else probe.failure_threshold
    verdict = passed if in_a_row >= threshold else tally.passes
    return Tally(verdict, passed, in_a_row)


def read_probes(container: JsonObject) -> tuple[Probe, ...]:
    """The probes of a container of a pod's specification. Raises KeyError for one without a port."""
    return tuple(_read(kind, container[field]) for field, kind in _FIELDS.items() if container.get(field))


def _read(kind: ProbeKind, probe: JsonObject) -> Probe:
    grace_s = probe.get("terminationGracePeriodSeconds")
    return Probe(
        kind=kind,
        action=_read_action(probe),
        initial_delay_s=float(probe.get("initialDelaySeconds") or 0),
        period_s=float(probe.get("periodSeconds") or 10),
        timeout_s=float(probe.get("timeoutSeconds") or 1),
        success_threshold=int(probe.get("successThreshold") or 1),
        failure_threshold=int(probe.get("failureThreshold") or 3),
        grace_s=None if grace_s is None else float(grace_s),
    )


def _read_action(probe: JsonObject) -> ProbeAction:
    if "httpGet" in probe:
        request = probe["httpGet"]
        if request.get("scheme", "HTTP") != "HTTP":
            return NotPerformed("httpGet with HTTPS")
        headers: Iterable[JsonObject] = request.get("httpHeaders") or ()
        return HttpGet(
            port=_port(request["port"]),
            path=request.get("path") or "/",
            headers=tuple((header["name"], header.get("value", "")) for header in headers),
        )
    if "tcpSocket" in probe:
        return TcpSocket(_port(probe["tcpSocket"]["port"]))
    return NotPerformed("exec" if "exec" in probe else "grpc")


def _port(port: int | str) -> int | str:
    return int(port) if str(port).isdecimal() else port
