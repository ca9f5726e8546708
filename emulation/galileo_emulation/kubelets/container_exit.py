"""How a run of a container ended, and the exit codes by which Kubernetes users know why."""

from __future__ import annotations

from dataclasses import dataclass

COMPLETED = 0
KILLED = 137
"""128 + SIGKILL: cut off when its time was over, or for its memory."""
TERMINATED = 143
"""128 + SIGTERM: ended because it was told to."""
UNKNOWN = 255
"""What is reported when nobody saw the end, because the node failed."""


@dataclass(frozen=True, slots=True)
class Exit:
    """An exit code, and the reason that the status gives; by default the one that follows from the code."""

    code: int
    given_reason: str = ""
    message: str = ""

    @property
    def reason(self) -> str:
        return self.given_reason or ("Completed" if self.code == COMPLETED else "Error")


OUT_OF_MEMORY = Exit(KILLED, "OOMKilled")
