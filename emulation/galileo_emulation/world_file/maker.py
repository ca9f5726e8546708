"""Which world a file belongs to: its first line, and which other worlds may go on with it.

Pods are bound to nodes by name and chosen by zone, names of initial pods follow from the seed, and on a system with one
loopback address container ports are others. A world in which any of these differs would find itself among strangers,
so it is refused. Everything else of a scenario (durations, people, functions, sizes of nodes, settings) may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import orjson

from galileo_emulation.world_file.records import BadRecordError, content, line

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Maker:
    """`nodes` maps names to zones; `one_address`: everything is on 127.0.0.1."""

    scenario: str
    seed: int
    nodes: Mapping[str, str]
    one_address: bool


class NoWorldFileError(ValueError):
    """A first line that is none; the message says why."""


def first_line(maker: Maker) -> bytes:
    """The line with which a file begins."""
    return line(orjson.dumps({"galileo_world": FORMAT, **asdict(maker)}))


def read_first_line(text: bytes) -> Maker:
    """Who made a file, by its first line (without its end). Raises NoWorldFileError."""
    try:
        fields = orjson.loads(content(text))
        number = fields.pop("galileo_world")
    except (BadRecordError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise NoWorldFileError("this is no world file") from None
    if number != FORMAT:
        raise NoWorldFileError(f"the file is of version {number!r}, this Galileo reads and writes version {FORMAT}")
    try:
        return Maker(**fields)
    except TypeError:
        raise NoWorldFileError("its first line does not say which world made it") from None


def refusal(made_by: Maker, own: Maker) -> str:
    """Why a world may not go on with a file; empty when it may."""
    made = f"it was made by scenario {made_by.scenario!r}"
    if made_by.nodes != own.nodes:
        differing = sorted(
            name for name in {*made_by.nodes, *own.nodes} if made_by.nodes.get(name) != own.nodes.get(name)
        )
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        return f"{made} with other nodes or zones ({', '.join(differing[:3])}{more})"
    if made_by.seed != own.seed:
        return f"{made} with seed {made_by.seed}, from which names follow; this run has seed {own.seed}"
    if made_by.one_address != own.one_address:
        one, each = "one address for all pods", "an address for each pod"
        before, now = (one, each) if made_by.one_address else (each, one)
        return f"{made} with {before}; this run has {now}"
    return ""
