"""An experiment database whose writes are asked about, one by one: for dry runs."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from galileo_bus.service.write_guard import WriteGuard

from galileo_backends.database.interface import ExperimentDatabase
from galileo_backends.database.rows import Counts, EventRow, Experiment, TelemetryRow, TraceRow


class GuardedDatabase:
    """An `ExperimentDatabase`. Rows that are not written count as new."""

    def __init__(self, inner: ExperimentDatabase, guard: WriteGuard) -> None:
        self._inner = inner
        self._guard = guard

    async def open(self) -> None:
        """See `ExperimentDatabase.open`."""
        await self._inner.open()

    async def close(self) -> None:
        """See `ExperimentDatabase.close`."""
        await self._inner.close()

    async def create_experiment(
        self,
        exp_id: str,
        *,
        name: str,
        creator: str,
        start: float,
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """See `ExperimentDatabase.create_experiment`."""

        async def is_new() -> bool:
            return all(known.id != exp_id for known in await self._inner.experiments())

        do = partial(self._inner.create_experiment, exp_id, name=name, creator=creator, start=start, metadata=metadata)
        return await self._guard.write(f"note the experiment {exp_id} in the database", do, is_new)

    async def finalize_experiment(self, exp_id: str, *, end: float, status: str) -> None:
        """See `ExperimentDatabase.finalize_experiment`."""

        async def nothing() -> None:
            return None

        do = partial(self._inner.finalize_experiment, exp_id, end=end, status=status)
        await self._guard.write(f"note the end of the experiment {exp_id}, {status}, in the database", do, nothing)

    async def write_traces(self, exp_id: str, rows: Iterable[TraceRow]) -> int:
        """See `ExperimentDatabase.write_traces`."""
        kept = list(rows)
        return await self._write("traces", exp_id, len(kept), partial(self._inner.write_traces, exp_id, kept))

    async def write_events(self, exp_id: str, rows: Iterable[EventRow]) -> int:
        """See `ExperimentDatabase.write_events`."""
        kept = list(rows)
        return await self._write("events", exp_id, len(kept), partial(self._inner.write_events, exp_id, kept))

    async def write_telemetry(self, exp_id: str, rows: Iterable[TelemetryRow]) -> int:
        """See `ExperimentDatabase.write_telemetry`."""
        kept = list(rows)
        return await self._write("telemetry", exp_id, len(kept), partial(self._inner.write_telemetry, exp_id, kept))

    async def write_nodeinfo(self, exp_id: str, node: str, info: Mapping[str, str]) -> int:
        """See `ExperimentDatabase.write_nodeinfo`."""
        do = partial(self._inner.write_nodeinfo, exp_id, node, info)
        return await self._write(f"facts about node {node}", exp_id, len(info), do)

    async def experiments(self) -> list[Experiment]:
        """See `ExperimentDatabase.experiments`."""
        return await self._inner.experiments()

    async def experiment(self, exp_id: str) -> Experiment:
        """See `ExperimentDatabase.experiment`."""
        return await self._inner.experiment(exp_id)

    async def traces(self, exp_id: str) -> list[TraceRow]:
        """See `ExperimentDatabase.traces`."""
        return await self._inner.traces(exp_id)

    async def events(self, exp_id: str) -> list[EventRow]:
        """See `ExperimentDatabase.events`."""
        return await self._inner.events(exp_id)

    async def telemetry(self, exp_id: str) -> list[TelemetryRow]:
        """See `ExperimentDatabase.telemetry`."""
        return await self._inner.telemetry(exp_id)

    async def nodeinfo(self, exp_id: str) -> dict[str, dict[str, str]]:
        """See `ExperimentDatabase.nodeinfo`."""
        return await self._inner.nodeinfo(exp_id)

    async def counts(self, exp_id: str) -> Counts:
        """See `ExperimentDatabase.counts`."""
        return await self._inner.counts(exp_id)

    async def _write(self, rows: str, exp_id: str, count: int, do: Any) -> int:
        async def all_of_them() -> int:
            return count

        written: int = await self._guard.write(f"write {count} {rows} of {exp_id} into the database", do, all_of_them)
        return written
