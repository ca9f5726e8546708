"""The emulated Kubernetes API under 10,000 pods and 50 watchers. Peer: etcd, the store of a real API server.

python -m benchmarks.bench_world [--pods 10000] [--watchers 50]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from galileo_cli.emulate.servers import HOST, etcd_command, free_ports, until_listening

from benchmarks import etcd_load, world_load
from benchmarks.results import Figure, figure, report

RATE = 100.0
WATCH_S = 10.0
LISTS = 9
STATUSES = 50_000
PEER = "etcd"


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100.0


def memory_mib(pid: int) -> float:
    """Resident memory of a process (Linux)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} tells no resident memory")


def percentile_ms(values_s: list[float], share: float) -> float:
    """A percentile in milliseconds; `share` 0.99 is the 99th."""
    ordered = sorted(values_s)
    return 1000.0 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run(pods: int, watchers: int) -> list[Figure]:
    """Start the server and its peer, measure, end them."""
    client_port, peer_port = free_ports(2)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as processes:
        quiet = subprocess.DEVNULL
        command = etcd_command(client_port, peer_port, Path(folder))
        processes.enter_context(_ending(subprocess.Popen(command, stdout=quiet, stderr=quiet)))
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.world_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        processes.enter_context(_ending(server))
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        return uvloop.run(_connect_and_measure(url, client_port, server.pid, pods, watchers))


@contextmanager
def _ending(process: subprocess.Popen[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _connect_and_measure(url: str, etcd_port: int, pid: int, pods: int, watchers: int) -> list[Figure]:
    await until_listening(etcd_port, what="etcd")
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=2**22) as session:
        return await measure(session, url, f"http://{HOST}:{etcd_port}", pid, pods, watchers)


async def measure(
    session: aiohttp.ClientSession, url: str, etcd: str, pid: int, pods: int, watchers: int
) -> list[Figure]:
    """Create, list, watch, change; memory when all pods are there, and again after many changes."""
    figures, used = [], cpu_seconds(pid)
    rate = await world_load.create_pods(session, url, 0, pods)
    used = cpu_seconds(pid) - used
    peer_rate = await etcd_load.create_pods(session, etcd, 0, pods)
    figures.append(figure("pods created", rate, "1/s", limit=">= 500", peer=PEER, peer_value=peer_rate))
    figures.append(figure("pods created per CPU second of the server", pods / used, "1/s"))
    lists, peer_lists = [], []
    for _ in range(LISTS):
        lists.append(await world_load.list_seconds(session, url, pods))
        peer_lists.append(await etcd_load.list_seconds(session, etcd, pods))
    median, peer_median = 1000 * statistics.median(lists), 1000 * statistics.median(peer_lists)
    figures.append(
        figure(f"list of {pods} pods, median", median, "ms", limit="<= 200", peer=PEER, peer_value=peer_median)
    )
    async with world_load.Watchers(session, url, watchers) as watching:
        count = await world_load.change_pods(session, url, rate=RATE, seconds=WATCH_S, pods=pods)
        await watching.until(count * watchers)
        memory = memory_mib(pid)
    peer_ages = await etcd_load.watch_ages_s(session, etcd, watchers=watchers, rate=RATE, seconds=WATCH_S)
    for share, limit in ((0.5, ""), (0.99, "<= 20")):
        name = f"request to {watchers} watchers, p{round(share * 100)}"
        own, peer = percentile_ms(watching.ages_s, share), percentile_ms(peer_ages, share)
        figures.append(figure(name, own, "ms", limit=limit, peer=PEER, peer_value=peer))
    figures.append(figure("memory of the server", memory, "MiB", limit="<= 300"))
    used = cpu_seconds(pid)
    rate = await world_load.report_statuses(session, url, changes=STATUSES, pods=pods)
    used = cpu_seconds(pid) - used
    figures.append(figure("statuses written", rate, "1/s"))
    figures.append(figure("statuses written per CPU second of the server", STATUSES / used, "1/s"))
    name = f"memory of the server after {STATUSES} more changes"
    figures.append(figure(name, memory_mib(pid), "MiB", limit="<= 300"))
    return figures


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--watchers", type=int, default=50)
    asked = parser.parse_args()
    report("world", run(asked.pods, asked.watchers))


if __name__ == "__main__":
    main()
