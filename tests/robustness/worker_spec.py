"""What a worker process is told when it is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSpec:
    """`who`: participant and life. `port`: of its proxy. `quiet_at`: unix time from which deciders say nothing new."""

    who: str
    port: int
    folder: Path
    store: Path
    seed: int
    quiet_at: float
    keys: int
    uvloop: bool
    mutation: str
    decision_every_s: float
    observation_every_s: float
    record_every_s: float
    observation_bytes: int

    @property
    def role(self) -> str:
        return self.who.partition("-")[0]

    @property
    def done_file(self) -> Path:
        """Made by a decider that has said all and knows that the server has it."""
        return self.folder / f"{self.who.partition('/')[0]}.done"
