"""Reads `clients` of a scenario file: who calls which function, from where, how often, and when they move."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from galileo_experiments.located_yaml import Located
from galileo_experiments.moment import KEYS, RunLength, read_moment
from galileo_experiments.scenario import ARRIVALS, Arrivals, ClientGroup, Phase
from galileo_experiments.section import Section, choice, items


def read_clients(
    located: Located, *, functions: Sequence[str], zones: Sequence[str], length: RunLength
) -> tuple[ClientGroup, ...]:
    """All client groups. Phases given in percent follow the duration; phases given in seconds stay."""
    return tuple(_group(entry, functions, zones, length) for entry in items(located, what="client groups"))


def _group(located: Located, functions: Sequence[str], zones: Sequence[str], length: RunLength) -> ClientGroup:
    section = Section(located, what="a client group", known=("function", "arrivals", "phases"))
    function = choice(section.need("function", "the function they call"), functions, what="function")
    phases = items(section.need("phases", "where they are, and when"), what="phases")
    starts = [_Start.read(phase, zones, length) for phase in phases]
    for earlier, later in itertools.pairwise(starts):
        if later.at_s <= earlier.at_s:
            raise later.located.place.error(
                f"phases follow one another: this one starts at {later.at_s:g} s, the one before at {earlier.at_s:g} s"
            )
    ends = [start.at_s for start in starts[1:]] + [length.duration_s]
    return ClientGroup(
        function=function,
        arrivals=_arrivals(section),
        phases=tuple(
            Phase(start_s=start.at_s, end_s=end_s, zone=start.zone, rps=start.rps)
            for start, end_s in zip(starts, ends, strict=True)
        ),
    )


def _arrivals(section: Section) -> Arrivals:
    located = section.get("arrivals")
    if located is None:
        return ARRIVALS[0]
    name = choice(located, ARRIVALS, what="arrival process")
    return next(known for known in ARRIVALS if known == name)


class _Start(NamedTuple):
    located: Located
    at_s: float
    zone: str
    rps: float

    @classmethod
    def read(cls, located: Located, zones: Sequence[str], length: RunLength) -> _Start:
        section = Section(located, what="a phase", known=(*KEYS, "zone", "rps"))
        return cls(
            located,
            read_moment(section, length, what="phase"),
            choice(section.need("zone", "where they are"), zones, what="zone"),
            section.number("rps", "requests per second"),
        )
