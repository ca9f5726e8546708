"""A local function's output as a file, so that what a crashed process said can be read after the run.

    process -> ContainerLog.write -> OutputFile.write -> a file of lines, the runs of a container one after the other

`kubectl logs` has the same lines while the world runs. A file that has grown large is put aside once, as kubelets
rotate theirs, so that a talkative function does not fill the disk.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

LARGEST_BYTES = 10 * 1024 * 1024
"""The default of a kubelet's `containerLogMaxSize`."""

log = logging.getLogger(__name__)


class OutputFile:
    """Appends lines to `path`. When it is larger than `largest_bytes` it becomes `path` with `.1` at its end."""

    def __init__(self, path: Path, *, largest_bytes: int = LARGEST_BYTES) -> None:
        self.path = path
        self._largest_bytes = largest_bytes
        self._failed = False

    def begin_run(self, unix_s: float) -> None:
        """A line that tells this run's output from that of the one before."""
        moment = datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.write(unix_s, f"--- started {moment}".encode())

    def write(self, unix_s: float, line: bytes) -> None:
        """Append a line, given without its end. A file that cannot be written is warned about once, and left."""
        if self._failed:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(line + b"\n")
                size = file.tell()
            if size > self._largest_bytes:
                os.replace(self.path, self.path.with_name(f"{self.path.name}.1"))
        except OSError as error:
            self._failed = True
            log.warning("%s: the output is not written any more: %s", self.path, error)
