"""The shell: learns the cluster from events, decides every reconcile interval, says pressures and decisions.

A run that decided nothing says its pressures all the same: whoever compares runs wants to see why not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from galileo_bus.delivery.streams import journal_of
from galileo_bus.service import Service, SettingError, Settings, every, on, setting, watch
from galileo_context.cluster import Cluster
from galileo_context.feed import CLUSTER_EVENTS
from galileo_context.logistic import Logistic
from galileo_schemas.event import Event
from galileo_schemas.events import PodFailed, PressureRowsLimited, Resync, ScaleSchedule
from galileo_schemas.frame import FrameError, RawFrame, split_frame
from galileo_schemas.registry import decode_value, kind_of

from galileo_services.pressure_calculator.decide import DeciderState, Outcome, decide
from galileo_services.pressure_calculator.parameters import Parameters, Strategy
from galileo_services.pressure_calculator.pressure import PRESSURES
from galileo_services.pressure_calculator.restore import functions_losing_pods
from galileo_services.pressure_calculator.said import gateway_events, row_events

PRESSURE_TOPIC = "pressure"
REMEMBERED = 500
"""How many of the journal's newest decisions are looked at when the service starts."""

_PREFIX = "schedule_scale_opt"


@dataclass(frozen=True)
class PressureCalculatorSettings(Settings):
    strategy: str = setting(
        "osmotic",
        _PREFIX,
        f"{_PREFIX}_strategy",
        doc="what is done about pressure; static: nothing",
        choices=tuple(strategy.value for strategy in Strategy),
    )
    reconcile_interval: float = setting(10.0, f"{_PREFIX}_reconcile_interval", doc="s between runs", above=0)
    lookback: float = setting(20.0, f"{_PREFIX}_lookback", doc="s of telemetry and traces that count", above=0)
    max_threshold: float = setting(
        0.8, f"{_PREFIX}_max_threshold", doc="pressure above which a pod is added", live=True
    )
    min_threshold: float = setting(
        0.2, f"{_PREFIX}_min_threshold", doc="pressure below which a pod is removed", live=True
    )
    pressures: tuple[str, ...] = setting(
        ("request", "rtt_log", "cpu_usage"),
        f"{_PREFIX}_pressures",
        doc="pressures whose product decides",
        choices=tuple(PRESSURES),
    )
    a: float = setting(250.0, f"{_PREFIX}_a", doc="upper end of the logistic curve", above=0)
    b: float = setting(1.0, f"{_PREFIX}_b", doc="lower end of the logistic curve")
    c: float = setting(0.2, f"{_PREFIX}_c", doc="steepness of the logistic curve, per ms")
    d: float = setting(35.0, f"{_PREFIX}_d", doc="midpoint of the logistic curve, ms")
    offset: float = setting(0.0, f"{_PREFIX}_offset", doc="share by which the midpoint is lowered")
    percentile_duration: float = setting(
        90.0, f"{_PREFIX}_percentile_duration", doc="percentile of response times that counts", at_least=0
    )
    latency_requirement: dict[str, float] = setting(
        {}, f"{_PREFIX}_latency_requirement_<fn>", doc="ms that a function's answers may take", above=0
    )
    max_replicas: int = setting(20, f"{_PREFIX}_max_replicas_busy", doc="most pods of one function", above=0, live=True)
    min_replicas: int = setting(
        1, "pressure_calculator_min_replicas", doc="least pods of one function; lost ones are replaced", above=0
    )
    min_age: float = setting(30.0, "pressure_calculator_min_age", doc="s that a pod serves at least", at_least=0)
    scale_down_delay: float = setting(
        30.0, "pressure_calculator_scale_down_delay", doc="s that pressure must be low before a pod goes", at_least=0
    )
    settle: float = setting(
        0.0, "pressure_calculator_settle", doc="s after a new pod serves before its zone gets another", at_least=0
    )
    start_patience: float = setting(
        60.0, "pressure_calculator_start_patience", doc="s that a starting pod holds others back", above=0
    )
    max_latency: float = setting(
        0.0, "galileo_context_max_latency", doc="ms that count as far, or the largest latency known", at_least=0
    )
    trace_window: float = setting(60.0, "galileo_context_trace_window_size", doc="s of traces kept", above=0)
    dry_run: bool = setting(False, f"{_PREFIX}_dry_run", doc="true: say pressures, but no decisions")
    rows_limit: int = setting(
        200, "pressure_calculator_rows_limit", doc="most rows a run says on galileo/events", at_least=0
    )


