"""The shell: hears every telemetry sample, says one window per node and period, writes samples to the database."""

from __future__ import annotations

from dataclasses import dataclass

from galileo_backends.database.interface import ExperimentDatabase
from galileo_backends.database.rows import TelemetryRow
from galileo_bus.service import Service, Settings, every, setting
from galileo_bus.transport import Subscription
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.telemetry_sample import TELEMETRY_PATTERN, parse_sample

from galileo_services.telemetry_ingester.missed_periods import MissedPeriods
from galileo_services.telemetry_ingester.window import TelemetryWindows

UNWRITTEN_LIMIT = 200_000


@dataclass(frozen=True)
class TelemetryIngesterSettings(Settings):
    window_s: float = setting(1.0, "telemetry_ingester_window", doc="s that one telemetry window covers", above=0)
    write_interval: float = setting(1.0, "telemetry_ingester_write_interval", doc="s between database writes", above=0)
    experiment: str = setting("", "galileo_experiment_id", doc="experiment to record for; empty: record nothing")


class TelemetryIngester(Service):
    """Says `telemetry_window`; acts on the experiment database."""

    name = "telemetry_ingester"
    settings: TelemetryIngesterSettings

    def requires(self) -> tuple[type[object], ...]:
        return (ExperimentDatabase,) if self.settings.experiment else ()

    async def started(self) -> None:
        self._windows = TelemetryWindows(self.settings.window_s)
        self._rejected: list[tuple[str, bytes, str]] = []
        self._unwritten: list[TelemetryRow] = []
        self.samples = 0
        self.samples_not_recorded = 0
        self._missed = MissedPeriods()
        self._database = self.backend(ExperimentDatabase) if self.settings.experiment else None
        self._subscription: Subscription = await self.bus.transport.subscribe(
            self._receive, patterns=[TELEMETRY_PATTERN]
        )

    def figures(self) -> dict[str, float]:
        return {
            "samples": float(self.samples),
            "samples_not_recorded": float(self.samples_not_recorded),
            "periods_missed": float(self._missed.count),
        }

    def _receive(self, channel: str, payload: bytes) -> None:
        try:
            sample = parse_sample(channel, payload)
        except FrameError as error:
            self._rejected.append((channel, payload, str(error)))
            return
        self.samples += 1
        self._missed.note(sample.node, sample.metric, sample.ts)
        report = self._windows.add(sample, self.now())
        if report is not None:
            self.log.warning("%s", report)
        if self._database is None:
            return
        if len(self._unwritten) >= UNWRITTEN_LIMIT:
            self.samples_not_recorded += 1
            return
        self._unwritten.append(
            TelemetryRow(
                timestamp=sample.ts,
                metric=sample.metric,
                node=sample.node,
                value=sample.value,
                subsystem=sample.subsystem or None,
            )
        )

    @every("window_s")
    async def say_windows(self) -> None:
        for window in self._windows.close(self.now()):
            await self.bus.say(window)
        rejected, self._rejected = self._rejected, []
        for channel, payload, reason in rejected:
            await self.bus.rejections.note(channel, "telemetry", payload, reason)

    @every("write_interval")
    async def write(self) -> None:
        if self._database is not None and self._unwritten:
            rows, self._unwritten = self._unwritten, []
            try:
                await self._database.write_telemetry(self.settings.experiment, rows)
            except BaseException:
                self._unwritten = rows + self._unwritten  # kept for the next run
                raise

    async def stopping(self) -> None:
        await self._subscription.close()
        await self.write()
