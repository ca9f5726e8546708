"""How fast the bus is: `python -m benchmarks.bench_bus [--frames N] [--rounds N]`.

Shipped services in processes of their own, meta and metrics on, paced publishers. Peers in the same run: redis-py's
`listen()` with the same validation, and FastStream with a pydantic model. Each figure is the median of its rounds; the
rounds of ours and the peers' alternate, so that the machine's other work meets all alike.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bus_run import import_s, peer_cpu_s, publish, receiver, service, valkey
from benchmarks.results import Figure, figure, report

RATE = 150_000.0
COUNT = 450_000
REDIS_PY_RATE = 60_000.0
REDIS_PY_COUNT = 180_000
FASTSTREAM_COUNT = 15_000
IGNORED_COUNT = 600_000
IGNORED_RATE = 150_000.0
MEMORY_FRAMES = 10_000_000
MEMORY_RATE = 100_000.0
LATENCY_RATE = 20_000.0
IDLE_S = 10.0


def main(frames: int, rounds: int) -> None:
    """Measure all and report."""
    with tempfile.TemporaryDirectory() as folder, valkey(Path(folder)) as port:
        figures = [
            *reading(port, rounds),
            *speaking(port, rounds),
            *latency(port, rounds),
            *footprint(port, rounds),
            *memory(port, frames),
        ]
    report("bus", figures)


def reading(port: int, rounds: int) -> list[Figure]:
    """Events per CPU second: subscribe, decode, validate, dispatch to a typed handler."""
    ours, redis_py, faststream, ignored, beyond = [], [], [], [], []
    for _ in range(rounds):
        ours.append(COUNT / reader_cpu_s(port, COUNT, "api_pressure"))
        redis_py.append(REDIS_PY_COUNT / peer_cpu_s("redis_py_listen.py", port, REDIS_PY_COUNT, REDIS_PY_RATE))
        faststream.append(
            FASTSTREAM_COUNT / peer_cpu_s("faststream_app.py", port, FASTSTREAM_COUNT, REDIS_PY_RATE, "--bare")
        )
        taken = reader_cpu_s(port, IGNORED_COUNT, "pressure_dist")
        ignored.append(1e6 * (taken - receiver_cpu_s(port, IGNORED_COUNT)) / IGNORED_COUNT)
        hiredis = peer_cpu_s("bare_protocol.py", port, IGNORED_COUNT, IGNORED_RATE)
        beyond.append(1e6 * (taken - hiredis) / IGNORED_COUNT)
    read, slower, slowest = (statistics.median(rates) for rates in (ours, redis_py, faststream))
    return [
        figure("events read", read, "/CPU s", limit="≥ 300,000 and 4 ×", peer="redis-py", peer_value=slower),
        figure("events read", read, "/CPU s", limit="≥ 40 ×", peer="FastStream", peer_value=slowest),
        figure("an ignored event, beyond the protocol", statistics.median(ignored), "µs", limit="≤ 0.2"),
        figure("an ignored event, beyond hiredis alone", statistics.median(beyond), "µs"),
    ]


def reader_cpu_s(port: int, count: int, name: str) -> float:
    """CPU seconds of a reader for so many events of that name, heard or ignored."""
    with service("bench_reader", port) as reader:
        before = reader.cpu_s()
        rate = RATE if name == "api_pressure" else IGNORED_RATE
        publish(port, count - 1, rate, "--name", name)
        publish(port, 1, rate)  # one that it does not ignore, as the sign that it has read all
        reader.until("handled", 1 if name != "api_pressure" else count)
        return reader.cpu_s() - before


def receiver_cpu_s(port: int, count: int) -> float:
    """CPU seconds of our own link and protocol for so many messages, which are dropped."""
    with receiver(port) as process:
        before = process.cpu_s()
        publish(port, count, IGNORED_RATE, "--name", "pressure_dist")
        time.sleep(0.5)  # the server has sent them all; the last may still be on their way
        return process.cpu_s() - before


def speaking(port: int, rounds: int) -> list[Figure]:
    """Events a second, from the first call to the server's last answer."""
    return [
        figure("observations said", said(port, rounds, "observations", 300_000), "/s", limit="≥ 150,000"),
        figure("decisions journaled", said(port, rounds, "decisions", 30_000), "/s", limit="≥ 10,000"),
        figure("record lines kept", said(port, rounds, "records", 300_000), "/s", limit="≥ 100,000"),
    ]


def said(port: int, rounds: int, what: str, count: int) -> float:
    def once() -> float:
        with service("bench_speaker", port, bench_say=what, bench_count=str(count)) as speaker:
            return count / speaker.until("took_s", 1e-9)["took_s"]

    return median_of(once, rounds)


def latency(port: int, rounds: int) -> list[Figure]:
    """From a frame's time to its handler."""
    count = int(LATENCY_RATE * 5.0)

    def once() -> float:
        with service("bench_waiter", port) as waiter:
            publish(port, count, LATENCY_RATE)
            return waiter.until("handled", count)["p99_ms"]

    return [figure("publish to handler, p99 at 20,000/s", median_of(once, rounds), "ms", limit="≤ 1")]


def memory(port: int, frames: int) -> list[Figure]:
    """Resident memory after the first tenth of the frames and after all."""
    with service("bench_reader", port) as reader:
        publish(port, frames // 10, MEMORY_RATE)
        reader.until("handled", frames // 10)
        first = reader.memory_mib()
        publish(port, frames - frames // 10, MEMORY_RATE)
        reader.until("handled", frames)
        last = reader.memory_mib()
    return [
        figure(f"memory after {frames // 10:,} frames", first, "MiB"),
        figure(f"memory after {frames:,} frames", last, "MiB", limit="flat"),
    ]


def footprint(port: int, rounds: int) -> list[Figure]:
    """What a service with one handler takes before anything is said: to import, in memory, of a core."""
    with service("bench_reader", port) as reader:
        time.sleep(1.0)  # what starting takes is not idling
        before = reader.cpu_s()
        time.sleep(IDLE_S)
        share = 100.0 * (reader.cpu_s() - before) / IDLE_S
        idle_mib = reader.memory_mib()
    return [
        figure("import of a service with one handler", median_of(import_s, rounds), "s", limit="≤ 0.3"),
        figure("memory of an idle service", idle_mib, "MiB", limit="≤ 60"),
        figure("CPU of an idle service", share, "% of a core", limit="< 1"),
    ]


def median_of(measure: Callable[[], float], rounds: int) -> float:
    """The median of so many measurements."""
    return statistics.median(measure() for _ in range(rounds))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=MEMORY_FRAMES, help="frames over which memory has to stay flat")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    main(chosen.frames, chosen.rounds)
