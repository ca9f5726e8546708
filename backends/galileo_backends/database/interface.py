"""What a recorder and a report may ask of the experiment database.

A write is one transaction: when the call returns, its rows are on disk; when it raises or the process dies, none of
them is there. Recorders may be handed the same rows twice, so that writes say how many rows were new, and rows that are
there already are left as they are.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from galileo_backends.database.rows import Counts, EventRow, Experiment, TelemetryRow, TraceRow


class ExperimentDatabase(Protocol):
    """An experiment database, in a file or in memory. Every call raises DatabaseError."""

    async def open(self) -> None:
        """Makes it ready; creates what is missing."""
        ...

    async def close(self) -> None:
        """Lets go of it."""
        ...

    async def create_experiment(
        self,
        exp_id: str,
        *,
        name: str,
        creator: str,
        start: float,
        metadata: Mapping[str, Any] | None = None,
    ) -> bool:
        """Notes that an experiment runs; says whether it is new. One that is there already stays as it is."""
        ...

    async def finalize_experiment(self, exp_id: str, *, end: float, status: str) -> None:
        """Notes when and how (FINISHED, FAILED) it ended. Raises UnknownExperiment."""
        ...

    async def write_traces(self, exp_id: str, rows: Iterable[TraceRow]) -> int:
        """Keeps requests; returns how many were new. A request is known by its id within the experiment."""
        ...

    async def write_events(self, exp_id: str, rows: Iterable[EventRow]) -> int:
        """Keeps events; returns how many were new. An event with an id is known by it within the experiment."""
        ...

    async def write_telemetry(self, exp_id: str, rows: Iterable[TelemetryRow]) -> int:
        """Keeps measurements; returns how many there were. They have no identity: a second write doubles them."""
        ...

    async def write_nodeinfo(self, exp_id: str, node: str, info: Mapping[str, str]) -> int:
        """Keeps what a node says of itself; the newest value of a key wins. Returns how many keys were new."""
        ...

    async def experiments(self) -> list[Experiment]:
        """All experiments by start."""
        ...

    async def experiment(self, exp_id: str) -> Experiment:
        """One experiment. Raises UnknownExperiment."""
        ...

    async def traces(self, exp_id: str) -> list[TraceRow]:
        """Its requests by the time they were due; `exp_id` in the rows is the experiment's."""
        ...

    async def events(self, exp_id: str) -> list[EventRow]:
        """Its events by time, in the order of writing where times are equal. `id` is not read back."""
        ...

    async def telemetry(self, exp_id: str) -> list[TelemetryRow]:
        """Its measurements by time, in the order of writing where times are equal."""
        ...

    async def nodeinfo(self, exp_id: str) -> dict[str, dict[str, str]]:
        """What its nodes said of themselves, by node."""
        ...

    async def counts(self, exp_id: str) -> Counts:
        """How many rows it has; zeros for an experiment that nobody knows."""
        ...
