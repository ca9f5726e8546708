"""What the actors of a run have done and its recorders have kept, in one SQLite file: the first attempt wins.

It stands for the outside world, where an effect carries its decision's id: "already exists with this id" is success.
A commit is handed to the system and survives a SIGKILL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS effects (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, pod TEXT, key TEXT);
CREATE TABLE IF NOT EXISTS records (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE);
"""


class EffectStore:
    """Shared by processes."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=10.0, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _TABLES)

    def act(self, event_id: str, *, pod: str, key: str) -> bool:
        """Does the effect of a decision; returns whether this was the first time."""
        statement = "INSERT OR IGNORE INTO effects (id, pod, key) VALUES (?, ?, ?)"
        return self._db.execute(statement, (event_id, pod, key)).rowcount == 1

    def keep(self, ids: Sequence[str]) -> int:
        """Keeps records in one transaction; returns how many were new."""
        self._db.execute("BEGIN IMMEDIATE")
        new = sum(self._db.execute("INSERT OR IGNORE INTO records (id) VALUES (?)", (one,)).rowcount for one in ids)
        self._db.execute("COMMIT")
        return new

    def effects(self) -> list[tuple[str, str, str]]:
        """(id, pod, key) of each effect, in the order of the first attempts."""
        return self._db.execute("SELECT id, pod, key FROM effects ORDER BY place").fetchall()

    def records(self) -> list[str]:
        """The ids of the records kept."""
        return [row[0] for row in self._db.execute("SELECT id FROM records ORDER BY place")]

    def close(self) -> None:
        self._db.close()
