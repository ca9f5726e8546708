"""The processes of a benchmark of the bus: Valkey, shipped services, peers; and what their pages say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from galileo_cli.emulate.servers import free_ports, valkey_command

FOLDER = Path(__file__).parent
PEERS_FOLDER = FOLDER.parent / ".venv-peers"
PEERS = ("redis[hiredis]==8.1.0", "msgspec==0.22.0", "uvloop", "faststream[redis]==0.7.8")
PATIENCE_S = 120.0


@dataclass(frozen=True)
class RunningService:
    """A process of `galileo run`."""

    pid: int
    port: int

    def figures(self) -> dict[str, float]:
        """What its /metrics page says, by name without `galileo_`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as page:
            lines = page.read().decode().splitlines()
        return {line.split("{")[0].split()[0].removeprefix("galileo_"): float(line.split()[-1]) for line in lines}

    def until(self, name: str, at_least: float) -> dict[str, float]:
        """Waits until a figure is at least so high. Raises `TimeoutError` with all figures."""
        deadline = time.monotonic() + PATIENCE_S
        while (found := self.figures()).get(name, 0.0) < at_least:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} stayed below {at_least:g}: {found}")
            time.sleep(0.05)
        return found

    def cpu_s(self) -> float:
        """CPU time of the process so far, in seconds, fine enough for short runs (Linux)."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def memory_mib(self) -> float:
        """Resident memory (Linux)."""
        rows = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("VmRSS:")) / 1024


@contextmanager
def valkey(folder: Path) -> Iterator[int]:
    """A Valkey of our own, as the emulation runs it; yields its port."""
    (port,) = free_ports(1)
    with _ended(subprocess.Popen(valkey_command(port, folder), stdout=subprocess.DEVNULL)):
        deadline = time.monotonic() + 10.0
        while subprocess.run(_cli(port, "PING"), capture_output=True, check=False).stdout != b"PONG\n":
            if time.monotonic() > deadline:
                raise TimeoutError("Valkey did not start within 10 s")
            time.sleep(0.05)
        yield port


def _cli(port: int, *words: str) -> list[str]:
    code = "import redis,sys; r=redis.Redis(port=int(sys.argv[1])); print('PONG' if r.ping() else '')"
    return [sys.executable, "-c", code, str(port), *words]


@contextmanager
def service(name: str, port: int, **settings: str) -> Iterator[RunningService]:
    """One of those in `bus_services`, run as people run theirs."""
    environ = {
        **os.environ,
        "galileo_logging_level": "ERROR",
        "galileo_redis_url": f"redis://127.0.0.1:{port}",
        **settings,
    }
    command = [sys.executable, "-m", "galileo_cli", "run", str(FOLDER / "bus_services" / f"{name}.py")]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    with _ended(process):
        assert process.stdout is not None
        yield RunningService(process.pid, json.loads(process.stdout.readline())["health_port"])


@contextmanager
def receiver(port: int) -> Iterator[RunningService]:
    """Our own link and protocol without a bus above them; it has no page."""
    command = [sys.executable, "-m", "benchmarks.bus_protocol", str(port)]
    process = subprocess.Popen(command, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True)
    with _ended(process):
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("bus_protocol did not start")
        yield RunningService(process.pid, 0)


def import_s() -> float:
    """Seconds from the start of Python until the reader's module is imported, less those of Python itself."""
    module = f"import sys; sys.path.insert(0, {str(FOLDER / 'bus_services')!r}); import bench_reader"
    return _run_s(module) - _run_s("pass")


def _run_s(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def publish(port: int, count: int, rate: float, *options: str) -> None:
    """Publishes at a steady pace, in a process of its own, and waits until all is taken."""
    command = [sys.executable, "-m", "benchmarks.bus_publisher", str(port), "--count", str(count), "--rate", str(rate)]
    subprocess.run([*command, *options], cwd=FOLDER.parent, check=True)


def peer_cpu_s(script: str, port: int, count: int, rate: float, *options: str) -> float:
    """CPU seconds that a peer takes for `count` messages."""
    command = [str(_peers_python()), str(FOLDER / "bus_peers" / script), str(port), str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with _ended(process):
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{script} did not start")
        time.sleep(0.2)  # FastStream says that it has started just before it subscribes
        publish(port, count, rate, *options)
        return float(process.stdout.readline())


def _peers_python() -> Path:
    """An environment of the peers' own, made when it is first needed."""
    python = PEERS_FOLDER / "bin" / "python"
    done = PEERS_FOLDER / "installed"
    if not done.exists() or done.read_text() != " ".join(PEERS):
        print(f"Setting up the peers in {PEERS_FOLDER.name} …", flush=True)
        venv.create(PEERS_FOLDER, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
        done.write_text(" ".join(PEERS))
    return python


@contextmanager
def _ended(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=10)
