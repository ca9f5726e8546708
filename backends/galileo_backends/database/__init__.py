"""The experiment database: what happened in an experiment, for the report and for later questions.

`ExperimentDatabase` is what a recorder asks for. `SqliteDatabase` keeps it in one file with the tables of galileo-db,
so that tools which read those read ours; `MemoryDatabase` is its twin. Both pass tests/backends/database/.
"""

from galileo_backends.database.errors import DatabaseError, UnknownExperiment
from galileo_backends.database.experiment_id import new_experiment_id
from galileo_backends.database.interface import ExperimentDatabase
from galileo_backends.database.memory import MemoryDatabase
from galileo_backends.database.rows import Counts, EventRow, Experiment, TelemetryRow, TraceRow
from galileo_backends.database.sqlite import SqliteDatabase

__all__ = [
    "Counts",
    "DatabaseError",
    "EventRow",
    "Experiment",
    "ExperimentDatabase",
    "MemoryDatabase",
    "SqliteDatabase",
    "TelemetryRow",
    "TraceRow",
    "UnknownExperiment",
    "new_experiment_id",
]
