"""The experiment database's twin in memory: the same promises, no file. For tests and simulations."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from galileo_backends.database.errors import UnknownExperiment
from galileo_backends.database.newness import new_events
from galileo_backends.database.rows import Counts, EventRow, Experiment, TelemetryRow, TraceRow


@dataclass(slots=True)
class _Kept:
    """The rows of one experiment."""

    traces: dict[str, TraceRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    event_ids: set[str] = field(default_factory=set)
    telemetry: list[TelemetryRow] = field(default_factory=list)
    nodeinfo: dict[str, dict[str, str]] = field(default_factory=dict)


class MemoryDatabase:
    """An `ExperimentDatabase` that lives in this process."""

    def __init__(self) -> None:
        self._experiments: dict[str, Experiment] = {}
        self._kept: defaultdict[str, _Kept] = defaultdict(_Kept)

    async def open(self) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to let go of; what was written stays."""

    async def create_experiment(
        self,
        exp_id: str,
        *,
        name: str,
        creator: str,
        start: float,
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """See ExperimentDatabase.create_experiment."""
        if exp_id in self._experiments:
            return False
        copied = orjson.loads(orjson.dumps(dict(metadata or {})))
        self._experiments[exp_id] = Experiment(
            id=exp_id, name=name, creator=creator, start=start, end=None, status="RUNNING", metadata=copied
        )
        return True

    async def finalize_experiment(self, exp_id: str, *, end: float, status: str) -> None:
        """See ExperimentDatabase.finalize_experiment."""
        self._experiments[exp_id] = replace(await self.experiment(exp_id), end=end, status=status)

    async def write_traces(self, exp_id: str, rows: Iterable[TraceRow]) -> int:
        """See ExperimentDatabase.write_traces."""
        traces = self._kept[exp_id].traces
        before = len(traces)
        for row in rows:
            traces.setdefault(row.request_id, row._replace(exp_id=exp_id))
        return len(traces) - before

    async def write_events(self, exp_id: str, rows: Iterable[EventRow]) -> int:
        """See ExperimentDatabase.write_events."""
        kept = self._kept[exp_id]
        fresh = new_events(rows, kept.event_ids)
        kept.event_ids.update(row.id for row in fresh if row.id is not None)
        kept.events += [row._replace(id=None) for row in fresh]
        return len(fresh)

    async def write_telemetry(self, exp_id: str, rows: Iterable[TelemetryRow]) -> int:
        """See ExperimentDatabase.write_telemetry."""
        new = list(rows)
        self._kept[exp_id].telemetry += new
        return len(new)

    async def write_nodeinfo(self, exp_id: str, node: str, info: Mapping[str, str]) -> int:
        """See ExperimentDatabase.write_nodeinfo."""
        known = self._kept[exp_id].nodeinfo.setdefault(node, {})
        before = len(known)
        known.update(info)
        return len(known) - before

    async def experiments(self) -> list[Experiment]:
        """See ExperimentDatabase.experiments."""
        return sorted(self._experiments.values(), key=lambda experiment: (experiment.start, experiment.id))

    async def experiment(self, exp_id: str) -> Experiment:
        """See ExperimentDatabase.experiment."""
        if exp_id not in self._experiments:
            raise UnknownExperiment(f"there is no experiment {exp_id!r}")
        return self._experiments[exp_id]

    async def traces(self, exp_id: str) -> list[TraceRow]:
        """See ExperimentDatabase.traces."""
        return sorted(self._of(exp_id).traces.values(), key=lambda row: (row.created, row.request_id))

    async def events(self, exp_id: str) -> list[EventRow]:
        """See ExperimentDatabase.events."""
        return sorted(self._of(exp_id).events, key=lambda row: row.timestamp)

    async def telemetry(self, exp_id: str) -> list[TelemetryRow]:
        """See ExperimentDatabase.telemetry."""
        return sorted(self._of(exp_id).telemetry, key=lambda row: row.timestamp)

    async def nodeinfo(self, exp_id: str) -> dict[str, dict[str, str]]:
        """See ExperimentDatabase.nodeinfo."""
        return {node: dict(info) for node, info in self._of(exp_id).nodeinfo.items() if info}

    async def counts(self, exp_id: str) -> Counts:
        """See ExperimentDatabase.counts."""
        kept = self._of(exp_id)
        return Counts(
            traces=len(kept.traces),
            events=len(kept.events),
            telemetry=len(kept.telemetry),
            nodeinfo=sum(len(info) for info in kept.nodeinfo.values()),
        )

    def _of(self, exp_id: str) -> _Kept:
        """The rows of an experiment; reading one that nobody knows does not make it known."""
        return self._kept.get(exp_id) or _Kept()
