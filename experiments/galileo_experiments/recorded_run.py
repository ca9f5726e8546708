"""What is left of a run: its facts, its event log and its traces, brought into the shape that the report reads.

Traces become `Request`s: who called what from which zone, and which zone answered. The zone that answered is the zone
of the pod at the end of `X-Final-Host`, as the pod events tell it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from galileo_schemas import labels
from galileo_schemas.events import PodState
from galileo_schemas.raw.trace_line import Trace

from galileo_experiments.event_log import EventLog
from galileo_experiments.scenario import Scenario

_WORKER = re.compile(r"galileo-worker-(?P<zone>.+)-[a-z0-9]{5}")
UNKNOWN_ZONE = "unknown"


@dataclass(frozen=True, kw_only=True)
class Restart:
    """A process that ended and was started again, at `at` (unix seconds)."""

    at: float
    process: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What only the one who ran it knows: `start` and `end` of the load (unix seconds) and the clients' counters.

    `notes` are lines that the reader of the report should mind, `remarks` those that are good to know.
    `dead_letters` is None when nobody counted them.
    """

    start: float
    end: float
    sent: int
    succeeded: int
    failed: int
    restarts: tuple[Restart, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    traces_not_sent: int = 0
    dead_letters: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; times in seconds after the start of the load.

    `pod` is the address that answered, "" when none did; `served_zone` is None when no event tells of such a pod.
    """

    sent_s: float
    done_s: float
    function: str
    client_zone: str
    pod: str
    served_zone: str | None
    succeeded: bool

    @property
    def response_ms(self) -> float:
        """From sending the request to the end of the answer."""
        return (self.done_s - self.sent_s) * 1000.0


@dataclass(frozen=True, kw_only=True)
class RecordedRun:
    """All that a report is made from."""

    scenario: Scenario
    facts: RunFacts
    log: EventLog
    requests: tuple[Request, ...]


def recorded_run(scenario: Scenario, facts: RunFacts, log: EventLog, traces: Iterable[Trace]) -> RecordedRun:
    """Brings a run's parts together; requests are ordered by the time they were sent."""
    pods = PodZones(scenario, log)
    functions = {function.name for function in scenario.functions}
    zones = {zone.name for zone in scenario.zones}
    requests = [_request(trace, facts.start, pods, functions, zones) for trace in traces]
    requests.sort(key=lambda request: request.sent_s)
    return RecordedRun(scenario=scenario, facts=facts, log=log, requests=tuple(requests))


def client_zone(client: str) -> str:
    """The zone of a client id `<worker pod>:<service>:<n>`, whose worker is `galileo-worker-<zone>-<5 characters>`."""
    match = _WORKER.fullmatch(client.partition(":")[0])
    return match["zone"] if match else UNKNOWN_ZONE


def zone_of_pod(pod: PodState, node_zones: Mapping[str, str]) -> str:
    """The zone of a pod's node; where its node is not known, the zone that its own label names."""
    return node_zones.get(pod.node_name) or labels.zone_of(pod.labels)


def node_zones(scenario: Scenario, log: EventLog) -> dict[str, str]:
    """Every node's zone: as the scenario says it, and as the cluster does."""
    return {node.name: node.zone for node in scenario.nodes} | log.zone_of_node


class PodZones:
    """Which pod and zone an address belonged to at a time. Addresses are used again, so each has a history."""

    def __init__(self, scenario: Scenario, log: EventLog) -> None:
        zones = node_zones(scenario, log)
        self._history: dict[str, list[tuple[float, str, str]]] = {}
        for said in log.pods:
            pod = said.event
            if pod.pod_ip:
                self._history.setdefault(pod.pod_ip, []).append((said.ts, zone_of_pod(pod, zones), pod.name))

    def zone_at(self, address: str, at: float) -> str | None:
        """The zone of `ip` or `ip:port` at a unix time; None when no pod ever had that address."""
        found = self._at(address, at)
        return None if found is None else found[1]

    def name_at(self, address: str, at: float) -> str | None:
        """The name of the pod that had an address at a unix time; None when no pod ever had it."""
        found = self._at(address, at)
        return None if found is None else found[2]

    def _at(self, address: str, at: float) -> tuple[float, str, str] | None:
        history = self._history.get(address.partition(":")[0])
        if not history:
            return None
        known = bisect.bisect_right(history, at, key=lambda entry: entry[0])
        # The first event about a pod may come a moment after its first answer.
        return history[max(0, known - 1)]


def _request(trace: Trace, start: float, pods: PodZones, functions: Collection[str], zones: Collection[str]) -> Request:
    final_host = trace.header("X-Final-Host") if trace.succeeded else None
    address = final_host.rpartition(",")[2].strip() if final_host else ""
    sent = trace.sent if trace.sent >= 0 else trace.created  # some senders write −1 when they found no route
    return Request(
        sent_s=sent - start,
        done_s=trace.done - start,
        function=_function(trace.service, functions, zones),
        client_zone=client_zone(trace.client),
        pod=address,
        served_zone=pods.zone_at(address, trace.done) if address else None,
        succeeded=trace.succeeded,
    )


def _function(service: str, functions: Collection[str], zones: Collection[str]) -> str:
    """A routing entry may be named `<function>-<zone>`, as galileo-experiments names them."""
    if service in functions:
        return service
    return next((service.removesuffix(f"-{zone}") for zone in zones if service.endswith(f"-{zone}")), service)