class PressureCalculator(Service):
    """Says `api_pressure`, `pressure_…` and `scale_schedule`."""

    name = "pressure_calculator"
    elected = True
    settings: PressureCalculatorSettings

    async def started(self) -> None:
        settings = self.settings
        self._cluster = Cluster(retention_s=max(settings.trace_window, settings.lookback))
        self._state = DeciderState()
        self._parameters = _parameters(settings)
        self._unsaid: deque[tuple[ScaleSchedule, Sequence[str]]] = deque()
        self._losses: dict[str, str] = {}
        """By function, the event that told last of a pod that it lost: what a replacement follows from."""
        self.decisions = 0

    async def joined(self) -> None:
        await self.bus.say(Resync())

    async def leading(self) -> None:
        """What an earlier leadership of ours saw and decided is old: others have decided since."""
        self._state = DeciderState()
        self._unsaid.clear()
        await self._remember_open_decisions()

    async def rejoined(self) -> None:
        await self.bus.say(Resync())

    async def _remember_open_decisions(self) -> None:
        """What another or an earlier life decided and nobody has acted on yet must not be decided again."""
        kind = kind_of(ScaleSchedule)
        for entry in await self.bus.transport.range(journal_of(kind.name), count=REMEMBERED, newest_first=True):
            try:
                decision = decode_value(kind, split_frame(entry.payload).value)
            except FrameError:
                continue  # its actor says so, and buries it
            expires = decision.meta.expires if decision.meta else None
            if isinstance(decision, ScaleSchedule) and expires is not None and expires > self.now():
                self._state.open.add(decision, until=expires + self._parameters.decision_grace_s)

    def settings_changed(self, before: Settings) -> None:
        self._parameters = _parameters(self.settings)

    def figures(self) -> dict[str, float]:
        return {
            "decisions": float(self.decisions),
            "open_decisions": float(len(self._state.open)),
            "max_threshold": self._parameters.max_threshold,
            "min_threshold": self._parameters.min_threshold,
        }

    @watch(*CLUSTER_EVENTS)
    async def learn(self, event: Event, frame: RawFrame) -> None:
        self._cluster.note(event, frame.ts)
        if event.meta is not None and event.meta.id:
            self._losses |= dict.fromkeys(functions_losing_pods(self._cluster, event), event.meta.id)

    @on(PodFailed)
    async def note_failure(self, event: PodFailed) -> None:
        self._state.open.fail(event)

    @every("reconcile_interval")
    async def reconcile(self) -> None:
        outcome = decide(self._cluster, self._state, self._parameters, now=self.now(), new_id=self.bus.next_id)
        causes = await self._say_pressures(outcome)
        for decision in outcome.decisions:
            follows_from = self._losses.get(decision.fn) if decision.reason else causes.get(decision.origin_zone)
            self._unsaid.append((decision, [follows_from] if follows_from else []))
        for hindrance in outcome.impossible:
            self.log.warning("%s needs a pod near %s: %s", hindrance.fn, hindrance.dest_zone, hindrance.reason)
            await self.bus.say(hindrance)
        while self._unsaid:
            # Raises while the bus is away. The server may have taken it all the same, so that the decision counts as
            # open, and the next run says it again with the same id instead of deciding anew.
            await self._say_decision(*self._unsaid[0])
            self._unsaid.popleft()

    async def _say_pressures(self, outcome: Outcome) -> dict[str, str]:
        """Says all pressures; returns the id of each zone's `api_pressure`, the cause of what is decided for it."""
        causes = {event.zone: await self.bus.say(event) for event in gateway_events(outcome.gateways)}
        rows = row_events(outcome.rows)
        limited = len(rows) > self.settings.rows_limit
        for row in rows:
            await self.bus.say(row, topic=PRESSURE_TOPIC if limited else None)
        if limited:
            await self.bus.say(PressureRowsLimited(total=len(rows), limit=self.settings.rows_limit))
        return causes

    async def _say_decision(self, decision: ScaleSchedule, cause: Sequence[str]) -> None:
        meta, pod = decision.meta, decision.pod_creation_request
        if meta is None or meta.expires is None:
            raise ValueError("a decision carries its id and its end")
        pressure = "none" if decision.value is None else f"{decision.value:.3f}"
        self.log.info(
            "%s: %s pod %s in %s (%s)",
            decision.fn,
            "remove" if decision.delete else "add",
            pod.pod_name,
            decision.dest_zone,
            decision.reason or f"pressure {pressure} in {decision.origin_zone}",
        )
        await self.bus.say(
            decision,
            event_id=meta.id,
            cause=cause,
            key=f"{pod.namespace}/{pod.pod_name}",
            expires_in_s=meta.expires - self.now(),
        )
        self.decisions += 1


def _parameters(settings: PressureCalculatorSettings) -> Parameters:
    try:
        return Parameters(
            strategy=Strategy.STATIC if settings.dry_run else Strategy(settings.strategy),
            pressures=settings.pressures,
            lookback_s=settings.lookback,
            max_threshold=settings.max_threshold,
            min_threshold=settings.min_threshold,
            logistic=Logistic(a=settings.a, b=settings.b, c=settings.c, midpoint_ms=settings.d, offset=settings.offset),
            percentile=settings.percentile_duration,
            max_latency_ms=settings.max_latency,
            latency_requirement_ms=settings.latency_requirement,
            max_replicas=settings.max_replicas,
            min_replicas=settings.min_replicas,
            min_age_s=settings.min_age,
            scale_down_delay_s=settings.scale_down_delay,
            settle_s=settings.settle,
            start_patience_s=settings.start_patience,
            decision_expires_s=2 * settings.reconcile_interval,
        )
    except ValueError as error:
        raise SettingError(f"{_PREFIX}_…: {error}") from None
