"""What only the one who runs an emulation knows, kept in the run's folder, so that its report can be made again.

Written when the run begins, whenever a process is started again, and when the run ends: what a run that was cut off
leaves is what was known by then.
"""

from __future__ import annotations

import os

import msgspec
from galileo_experiments.recorded_run import Restart

from galileo_cli.emulate.run_folder import RunFolder


class RestartRecord(msgspec.Struct, kw_only=True):
    """A process that ended and was started again, at `at` (unix seconds)."""

    at: float
    process: str
    reason: str = ""


class RunRecord(msgspec.Struct, kw_only=True):
    """The experiment's id; when its processes were begun, and when it had ended (unix seconds; null: not yet).

    `failure` says why it ended early. `dead_letters` is how many messages were left that nobody could take; null when
    nobody counted.
    """

    experiment: str
    began: float
    ended: float | None = None
    failure: str | None = None
    dead_letters: int | None = None
    restarts: list[RestartRecord] = []

    def note_restart(self, restart: Restart) -> None:
        """Keeps that a process was started again."""
        self.restarts.append(RestartRecord(at=restart.at, process=restart.process, reason=restart.reason))

    def write(self, folder: RunFolder) -> None:
        """Writes it, replacing what was there at once. Raises `OSError`."""
        new = folder.record.with_name(f".{folder.record.name}-{os.getpid()}")
        new.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")
        os.replace(new, folder.record)


def read_run_record(folder: RunFolder) -> RunRecord | None:
    """None when there is none. Raises `msgspec.MsgspecError` when it cannot be read."""
    try:
        return msgspec.json.decode(folder.record.read_bytes(), type=RunRecord)
    except FileNotFoundError:
        return None
