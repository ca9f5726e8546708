"""A run's folder: what is in it, and under which names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

LATEST = Path("runs/latest")


class NoFolderError(Exception):
    """A run's folder cannot be made where it was asked for; one line with the reason."""


@dataclass(frozen=True)
class RunFolder:
    """All paths of one run."""

    path: Path

    @property
    def scenario(self) -> Path:
        """The scenario as it was run, with duration and seed as asked for."""
        return self.path / "scenario.yaml"

    @property
    def env(self) -> Path:
        """Environment variables by which anyone can join in; can be sourced."""
        return self.path / "env"

    @property
    def kubeconfig(self) -> Path:
        return self.path / "kubeconfig"

    @property
    def latencies(self) -> Path:
        return self.path / "latencies.json"

    @property
    def database(self) -> Path:
        return self.path / "experiment.sqlite"

    @property
    def event_log(self) -> Path:
        return self.path / "events.log"

    @property
    def load_counts(self) -> Path:
        """What the clients counted, written when they have ended."""
        return self.path / "load.json"

    @property
    def record(self) -> Path:
        """What the one who ran it knew: processes started again, how it ended."""
        return self.path / "run.json"

    @property
    def load_plan(self) -> Path:
        """What the clients are to do."""
        return self.path / "load-plan.json"

    @property
    def servers(self) -> Path:
        """What Valkey and etcd keep on disk; removed when they have stopped."""
        return self.path / "servers"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def pod_logs(self) -> Path:
        """What local functions wrote, a file for each container."""
        return self.logs / "pods"

    def create(self) -> bool:
        """Makes the folder; false where there was one.

        Raises `FileExistsError` when it holds a run already, `NoFolderError` where none can be made.
        """
        if self.env.exists():
            raise FileExistsError(f"{self.path} holds a run already; choose another folder with --out")
        is_new = not self.path.exists()
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoFolderError(
                f"{self.path}: no folder can be made there ({error.strerror}); choose another"
            ) from None
        return is_new

    def remember_as_latest(self) -> None:
        """Lets `runs/latest` point here, for commands that are given no other run."""
        latest = LATEST
        latest.parent.mkdir(exist_ok=True)
        new = latest.with_name(f".latest-{os.getpid()}")
        os.symlink(self.path.resolve(), new)
        os.replace(new, latest)  # at once: another run may start at the same moment

    def is_latest(self) -> bool:
        """Whether `runs/latest` points here."""
        return LATEST.resolve() == self.path.resolve()
