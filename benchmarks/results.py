"""What a benchmark found: printed as a table, written as JSON, appended to the history."""

from __future__ import annotations

import csv
import platform
import subprocess
import time
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent


class Figure(msgspec.Struct, kw_only=True):
    """One figure; `limit` is what it has to keep to, in words. `ratio` is value over peer_value."""

    name: str
    value: float
    unit: str
    limit: str = ""
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None


def figure(name: str, value: float, unit: str, *, limit: str = "", peer: str = "", peer_value: float = 0.0) -> Figure:
    """A figure, with its ratio to the peer's where there is a peer."""
    if not peer:
        return Figure(name=name, value=round(value, 3), unit=unit, limit=limit)
    ratio = round(value / peer_value, 3) if peer_value else None
    rounded = round(value, 3), round(peer_value, 3)
    return Figure(name=name, value=rounded[0], unit=unit, limit=limit, peer=peer, peer_value=rounded[1], ratio=ratio)


def report(benchmark: str, figures: list[Figure]) -> None:
    """Print the figures and keep them."""
    for row in figures:
        peer = f"   {row.peer}: {row.peer_value:g} (ratio {row.ratio:g})" if row.peer and row.ratio is not None else ""
        limit = f"   [{row.limit}]" if row.limit else ""
        print(f"{row.name:<44} {row.value:>10g} {row.unit:<10}{limit}{peer}")
    target = FOLDER / "results" / f"{benchmark}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    _append(benchmark, figures)


def _append(benchmark: str, figures: list[Figure]) -> None:
    history = FOLDER / "history.csv"
    new = not history.exists()
    with history.open("a", newline="") as file:
        rows = csv.writer(file)
        if new:
            rows.writerow(["time", "commit", "machine", "benchmark", "name", "value", "unit", "peer", "peer_value"])
        for row in figures:
            rows.writerow(
                [
                    time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                    _commit(),
                    f"{platform.machine()} Python {platform.python_version()}",
                    benchmark,
                    row.name,
                    row.value,
                    row.unit,
                    row.peer,
                    "" if row.peer_value is None else row.peer_value,
                ]
            )


def _commit() -> str:
    answer = subprocess.run(
        ["git", "-C", str(FOLDER), "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"
