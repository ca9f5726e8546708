"""Reads the traces of a run from its SQLite database: the table `traces` of the experiment database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from galileo_schemas.raw.trace_line import Trace

_QUERY = (
    "SELECT REQUEST_ID, CLIENT, SERVICE, CREATED, SENT, DONE, STATUS, SERVER, EXP_ID, HEADERS, RESPONSE FROM traces"
    " WHERE ?1 IS NULL OR EXP_ID = ?1 ORDER BY SENT"
)


def read_traces(path: Path, *, experiment: str | None = None) -> Iterator[Trace]:
    """All traces, or one experiment's, by the time they were sent. Raises `sqlite3.Error`; writes nothing."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        for row in database.execute(_QUERY, (experiment,)):
            yield Trace(
                request_id=row[0],
                client=row[1],
                service=row[2],
                created=row[3],
                sent=row[4],
                done=row[5],
                status=row[6],
                server=row[7],
                exp_id=row[8],
                headers=row[9],
                response=row[10],
            )
