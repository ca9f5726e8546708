"""Which services run and how they are, from what they say of themselves; whoever says nothing shows by that.

    service_status → the newest of each life of a service;  source_heartbeat → lives that have not said theirs yet

A life that has missed a status is over when it has a successor: the same service and instance on the same host, started
after the old one spoke last.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from galileo_schemas.event import Event
from galileo_schemas.events import ServiceStatus, SourceHeartbeat
from galileo_schemas.registry import kind_of

SILENT_AFTER_S = 5.0
"""Two statuses and a bit."""

FORGET_AFTER_S = 300.0
MISSED_S = 2.5
"""So long after its last status a service has missed one."""

CLOCKS_DIFFER_S = 1.0

_STATUS = kind_of(ServiceStatus).name


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service now. `process` is `host/pid`; `silent_s` is how old its last status is; `age_s` since its start.

    `state` reads `ready`, `not ready: why`, `unhealthy: why`, `silent for 7 s` or `not heard`; `well` is whether it is
    `ready`. `role` reads `leader` or `follower` where there is an election. Rates are None until they are told.
    `status` is None for one that was never heard.
    """

    service: str
    instance: str
    process: str
    state: str
    well: bool
    said_per_s: float | None = None
    heard_per_s: float | None = None
    lag: int = 0
    lost: int = 0
    role: str = ""
    age_s: float = 0.0
    silent_s: float = 0.0
    status: ServiceStatus | None = None


@dataclass(slots=True)
class _Life:
    status: ServiceStatus | None
    heard_at: float


class ServicesHeard:
    """Plain state; times in unix seconds of whoever listens. `expected`: services that are known to be wanted."""

    def __init__(self, expected: Collection[str] = ()) -> None:
        self._expected = tuple(dict.fromkeys(expected))
        self._lives: dict[str, _Life] = {}

    def note(self, event: Event, now: float) -> None:
        """Takes what was heard at `now`; anything but a status or a heartbeat changes nothing."""
        source = event.meta.source if event.meta is not None else ""
        match event:
            case ServiceStatus():
                key = source or f"{event.service}/{event.host}/{event.pid}/{event.instance}"
                self._lives[key] = _Life(event, now)
            case SourceHeartbeat() if _STATUS in event.last:
                self._lives.setdefault(source, _Life(None, now))

    def all_have_spoken(self) -> bool:
        """Whether everyone known has said how it is."""
        return all(life.status is not None for life in self._lives.values()) and not self._missing()

    def rows(self, now: float) -> list[ServiceRow]:
        """All services by name; those that have been silent for long are left out."""
        for source, life in list(self._lives.items()):
            if now - life.heard_at > FORGET_AFTER_S or self._is_succeeded(life, now):
                del self._lives[source]
        rows = [_row(source, life, now) for source, life in self._lives.items()]
        rows += [
            ServiceRow(service=name, instance=name, process="", state="not heard", well=False)
            for name in self._missing()
        ]
        return sorted(rows, key=lambda row: (row.service, row.instance, row.process))

    def figure(self, service: str, name: str) -> float | None:
        """A figure of the service of that name that spoke last; None when none has said it."""
        found: float | None = None
        newest = float("-inf")
        for life in self._lives.values():
            status = life.status
            if status is not None and status.service == service and name in status.figures and life.heard_at > newest:
                found, newest = status.figures[name], life.heard_at
        return found

    def _missing(self) -> list[str]:
        spoken = {life.status.service for life in self._lives.values() if life.status is not None}
        spoken |= {life.status.instance for life in self._lives.values() if life.status is not None}
        return [name for name in self._expected if name not in spoken]

    def _is_succeeded(self, life: _Life, now: float) -> bool:
        old = life.status
        if old is None or now - life.heard_at <= MISSED_S:
            return False
        return any(
            (new.service, new.instance, new.host) == (old.service, old.instance, old.host)
            and new.started >= life.heard_at - CLOCKS_DIFFER_S
            for new in (other.status for other in self._lives.values() if other is not life)
            if new is not None
        )


def _row(source: str, life: _Life, now: float) -> ServiceRow:
    status = life.status
    silent_s = max(0.0, now - life.heard_at)
    if status is None:
        name = source.partition("/")[0]
        return ServiceRow(
            service=name, instance=name, process="", state=f"silent for {silent_s:.0f} s", well=False, silent_s=silent_s
        )
    state = _state(status, silent_s)
    return ServiceRow(
        service=status.service,
        instance=status.instance,
        process=f"{status.host}/{status.pid}",
        state=state,
        well=state == "ready",
        said_per_s=status.rates.get("said"),
        heard_per_s=status.rates.get("heard"),
        lag=status.lag,
        lost=status.lost,
        role=_role(status),
        age_s=max(0.0, now - status.started),
        silent_s=silent_s,
        status=status,
    )


def _role(status: ServiceStatus) -> str:
    leading = status.figures.get("leading")
    return "" if leading is None else "leader" if leading else "follower"


def _state(status: ServiceStatus, silent_s: float) -> str:
    if silent_s > SILENT_AFTER_S:
        return f"silent for {silent_s:.0f} s"
    told = (("not ready", status.not_ready), ("unhealthy", status.unhealthy))
    return "; ".join(f"{word}: {reason}" for word, reason in told if reason) or "ready"


def shown_rate(per_s: float | None) -> str:
    """Events a second, with a digit more where they are few: `31`, `0.3`, `0`; `–` while it is not known."""
    if per_s is None:
        return "–"
    if per_s >= 9.95:
        return f"{per_s:.0f}"
    return f"{per_s:.1f}" if per_s >= 0.05 else "0" if per_s == 0 else "<0.1"
