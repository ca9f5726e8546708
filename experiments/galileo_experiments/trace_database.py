"""Reads what a run has recorded from its SQLite database: the tables of the experiment database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from galileo_schemas.frame import FrameError, join_frame
from galileo_schemas.raw.trace_line import Trace

_QUERY = (
    "SELECT REQUEST_ID, CLIENT, SERVICE, CREATED, SENT, DONE, STATUS, SERVER, EXP_ID, HEADERS, RESPONSE FROM traces"
    " WHERE ?1 IS NULL OR EXP_ID = ?1 ORDER BY SENT"
)


_EVENTS = "SELECT TIMESTAMP, NAME, VALUE FROM events WHERE ?1 IS NULL OR EXP_ID = ?1 ORDER BY TIMESTAMP, rowid"
_NEWEST = "SELECT EXP_ID FROM experiments ORDER BY START DESC LIMIT 1"


def newest_experiment(path: Path) -> str | None:
    """The id of the experiment that began last; None when none is noted. Raises `sqlite3.Error`; writes nothing."""
    with closing(_open(path)) as database:
        row = database.execute(_NEWEST).fetchone()
    return None if row is None else str(row[0])


def read_event_frames(path: Path, *, experiment: str | None = None) -> Iterator[bytes]:
    """All events as frames, or one experiment's, by time. Raises `sqlite3.Error`; writes nothing."""
    with closing(_open(path)) as database:
        for ts, name, value in database.execute(_EVENTS, (experiment,)):
            try:
                yield join_frame(ts, name, (value or "").encode())
            except FrameError:
                yield str(name).encode()  # no frame: it is counted as one that cannot be read


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def read_traces(path: Path, *, experiment: str | None = None) -> Iterator[Trace]:
    """All traces, or one experiment's, by the time they were sent. Raises `sqlite3.Error`; writes nothing."""
    with closing(_open(path)) as database:
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
