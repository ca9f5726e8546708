"""Two processes of `galileo run` that stand for election, and what they wrote into the journal."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from galileo_bus.transport.redis_transport import RedisTransport
from galileo_schemas.events import ScaleSchedule
from galileo_schemas.frame import split_frame
from galileo_schemas.registry import decode_frame

from tests.bus.delivery.acting import JOURNAL
from tests.bus.hearing import until

SERVICE = Path(__file__).with_name("deciding.py")
LEASE_S = 2.0
TERMS = {
    "galileo_election": "redis",
    "galileo_election_lease": f"{LEASE_S}",
    "galileo_election_renew_interval": "0.3",
    "galileo_election_renew_deadline": "0.5",
    "galileo_election_stop_within": "0.5",
    "galileo_election_try_interval": "0.2",
}


class Replica:
    """One process in a folder of its own."""

    def __init__(self, folder: Path, *, port: int) -> None:
        folder.mkdir()
        self.folder = folder
        self.log_file = folder / "log"
        environ = {**os.environ, **TERMS, "galileo_redis_host": "127.0.0.1", "galileo_redis_port": f"{port}"}
        command = [sys.executable, "-m", "galileo_cli", "run", str(SERVICE)]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def said_at(self, words: str) -> float:
        """When it logged them last, unix seconds; fails when it has not."""
        found = re.findall(rf"ts=([\d.]+) .*{words}", self.log)
        assert found, f"not in the log: {words}\n{self.log}"
        return float(found[-1])

    async def leads(self, *, within_s: float = 10.0) -> None:
        await self.logs("leads, epoch", within_s=within_s)

    async def logs(self, words: str, *, within_s: float = 10.0) -> None:
        await until(lambda: words in self.log or self.process.poll() is not None, within_s=within_s)
        assert words in self.log, self.log

    async def is_running(self) -> None:
        await self.logs('"ready": true')

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self, *, within_s: float = 10.0) -> int:
        await until(lambda: self.process.poll() is not None, within_s=within_s)
        return int(self.process.returncode)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


async def writers(transport: RedisTransport) -> list[int]:
    """Of each decision in the journal, in order, the process that said it."""
    found = []
    for entry in await transport.range(JOURNAL, count=10_000):
        decision = decode_frame(split_frame(entry.payload))
        assert isinstance(decision, ScaleSchedule)
        found.append(int(decision.pod_creation_request.pod_name.partition("-")[0]))
    return found


async def until_writes(transport: RedisTransport, replica: Replica, *, within_s: float = 10.0) -> float:
    """Seconds until a decision of that process is in the journal."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while replica.process.pid not in await writers(transport):
        assert loop.time() - began < within_s, replica.log
        await asyncio.sleep(0.02)
    return loop.time() - began


Start = Callable[..., Replica]
